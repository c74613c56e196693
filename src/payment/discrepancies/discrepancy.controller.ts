import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import type { Caller } from '../../contracts/api-keys.port.js';
import type { Money } from '../../kernel/money.js';
import { Commands, type CommandRequest } from '../../platform/commands/commands.js';
import { CommandParam, Idempotent } from '../../platform/http/command-request.js';
import { ChoiceField, FlagField, TextField } from '../../platform/http/fields.js';
import { Problems } from '../../platform/http/openapi-problems.js';
import { PageQuery, PageView, idCursor, pageOf, type Page } from '../../platform/http/paging.js';
import { IdParam } from '../../platform/http/path-parameters.js';
import { CallerParam, RequireScope } from '../../platform/http/security.js';
import { GATEWAY_NAMES, type GatewayName } from '../gateway/gateway.js';
import { SendRefunds } from '../send-refunds.js';
import { SettleAttempts } from '../settle-attempts.js';
import { DISCREPANCY_KINDS, DiscrepancyEntity, type DiscrepancyKind } from './discrepancy.entity.js';
import { Discrepancies, noSuchDiscrepancy } from './discrepancies.js';

const STATUSES = ['open', 'resolved'] as const;
type Status = (typeof STATUSES)[number];

class MoneyView {
  @ApiProperty({ type: 'integer', description: 'In minor units.', example: 15000 })
  readonly amount!: number;

  @ApiProperty({ description: 'An ISO 4217 code.', example: 'CNY' })
  readonly currency!: string;
}

class DiscrepancyView {
  @ApiProperty({ format: 'uuid', description: 'The id of the discrepancy.' })
  readonly id!: string;

  @ApiProperty({
    enum: DISCREPANCY_KINDS,
    description:
      '`amount_mismatch`, `currency_mismatch`: paid with something else than is due. `wrong_app`, `wrong_merchant`: a genuine notice that is for somebody else. `refund_mismatch`: a refund gave back something else. `returned_elsewhere`: money went back by no refund of ours.',
    example: 'amount_mismatch',
  })
  readonly kind!: DiscrepancyKind;

  @ApiProperty({ enum: STATUSES, description: 'Whether a person has dealt with it.', example: 'open' })
  readonly status!: Status;

  @ApiProperty({ enum: GATEWAY_NAMES, description: 'The gateway that says so.', example: 'alipay' })
  readonly gateway!: GatewayName;

  @ApiProperty({ type: String, nullable: true, description: 'The trade that it is about.' })
  readonly outTradeNo!: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The order that it is about.' })
  readonly orderId!: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The payment attempt that it is about.' })
  readonly paymentId!: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The refund that it is about.' })
  readonly refundId!: string | null;

  @ApiProperty({ type: MoneyView, nullable: true, description: 'What our books say.' })
  readonly expected!: Money | null;

  @ApiProperty({ type: MoneyView, nullable: true, description: 'What the gateway says.' })
  readonly found!: Money | null;

  @ApiProperty({ description: 'In words.' })
  readonly detail!: string;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'The callback that showed it first; null where an answer did.',
  })
  readonly callbackId!: string | null;

  @ApiProperty({ type: 'integer', description: 'How often it was seen.', example: 1 })
  readonly times!: number;

  @ApiProperty({ format: 'date-time', description: 'When it was seen first.' })
  readonly openedAt!: string;

  @ApiProperty({ format: 'date-time', description: 'When it was seen last.' })
  readonly lastSeenAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When it was resolved.' })
  readonly resolvedAt!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'What was done about it.' })
  readonly resolution!: string | null;
}

class ListDiscrepanciesQuery extends PageQuery {
  @ChoiceField({ description: 'Only open or only resolved ones.', of: STATUSES, optional: true })
  readonly status?: Status;

  @ChoiceField({ description: 'Only of this kind.', of: DISCREPANCY_KINDS, optional: true })
  readonly kind?: DiscrepancyKind;
}

class ResolveBody {
  @TextField({ description: 'What was done about it.', example: 'given back in the portal', max: 500 })
  readonly resolution!: string;

  @FlagField({
    description:
      'Also ends the payment attempt as `closed`, because its money went back or will never come: it is then asked about no more.',
    optional: true,
  })
  readonly closePayment?: boolean;

  @FlagField({
    description: 'Also ends the refund as `failed`: it is asked about no more, and what it set aside can be refunded again.',
    optional: true,
  })
  readonly failRefund?: boolean;
}

const DiscrepancyPage = PageView(DiscrepancyView);

function show(discrepancy: DiscrepancyEntity): DiscrepancyView {
  const { id, kind, gateway, outTradeNo, orderId, attemptId, refundId, expected, found, detail, callbackId, times, resolution } =
    discrepancy;
  return {
    ...{
      id,
      kind,
      status: discrepancy.resolvedAt === null ? 'open' : 'resolved',
      gateway,
      outTradeNo,
      orderId,
      paymentId: attemptId,
      refundId,
    },
    ...{ expected, found, detail, callbackId, times },
    openedAt: discrepancy.openedAt.toISOString(),
    lastSeenAt: discrepancy.lastSeenAt.toISOString(),
    resolvedAt: discrepancy.resolvedAt?.toISOString() ?? null,
    resolution,
  };
}

@ApiTags('discrepancies')
@Controller('v1/discrepancies')
export class DiscrepancyController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly commands: Commands,
    private readonly discrepancies: Discrepancies,
    private readonly settling: SettleAttempts,
    private readonly refunds: SendRefunds,
  ) {}

  @Get()
  @RequireScope('discrepancies:read')
  @ApiOperation({
    summary: 'Where a gateway and our books disagree',
    description: 'Newest first. Nothing was changed by any of them: each waits for a person.',
  })
  @ApiOkResponse({ type: DiscrepancyPage })
  @Problems('invalid_request')
  async list(@CallerParam() caller: Caller, @Query() query: ListDiscrepanciesQuery): Promise<Page<DiscrepancyView>> {
    const found = this.visibleTo(caller);
    const before = idCursor(query.cursor);
    if (before !== undefined) found.andWhere('d.id < :before', { before });
    if (query.status !== undefined) found.andWhere(query.status === 'open' ? 'd.resolvedAt IS NULL' : 'd.resolvedAt IS NOT NULL');
    if (query.kind !== undefined) found.andWhere('d.kind = :kind', { kind: query.kind });
    const rows = await found
      .orderBy('d.id', 'DESC')
      .limit(query.limit + 1)
      .getMany();
    return pageOf(rows, query.limit, ({ id }) => id, show);
  }

  @Get(':id')
  @RequireScope('discrepancies:read')
  @ApiOperation({ summary: 'Read a discrepancy', description: 'What the gateway says, and what our books say.' })
  @ApiOkResponse({ type: DiscrepancyView })
  @Problems('not_found')
  async read(@CallerParam() caller: Caller, @IdParam('id', 'The id of the discrepancy.') id: string): Promise<DiscrepancyView> {
    const found = await this.visibleTo(caller).andWhere('d.id = :id', { id }).getOne();
    if (!found) throw noSuchDiscrepancy();
    return show(found);
  }

  @Post(':id/resolve')
  @HttpCode(200)
  @RequireScope('discrepancies:write')
  @Idempotent()
  @ApiOperation({
    summary: 'Resolve a discrepancy',
    description: 'Once a person has dealt with it. If it is seen again, it is opened anew.',
  })
  @ApiOkResponse({ type: DiscrepancyView })
  @Problems('not_found', 'illegal_transition')
  resolve(
    @CallerParam() { merchantId, scopes }: Caller,
    @IdParam('id', 'The id of the discrepancy.') id: string,
    @Body() body: ResolveBody,
    @CommandParam() request: CommandRequest,
  ): Promise<DiscrepancyView> {
    return this.commands.run(request, async (work) => {
      const resolved = await this.discrepancies.resolve(work, id, merchantId, scopes.includes('admin'), body.resolution);
      if (body.closePayment === true) await this.settling.endDisputed(work, resolved);
      if (body.failRefund === true) await this.refunds.endDisputed(work, resolved);
      return show(resolved);
    });
  }

  /** A merchant's own, and for those who run the system also what belongs to nobody. */
  private visibleTo({ merchantId, scopes }: Caller) {
    const mine = scopes.includes('admin') ? '(d.merchantId = :merchantId OR d.merchantId IS NULL)' : 'd.merchantId = :merchantId';
    return this.dataSource.getRepository(DiscrepancyEntity).createQueryBuilder('d').where(mine, { merchantId });
  }
}
