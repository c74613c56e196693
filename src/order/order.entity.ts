import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn, type Relation } from 'typeorm';

import type { Units } from '../contracts/units.js';
import type { MerchantId, OrderId, ShipmentId } from '../kernel/ids.js';
import type { OrderStatus } from './order-status.js';

@Entity('orders')
export class OrderEntity {
  @PrimaryColumn('uuid')
  id!: OrderId;

  @Column('uuid', { name: 'merchant_id' })
  merchantId!: MerchantId;

  @Column('text')
  number!: string;

  @Column('text')
  status!: OrderStatus;

  @Column('text', { name: 'customer_id' })
  customerId!: string;

  @Column('text')
  currency!: string;

  @Column('bigint', { name: 'items_amount' })
  itemsAmount!: number;

  @Column('bigint', { name: 'shipping_fee' })
  shippingFee!: number;

  @Column('bigint', { name: 'amount_due' })
  amountDue!: number;

  @Column('bigint', { name: 'amount_paid' })
  amountPaid!: number;

  @Column('bigint', { name: 'amount_refunded' })
  amountRefunded!: number;

  /** On its way back. */
  @Column('bigint', { name: 'amount_refunding' })
  amountRefunding!: number;

  @Column('jsonb', { name: 'shipping_address', nullable: true })
  shippingAddress!: Record<string, unknown> | null;

  @Column('text', { nullable: true })
  note!: string | null;

  @Column('jsonb')
  metadata!: Record<string, unknown>;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'paid_at', nullable: true })
  paidAt!: Date | null;

  @Column('timestamptz', { name: 'shipped_at', nullable: true })
  shippedAt!: Date | null;

  @Column('timestamptz', { name: 'completed_at', nullable: true })
  completedAt!: Date | null;

  @Column('timestamptz', { name: 'cancelled_at', nullable: true })
  cancelledAt!: Date | null;

  @Column('text', { name: 'cancel_reason', nullable: true })
  cancelReason!: string | null;

  @OneToMany(() => OrderLineEntity, (line) => line.order)
  lines!: Relation<OrderLineEntity>[];
}

@Entity('order_lines')
export class OrderLineEntity {
  @PrimaryColumn('uuid', { name: 'order_id' })
  orderId!: OrderId;

  @PrimaryColumn('int')
  line!: number;

  @ManyToOne(() => OrderEntity, (order) => order.lines)
  @JoinColumn({ name: 'order_id' })
  order!: Relation<OrderEntity>;

  @Column('text')
  sku!: string;

  @Column('text')
  name!: string;

  @Column('bigint', { name: 'unit_price' })
  unitPrice!: number;

  @Column('int')
  quantity!: number;

  @Column('bigint')
  amount!: number;

  @Column('int', { name: 'shipped_quantity' })
  shippedQuantity!: number;

  /** Units that will not be shipped: refunded before they left, or cancelled with the order. */
  @Column('int', { name: 'cancelled_quantity' })
  cancelledQuantity!: number;

  /** Shipped units that came back. */
  @Column('int', { name: 'returned_quantity' })
  returnedQuantity!: number;
}

@Entity('shipments')
export class ShipmentEntity {
  @PrimaryColumn('uuid')
  id!: ShipmentId;

  @Column('uuid', { name: 'order_id' })
  orderId!: OrderId;

  @Column('uuid', { name: 'merchant_id' })
  merchantId!: MerchantId;

  @Column('text')
  carrier!: string;

  @Column('text', { name: 'tracking_number' })
  trackingNumber!: string;

  @Column('jsonb')
  items!: Units[];

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
