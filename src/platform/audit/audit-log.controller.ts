import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock, DAY, after } from '../../kernel/clock.js';
import { NO_MERCHANT } from '../../kernel/ids.js';
import { EventEntity } from '../events/event.entity.js';
import { IdField, InstantField, PatternField } from '../http/fields.js';
import { Problems } from '../http/openapi-problems.js';
import { PageQuery, PageView, numberCursor, pageOf, type Page } from '../http/paging.js';
import { RequireScope } from '../http/security.js';

/** Further back than that only who says so looks: the log has months of everything. In days. */
const USUALLY_LOOKED_AT = 31;

class AuditQuery extends PageQuery {
  @PatternField({
    description: 'Only what this one did: `api_key:<id>`, `gateway:alipay`, `system:<task>`, `address:<ip>`.',
    pattern: /^[a-z_]{1,20}:[\w.:/-]{1,100}$/,
    says: 'must be an actor, such as api_key:01890000-0000-7000-8000-000000000000',
    optional: true,
  })
  readonly actor?: string;

  @PatternField({
    description: 'Only what is of this type.',
    example: 'merchant.api_key_issued',
    pattern: /^[a-z_]{1,40}\.[a-z_]{1,60}$/,
    says: 'must be a type of event, such as merchant.api_key_issued',
    optional: true,
  })
  readonly type?: string;

  @IdField({ description: 'Only what concerns this merchant.', optional: true })
  readonly merchantId?: string;

  @InstantField({ description: `Only since then; ${USUALLY_LOOKED_AT} days ago where absent.`, optional: true })
  readonly from?: string;

  @InstantField({ description: 'Only before then.', optional: true })
  readonly to?: string;
}

class AuditEntryView {
  @ApiProperty({ format: 'uuid', description: 'The id of the event.' })
  readonly id!: string;

  @ApiProperty({ description: 'What happened.', example: 'merchant.api_key_issued' })
  readonly type!: string;

  @ApiProperty({ format: 'date-time', description: 'When it was written down.' })
  readonly occurredAt!: string;

  @ApiProperty({ description: 'Who did it.', example: 'api_key:01890000-0000-7000-8000-000000000000' })
  readonly actor!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'Whose it is; null where it is no merchant’s.' })
  readonly merchantId!: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The order that it belongs to.' })
  readonly orderId!: string | null;

  @ApiProperty({ description: 'The request (`X-Request-Id`), callback or job that it all began with.' })
  readonly correlationId!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The event that this followed from.' })
  readonly causationId!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'The particulars, by type.' })
  readonly facts!: Record<string, unknown>;
}

const AuditLog = PageView(AuditEntryView);

/** Who did what: a read of the event log, of every merchant, for those who run the system. */
@ApiTags('operations')
@Controller('v1/admin/audit-log')
export class AuditLogController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {}

  @Get()
  @RequireScope('admin')
  @ApiOperation({
    summary: 'Who did what',
    description:
      'Every change of every merchant, newest first, with who made it; and who was refused, counted by the minute. `correlationId` is the request’s X-Request-Id.',
  })
  @ApiOkResponse({ type: AuditLog })
  @Problems('invalid_request')
  async list(@Query() query: AuditQuery): Promise<Page<AuditEntryView>> {
    const { limit, cursor, actor, type, merchantId, from, to } = query;
    const found = this.dataSource
      .getRepository(EventEntity)
      .createQueryBuilder('e')
      // By their time as well, so that the months that cannot have it are not looked at.
      .where('e.occurredAt >= :from', { from: from ?? after(this.clock.now(), -USUALLY_LOOKED_AT * DAY) });
    const before = numberCursor(cursor);
    if (before !== undefined) found.andWhere('e.seq < :before', { before });
    if (to !== undefined) found.andWhere('e.occurredAt < :to', { to });
    if (actor !== undefined) found.andWhere('e.actor = :actor', { actor });
    if (type !== undefined) found.andWhere('e.type = :type', { type });
    if (merchantId !== undefined) found.andWhere('e.merchantId = :merchantId', { merchantId });
    const rows = await found
      .orderBy('e.seq', 'DESC')
      .limit(limit + 1)
      .getMany();
    return pageOf(rows, limit, ({ seq }) => seq, show);
  }
}

function show({ id, type, occurredAt, actor, merchantId, orderId, correlationId, causationId, facts }: EventEntity): AuditEntryView {
  const whose = merchantId === NO_MERCHANT ? null : merchantId;
  return { id, type, occurredAt: occurredAt.toISOString(), actor, merchantId: whose, orderId, correlationId, causationId, facts };
}
