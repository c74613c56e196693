import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { MerchantId, OrderId } from '../kernel/ids.js';
import type { GatewayName, RejectionVerdict } from './gateway/gateway.js';

export const CALLBACK_VERDICTS = ['verified', 'malformed', 'bad_signature', 'wrong_app', 'wrong_merchant'] as const;
export type CallbackVerdict = 'verified' | RejectionVerdict;

export const CALLBACK_EFFECTS = ['applied', 'already_applied', 'none', 'failed'] as const;
export type CallbackEffect = (typeof CALLBACK_EFFECTS)[number];

/** A callback as it came, what was found about it, and what it did. */
@Entity('callbacks')
export class CallbackEntity {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  gateway!: GatewayName;

  @Column('text')
  topic!: string;

  /** Null where it names no attempt of anybody's. */
  @Column('uuid', { name: 'merchant_id', nullable: true })
  merchantId!: MerchantId | null;

  @Column('uuid', { name: 'order_id', nullable: true })
  orderId!: OrderId | null;

  @Column('jsonb')
  headers!: Record<string, string>;

  @Column('bytea')
  body!: Buffer;

  @Column('text')
  verdict!: CallbackVerdict;

  @Column('text')
  effect!: CallbackEffect;

  /** Why it was rejected, or had no effect. */
  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('text', { name: 'notice_id', nullable: true })
  noticeId!: string | null;

  @Column('text', { name: 'out_trade_no', nullable: true })
  outTradeNo!: string | null;

  @Column('timestamptz', { name: 'received_at' })
  receivedAt!: Date;
}
