import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { MerchantId } from '../kernel/ids.js';

@Entity('products')
export class ProductEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'merchant_id' })
  merchantId!: MerchantId;

  @Column('text')
  sku!: string;

  @Column('text')
  name!: string;

  /** Minor units of `currency`. */
  @Column('bigint')
  price!: number;

  @Column('text')
  currency!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}
