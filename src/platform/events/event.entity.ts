import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { EventId, MerchantId, OrderId } from '../../kernel/ids.js';

@Entity('events')
export class EventEntity {
  /** The order in which events were written; within an order's family, the order in which they happened. */
  @PrimaryColumn('bigint')
  seq!: number;

  @Column('uuid')
  id!: EventId;

  @Column('text')
  type!: string;

  @Column('int')
  version!: number;

  @Column('uuid', { name: 'merchant_id' })
  merchantId!: MerchantId;

  @Column('uuid', { name: 'order_id', nullable: true })
  orderId!: OrderId | null;

  @Column('jsonb')
  facts!: Record<string, unknown>;

  @Column('text', { name: 'correlation_id' })
  correlationId!: string;

  @Column('uuid', { name: 'causation_id', nullable: true })
  causationId!: EventId | null;

  @Column('text')
  actor!: string;

  @Column('timestamptz', { name: 'occurred_at' })
  occurredAt!: Date;
}
