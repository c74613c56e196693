import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { CallbackId, GatewayAccountId, MerchantId, OrderId } from '../kernel/ids.js';
import { REJECTION_VERDICTS, type GatewayName, type RejectionVerdict } from './gateway/gateway.js';

export const CALLBACK_VERDICTS = ['verified', ...REJECTION_VERDICTS] as const;
export type CallbackVerdict = 'verified' | RejectionVerdict;

export const CALLBACK_EFFECTS = ['applied', 'already_applied', 'none', 'failed'] as const;
export type CallbackEffect = (typeof CALLBACK_EFFECTS)[number];

/** A callback as it came, what was found about it, and what it did. */
@Entity('callbacks')
export class CallbackEntity {
  @PrimaryColumn('uuid')
  id!: CallbackId;

  @Column('text')
  gateway!: GatewayName;

  @Column('text')
  topic!: string;

  /** Null where it names no attempt of anybody's. */
  @Column('uuid', { name: 'merchant_id', nullable: true })
  merchantId!: MerchantId | null;

  @Column('uuid', { name: 'order_id', nullable: true })
  orderId!: OrderId | null;

  /** Whose key verified it; null where none did. */
  @Column('uuid', { name: 'account_id', nullable: true })
  accountId!: GatewayAccountId | null;

  /** As they came, but for what must not be shown. */
  @Column('jsonb')
  headers!: Record<string, string>;

  /** As it came, but for what must not be shown. */
  @Column('bytea')
  body!: Buffer;

  /** Headers and body to the last byte, sealed: what a replay reads. Null only from before callbacks were sealed. */
  @Column('bytea', { nullable: true })
  sealed!: Buffer | null;

  /** The callback that this one reads again, where somebody had it replayed. */
  @Column('uuid', { name: 'replay_of', nullable: true })
  replayOf!: CallbackId | null;

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

  /** Our number of the refund, where the notice is about one and says so. */
  @Column('text', { name: 'refund_no', nullable: true })
  refundNo!: string | null;

  @Column('timestamptz', { name: 'received_at' })
  receivedAt!: Date;
}
