import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { AttemptId, CallbackId, DiscrepancyId, MerchantId, OrderId, RefundId } from '../../kernel/ids.js';
import type { Money } from '../../kernel/money.js';
import type { GatewayName } from '../gateway/gateway.js';

export const DISCREPANCY_KINDS = [
  'amount_mismatch',
  'currency_mismatch',
  'wrong_app',
  'wrong_merchant',
  'refund_mismatch',
  'returned_elsewhere',
] as const;

/**
 * - `amount_mismatch`, `currency_mismatch`: an attempt was paid with something else than is due.
 * - `wrong_app`, `wrong_merchant`: a genuine notice came here that is for somebody else, or for another account than the attempt's.
 * - `refund_mismatch`: a refund of ours gave back something else than it should.
 * - `returned_elsewhere`: money went back that no refund of ours sent.
 */
export type DiscrepancyKind = (typeof DISCREPANCY_KINDS)[number];

/** What a gateway says and our books do not. It changed nothing, and waits for a person. */
@Entity('discrepancies')
export class DiscrepancyEntity {
  @PrimaryColumn('uuid')
  id!: DiscrepancyId;

  @Column('text')
  kind!: DiscrepancyKind;

  @Column('text')
  gateway!: GatewayName;

  /** What it is about, at the gateway. While it is open, the same thing seen again is the same discrepancy. */
  @Column('text')
  subject!: string;

  /** Null where it names nothing of anybody's. */
  @Column('uuid', { name: 'merchant_id', nullable: true })
  merchantId!: MerchantId | null;

  @Column('uuid', { name: 'order_id', nullable: true })
  orderId!: OrderId | null;

  @Column('uuid', { name: 'attempt_id', nullable: true })
  attemptId!: AttemptId | null;

  @Column('uuid', { name: 'refund_id', nullable: true })
  refundId!: RefundId | null;

  @Column('text', { name: 'out_trade_no', nullable: true })
  outTradeNo!: string | null;

  @Column('jsonb', { nullable: true })
  expected!: Money | null;

  @Column('jsonb', { nullable: true })
  found!: Money | null;

  @Column('text')
  detail!: string;

  /** The callback that showed it first; null where an answer to a question of ours did. */
  @Column('uuid', { name: 'callback_id', nullable: true })
  callbackId!: CallbackId | null;

  /** How often it was seen. */
  @Column('int')
  times!: number;

  @Column('timestamptz', { name: 'opened_at' })
  openedAt!: Date;

  @Column('timestamptz', { name: 'last_seen_at' })
  lastSeenAt!: Date;

  @Column('timestamptz', { name: 'resolved_at', nullable: true })
  resolvedAt!: Date | null;

  /** What was done about it, in the words of whoever did it. */
  @Column('text', { nullable: true })
  resolution!: string | null;
}
