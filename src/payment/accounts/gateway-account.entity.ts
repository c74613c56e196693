import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { GatewayAccountId, MerchantId } from '../../kernel/ids.js';
import type { GatewayName } from '../gateway/gateway.js';

/** A merchant's account at a gateway. */
@Entity('gateway_accounts')
export class GatewayAccountEntity {
  @PrimaryColumn('uuid')
  id!: GatewayAccountId;

  @Column('uuid', { name: 'merchant_id' })
  merchantId!: MerchantId;

  @Column('text')
  gateway!: GatewayName;

  /** What the gateway knows it by. No two accounts of a gateway share it. */
  @Column('text')
  identity!: string;

  @Column('text')
  name!: string;

  /** Whether the environment set it up, which then keeps it up to date, or somebody through the API. */
  @Column('text')
  source!: 'environment' | 'api';

  /** What may be shown. */
  @Column('jsonb')
  settings!: Record<string, string>;

  /** The rest, as JSON, sealed. */
  @Column('bytea')
  secrets!: Buffer;

  /** One that is not enabled takes no new payments; those it has are still asked about and given back. */
  @Column('boolean')
  enabled!: boolean;

  /** The one that is used where a payment names none. */
  @Column('boolean', { name: 'is_default' })
  isDefault!: boolean;

  /** Grows with every change, so that each process sees that it must open the account anew. */
  @Column('int')
  version!: number;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;
}
