import { ApiProperty } from '@nestjs/swagger';

import type { OrderEntity, OrderLineEntity, ShipmentEntity } from './order.entity.js';
import {
  ORDER_STATUSES,
  ORDER_STATUS_LABELS,
  PAYMENT_STATUSES,
  paymentStatusOf,
  type OrderStatus,
  type PaymentStatus,
} from './order-status.js';

export class LabelView {
  @ApiProperty({ description: 'In English.', example: 'Awaiting payment' })
  readonly en!: string;

  @ApiProperty({ description: 'In Chinese.', example: '待付款' })
  readonly zh!: string;
}

export class OrderLineView {
  @ApiProperty({ description: 'The SKU.', example: 'TEA-500G' })
  readonly sku!: string;

  @ApiProperty({ description: 'The name it was sold under.', example: 'Longjing tea, 500 g' })
  readonly name!: string;

  @ApiProperty({ type: 'integer', description: 'The price of one when the order was placed, in minor units.', example: 15000 })
  readonly unitPrice!: number;

  @ApiProperty({ type: 'integer', description: 'How many were ordered.', example: 2 })
  readonly quantity!: number;

  @ApiProperty({ type: 'integer', description: '`unitPrice` times `quantity`.', example: 30000 })
  readonly amount!: number;

  @ApiProperty({ type: 'integer', description: 'How many have left.', example: 0 })
  readonly shippedQuantity!: number;

  @ApiProperty({
    type: 'integer',
    description: 'How many will not be shipped: refunded and restocked before they left, or cancelled with the order.',
    example: 0,
  })
  readonly cancelledQuantity!: number;

  @ApiProperty({ type: 'integer', description: 'How many came back and were restocked.', example: 0 })
  readonly returnedQuantity!: number;
}

export class OrderView {
  @ApiProperty({ format: 'uuid', description: 'The id of the order.' })
  readonly id!: string;

  @ApiProperty({ description: 'The number that people read out.', example: '202611227F3KQ9XW2MZC' })
  readonly number!: string;

  @ApiProperty({ enum: ORDER_STATUSES, description: 'Where the order stands.', example: 'pending_payment' })
  readonly status!: OrderStatus;

  @ApiProperty({ type: LabelView, description: '`status` in words.' })
  readonly statusLabel!: LabelView;

  @ApiProperty({ enum: PAYMENT_STATUSES, description: "What the order's money says.", example: 'unpaid' })
  readonly paymentStatus!: PaymentStatus;

  @ApiProperty({ description: 'Your own name for the customer.', example: 'c-1001' })
  readonly customerId!: string;

  @ApiProperty({ description: 'An ISO 4217 code.', example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ type: [OrderLineView], description: 'What was ordered.' })
  readonly items!: OrderLineView[];

  @ApiProperty({ type: 'integer', description: 'The sum of the lines, in minor units.', example: 30000 })
  readonly itemsAmount!: number;

  @ApiProperty({ type: 'integer', description: 'In minor units.', example: 0 })
  readonly shippingFee!: number;

  @ApiProperty({ type: 'integer', description: '`itemsAmount` plus `shippingFee`.', example: 30000 })
  readonly amountDue!: number;

  @ApiProperty({
    type: 'integer',
    description: 'What has been paid for this order. Money that it could not use is not counted: it goes back by itself.',
    example: 0,
  })
  readonly amountPaid!: number;

  @ApiProperty({ type: 'integer', description: 'What has gone back of it.', example: 0 })
  readonly amountRefunded!: number;

  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, description: 'As you gave it.' })
  readonly shippingAddress!: Record<string, unknown> | null;

  @ApiProperty({ type: String, nullable: true, description: 'As you gave it.' })
  readonly note!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'As you gave it.' })
  readonly metadata!: Record<string, unknown>;

  @ApiProperty({ format: 'date-time', description: 'When it is cancelled by itself if nobody has paid.' })
  readonly expiresAt!: string;

  @ApiProperty({ format: 'date-time', description: 'When it was placed.' })
  readonly createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: "When it was paid, by the gateway's clock." })
  readonly paidAt!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When the last parcel left.' })
  readonly shippedAt!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When receipt was confirmed.' })
  readonly completedAt!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When it was cancelled.' })
  readonly cancelledAt!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'Why it was cancelled.' })
  readonly cancelReason!: string | null;
}

export class ShipmentItemView {
  @ApiProperty({ description: 'The SKU.', example: 'TEA-500G' })
  readonly sku!: string;

  @ApiProperty({ type: 'integer', description: 'How many.', example: 2 })
  readonly quantity!: number;
}

export class ShipmentView {
  @ApiProperty({ format: 'uuid', description: 'The id of the shipment.' })
  readonly id!: string;

  @ApiProperty({ format: 'uuid', description: 'The order it belongs to.' })
  readonly orderId!: string;

  @ApiProperty({ description: 'Who carries it.', example: 'SF Express' })
  readonly carrier!: string;

  @ApiProperty({ description: "The carrier's number.", example: 'SF1234567890' })
  readonly trackingNumber!: string;

  @ApiProperty({ type: [ShipmentItemView], description: 'What is in it.' })
  readonly items!: readonly ShipmentItemView[];

  @ApiProperty({ format: 'date-time', description: 'When it left.' })
  readonly createdAt!: string;
}

export function showOrder(order: OrderEntity): OrderView {
  const { id, number, status, customerId, currency, lines, itemsAmount, shippingFee, amountDue, amountPaid, amountRefunded } = order;
  const { shippingAddress, note, metadata, cancelReason } = order;
  return {
    id,
    number,
    status,
    statusLabel: ORDER_STATUS_LABELS[status],
    paymentStatus: paymentStatusOf(order),
    customerId,
    currency,
    items: lines.map(showLine),
    itemsAmount,
    shippingFee,
    amountDue,
    amountPaid,
    amountRefunded,
    shippingAddress,
    note,
    metadata,
    expiresAt: order.expiresAt.toISOString(),
    createdAt: order.createdAt.toISOString(),
    paidAt: order.paidAt?.toISOString() ?? null,
    shippedAt: order.shippedAt?.toISOString() ?? null,
    completedAt: order.completedAt?.toISOString() ?? null,
    cancelledAt: order.cancelledAt?.toISOString() ?? null,
    cancelReason,
  };
}

function showLine({
  sku,
  name,
  unitPrice,
  quantity,
  amount,
  shippedQuantity,
  cancelledQuantity,
  returnedQuantity,
}: OrderLineEntity): OrderLineView {
  return { sku, name, unitPrice, quantity, amount, shippedQuantity, cancelledQuantity, returnedQuantity };
}

export function showShipment({ id, orderId, carrier, trackingNumber, items, createdAt }: ShipmentEntity): ShipmentView {
  return { id, orderId, carrier, trackingNumber, items, createdAt: createdAt.toISOString() };
}
