import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { Scope } from '../contracts/scopes.js';
import type { MerchantId } from '../kernel/ids.js';

@Entity('merchants')
export class MerchantEntity {
  @PrimaryColumn('uuid')
  id!: MerchantId;

  @Column('text')
  name!: string;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

@Entity('api_keys')
export class ApiKeyEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid', { name: 'merchant_id' })
  merchantId!: MerchantId;

  @Column('text')
  name!: string;

  /** As much of the secret as may be shown. */
  @Column('text')
  hint!: string;

  @Column('bytea', { name: 'secret_hash' })
  secretHash!: Buffer;

  @Column('text', { array: true })
  scopes!: Scope[];

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  /** Good until then, where another has taken over. */
  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt!: Date | null;
}
