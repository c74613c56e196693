import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';

import type { Caller } from '../contracts/api-keys.port.js';
import { Commands, type CommandRequest } from '../platform/commands/commands.js';
import { CommandParam, Idempotent } from '../platform/http/command-request.js';
import { NoFields } from '../platform/http/no-fields.js';
import { Problems } from '../platform/http/openapi-problems.js';
import { PageView, pageOf, type Page } from '../platform/http/paging.js';
import { IdParam } from '../platform/http/path-parameters.js';
import { AdmittedByCommand, CallerParam, RequireScope } from '../platform/http/security.js';
import { CloseOrders, type WantedCancellation } from './close-orders.js';
import { FulfilOrders } from './fulfil-orders.js';
import { CancelOrderBody, ListOrdersQuery, PlaceOrderBody, ShipOrderBody } from './order.requests.js';
import { OrderView, ShipmentView, showOrder, showShipment } from './order.view.js';
import { OrderQueries } from './order-queries.js';
import { PlaceOrders, type WantedOrder } from './place-orders.js';

const OrderPage = PageView(OrderView);

@ApiTags('orders')
@Controller('v1/orders')
export class OrderController {
  private readonly placeTogether: (request: CommandRequest, wanted: WantedOrder) => Promise<OrderView>;
  private readonly cancelTogether: (request: CommandRequest, wanted: WantedCancellation) => Promise<OrderView>;

  constructor(
    private readonly commands: Commands,
    private readonly queries: OrderQueries,
    private readonly fulfilOrders: FulfilOrders,
    placeOrders: PlaceOrders,
    closeOrders: CloseOrders,
  ) {
    this.placeTogether = commands.batched({
      ahead: (work, members) => placeOrders.pricesFor(work, members),
      presumed: (work, members) => placeOrders.presumedPricesFor(work, members),
      act: (work, members, prices) => placeOrders.place(work, members, prices).map(showOrder),
    });
    this.cancelTogether = commands.batched(
      { act: async (work, members) => (await closeOrders.cancel(work, members)).map(showOrder) },
      ({ orderId }) => orderId,
    );
  }

  @Post()
  @RequireScope('orders:write')
  @AdmittedByCommand()
  @Idempotent()
  @ApiOperation({ summary: 'Place an order', description: 'Its stock is reserved in the same commit, or it is not placed.' })
  @ApiCreatedResponse({ type: OrderView })
  @Problems('insufficient_stock', 'unknown_sku', 'mixed_currencies', 'amount_too_large', 'nothing_due')
  place(@CallerParam() { merchantId }: Caller, @Body() body: PlaceOrderBody, @CommandParam() request: CommandRequest): Promise<OrderView> {
    return this.placeTogether(request, { merchantId, ...body });
  }

  @Get()
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'List the orders', description: 'Newest first; the filters narrow it down together.' })
  @ApiOkResponse({ type: OrderPage })
  @Problems('invalid_request')
  async list(@CallerParam() { merchantId }: Caller, @Query() query: ListOrdersQuery): Promise<Page<OrderView>> {
    return pageOf(await this.queries.list(merchantId, query), query.limit, ({ id }) => id, showOrder);
  }

  @Get(':id')
  @RequireScope('orders:read')
  @ApiOperation({ summary: 'Read an order', description: 'As of the last commit.' })
  @ApiOkResponse({ type: OrderView })
  @Problems('not_found')
  async read(@CallerParam() { merchantId }: Caller, @IdParam('id', 'The id of the order.') id: string): Promise<OrderView> {
    return showOrder(await this.queries.get(merchantId, id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @RequireScope('orders:write')
  @AdmittedByCommand()
  @Idempotent()
  @ApiOperation({
    summary: 'Cancel an order',
    description:
      'Unpaid: `closing` until nothing is open at a gateway, then `cancelled`; if it turns out to be paid, it is paid instead. Paid and unshipped: the money goes back, the units are for sale again, `cancelled`. Once something was shipped: 409.',
  })
  @ApiBody({ type: CancelOrderBody, required: false })
  @ApiOkResponse({ type: OrderView })
  @Problems('not_found', 'illegal_transition')
  cancel(
    @CallerParam() { merchantId }: Caller,
    @IdParam('id', 'The id of the order.') id: string,
    @Body() { reason }: CancelOrderBody,
    @CommandParam() request: CommandRequest,
  ): Promise<OrderView> {
    return this.cancelTogether(request, { merchantId, orderId: id, reason });
  }

  @Post(':id/shipments')
  @RequireScope('orders:write')
  @Idempotent()
  @ApiOperation({ summary: 'Ship an order', description: 'Whole or in part. With the last unit the order is `shipped`.' })
  @ApiCreatedResponse({ type: ShipmentView })
  @Problems('not_found', 'illegal_transition', 'order_refunded', 'units_exceed_order')
  ship(
    @CallerParam() { merchantId }: Caller,
    @IdParam('id', 'The id of the order.') id: string,
    @Body() body: ShipOrderBody,
    @CommandParam() request: CommandRequest,
  ): Promise<ShipmentView> {
    return this.commands.run(request, async (work) => showShipment(await this.fulfilOrders.ship(work, merchantId, id, body)));
  }

  @Post(':id/complete')
  @HttpCode(200)
  @RequireScope('orders:write')
  @NoFields()
  @Idempotent()
  @ApiOperation({ summary: 'Confirm receipt', description: 'It also happens by itself some days after the last parcel left.' })
  @ApiOkResponse({ type: OrderView })
  @Problems('not_found', 'illegal_transition')
  complete(
    @CallerParam() { merchantId }: Caller,
    @IdParam('id', 'The id of the order.') id: string,
    @CommandParam() request: CommandRequest,
  ): Promise<OrderView> {
    return this.commands.run(request, async (work) => showOrder(await this.fulfilOrders.complete(work, merchantId, id)));
  }
}
