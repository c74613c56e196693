import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import type { Caller } from '../contracts/api-keys.port.js';
import { Commands, type CommandRequest } from '../platform/commands/commands.js';
import { Reads } from '../platform/database/reads.js';
import { CommandParam, Idempotent } from '../platform/http/command-request.js';
import { AmountField, IntegerField, ListField, SkuField, TextField } from '../platform/http/fields.js';
import { NoFields } from '../platform/http/no-fields.js';
import { Problems } from '../platform/http/openapi-problems.js';
import { PageQuery, PageView, idCursor, pageOf, type Page } from '../platform/http/paging.js';
import { IdParam } from '../platform/http/path-parameters.js';
import { AdmittedByCommand, CallerParam, RequireScope } from '../platform/http/security.js';
import { PaymentStore, noSuchOrder, noSuchRefund } from './payment.store.js';
import { RefundView, showRefund } from './payment.view.js';
import { RequestRefunds, type WantedRefund } from './request-refunds.js';

class RestockedUnits {
  @SkuField({ description: 'The SKU.', example: 'SAMPLE-TEA' })
  readonly sku!: string;

  @IntegerField({ description: 'How many.', example: 1, min: 1, max: 9999 })
  readonly quantity!: number;
}

class RequestRefundBody {
  @AmountField({ description: 'In minor units; all that is left where absent.', example: 5000, min: 1, optional: true })
  readonly amount?: number;

  @TextField({ description: 'Why; the payer may read it.', example: 'damaged in transit', max: 200 })
  readonly reason!: string;

  @ListField<RestockedUnits>(() => RestockedUnits, {
    description: 'Units to put on sale again: first those that never left (they will not be shipped), then those that came back.',
    example: [{ sku: 'SAMPLE-TEA', quantity: 1 }],
    min: 0,
    max: 100,
    unique: ({ sku }) => sku,
    optional: true,
  })
  readonly restock?: RestockedUnits[];
}

const RefundPage = PageView(RefundView);

@ApiTags('refunds')
@Controller('v1')
export class RefundController {
  private readonly requestTogether: (request: CommandRequest, wanted: WantedRefund) => Promise<RefundView>;

  constructor(
    private readonly refunds: RequestRefunds,
    private readonly commands: Commands,
    private readonly store: PaymentStore,
    private readonly reads: Reads,
  ) {
    this.requestTogether = commands.batched(
      { act: async (work, members) => (await refunds.request(work, members)).map(showRefund) },
      ({ orderId }) => orderId,
    );
  }

  @Post('orders/:id/refunds')
  @RequireScope('refunds:write')
  @AdmittedByCommand()
  @Idempotent()
  @ApiOperation({
    summary: 'Refund an order',
    description: 'In full or in part; several may be under way at once and never exceed what was paid.',
  })
  @ApiCreatedResponse({ type: RefundView })
  @Problems('not_found', 'order_not_paid', 'refund_exceeds_paid', 'units_exceed_order')
  request(
    @CallerParam() { merchantId }: Caller,
    @IdParam('id', 'The id of the order.') orderId: string,
    @Body() body: RequestRefundBody,
    @CommandParam() request: CommandRequest,
  ): Promise<RefundView> {
    return this.requestTogether(request, { merchantId, orderId, ...body });
  }

  @Get('orders/:id/refunds')
  @RequireScope('refunds:read')
  @ApiOperation({ summary: "List an order's refunds", description: 'Newest first, with those that the system made by itself.' })
  @ApiOkResponse({ type: RefundPage })
  @Problems('invalid_request', 'not_found')
  async list(
    @CallerParam() { merchantId }: Caller,
    @IdParam('id', 'The id of the order.') orderId: string,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<RefundView>> {
    const before = idCursor(cursor);
    if (!(await this.store.isThere(this.reads, merchantId, orderId))) throw noSuchOrder();
    const rows = await this.store.refundsOfOrder(this.reads, orderId, limit + 1, before);
    return pageOf(rows, limit, ({ id }) => id, showRefund);
  }

  @Get('refunds/:id')
  @RequireScope('refunds:read')
  @ApiOperation({ summary: 'Read a refund', description: 'As of the last commit.' })
  @ApiOkResponse({ type: RefundView })
  @Problems('not_found')
  async read(@CallerParam() { merchantId }: Caller, @IdParam('id', 'The id of the refund.') id: string): Promise<RefundView> {
    const [refund] = await this.store.refunds(this.reads, [id]);
    if (refund?.merchantId !== merchantId) throw noSuchRefund();
    return showRefund(refund);
  }

  @Post('refunds/:id/retry')
  @HttpCode(200)
  @RequireScope('refunds:write')
  @NoFields()
  @Idempotent()
  @ApiOperation({
    summary: 'Try a failed refund again',
    description:
      'Under a new number at the gateway, once what stood against it is gone. Money that no order could use is sent back this way too.',
  })
  @ApiOkResponse({ type: RefundView })
  @Problems('not_found', 'illegal_transition', 'refund_exceeds_paid')
  retry(
    @CallerParam() { merchantId }: Caller,
    @IdParam('id', 'The id of the refund.') id: string,
    @CommandParam() request: CommandRequest,
  ): Promise<RefundView> {
    return this.commands.run(request, async (work) => showRefund(await this.refunds.retry(work, id, merchantId)));
  }
}
