import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { MerchantId, OrderId } from '../kernel/ids.js';

@Entity('stock_levels')
export class StockLevelEntity {
  @PrimaryColumn('uuid', { name: 'merchant_id' })
  merchantId!: MerchantId;

  @PrimaryColumn('text')
  sku!: string;

  /** Units in the house. */
  @Column('bigint', { name: 'on_hand' })
  onHand!: number;

  /** Units in the house that belong to orders which have not been shipped. */
  @Column('bigint')
  reserved!: number;
}

/** Why a count changed. */
export type MovementKind = 'opened' | 'adjusted' | 'reserved' | 'released' | 'shipped' | 'returned';

@Entity('stock_movements')
export class StockMovementEntity {
  @PrimaryColumn('bigint')
  seq!: number;

  @Column('uuid', { name: 'merchant_id' })
  merchantId!: MerchantId;

  @Column('text')
  sku!: string;

  @Column('text')
  kind!: MovementKind;

  @Column('bigint', { name: 'on_hand_delta' })
  onHandDelta!: number;

  @Column('bigint', { name: 'reserved_delta' })
  reservedDelta!: number;

  @Column('uuid', { name: 'order_id', nullable: true })
  orderId!: OrderId | null;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}
