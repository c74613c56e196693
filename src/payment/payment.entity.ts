import { Column, Entity, PrimaryColumn } from 'typeorm';

import type { RefundKind } from '../contracts/refund-kind.js';
import type { Units } from '../contracts/units.js';
import type { AttemptId, GatewayAccountId, MerchantId, OrderId, PaymentId, RefundId } from '../kernel/ids.js';
import type { GatewayName, PayerAction } from './gateway/gateway.js';
import type { AttemptState, PaymentState, RefundState } from './payment-states.js';

/** What is due for an order, and how much of it came and went back. */
@Entity('payments')
export class PaymentEntity {
  @PrimaryColumn('uuid')
  id!: PaymentId;

  @Column('uuid', { name: 'order_id' })
  orderId!: OrderId;

  @Column('text', { name: 'order_number' })
  orderNumber!: string;

  @Column('uuid', { name: 'merchant_id' })
  merchantId!: MerchantId;

  @Column('text')
  status!: PaymentState;

  @Column('bigint')
  amount!: number;

  @Column('text')
  currency!: string;

  /** Set aside for refunds that are under way. */
  @Column('bigint')
  refunding!: number;

  @Column('bigint')
  refunded!: number;

  @Column('uuid', { name: 'paid_by_attempt', nullable: true })
  paidByAttempt!: AttemptId | null;

  /** How many attempts were started. */
  @Column('int')
  attempts!: number;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

/** One try at a gateway. */
@Entity('payment_attempts')
export class AttemptEntity {
  @PrimaryColumn('uuid')
  id!: AttemptId;

  @Column('uuid', { name: 'payment_id' })
  paymentId!: PaymentId;

  @Column('uuid', { name: 'order_id' })
  orderId!: OrderId;

  @Column('uuid', { name: 'merchant_id' })
  merchantId!: MerchantId;

  @Column('int')
  number!: number;

  @Column('text')
  gateway!: GatewayName;

  /** Null only from before there were accounts, until the first start that has one. */
  @Column('uuid', { name: 'account_id', nullable: true })
  accountId!: GatewayAccountId | null;

  @Column('text')
  method!: string;

  @Column('text', { name: 'out_trade_no' })
  outTradeNo!: string;

  @Column('text')
  status!: AttemptState;

  @Column('bigint')
  amount!: number;

  @Column('text')
  currency!: string;

  @Column('text', { name: 'return_url', nullable: true })
  returnUrl!: string | null;

  @Column('text', { name: 'client_ip', nullable: true })
  clientIp!: string | null;

  @Column('text', { name: 'open_id', nullable: true })
  openId!: string | null;

  @Column('jsonb', { nullable: true })
  action!: PayerAction | null;

  @Column('text', { name: 'gateway_ref', nullable: true })
  gatewayRef!: string | null;

  @Column('timestamptz', { name: 'paid_at', nullable: true })
  paidAt!: Date | null;

  /** What its money became: the order's payment, or money that no order could use. */
  @Column('text', { name: 'used_as', nullable: true })
  usedAs!: 'payment' | 'late' | 'surplus' | null;

  @Column('text', { name: 'failure_reason', nullable: true })
  failureReason!: string | null;

  /** How often the gateway was asked about it since its state last changed. */
  @Column('int')
  asked!: number;

  /** When the gateway is to be asked again; null once there is nothing to ask. */
  @Column('timestamptz', { name: 'ask_at', nullable: true })
  askAt!: Date | null;

  /** The next question is to be "close it" instead of "how is it". */
  @Column('boolean', { name: 'close_requested' })
  closeRequested!: boolean;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  /** Of the request that began it, for whatever follows; null only from before that was written down. */
  @Column('text', { name: 'correlation_id', nullable: true })
  correlationId!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;
}

/** Money on its way back. */
@Entity('refunds')
export class RefundEntity {
  @PrimaryColumn('uuid')
  id!: RefundId;

  @Column('uuid', { name: 'payment_id' })
  paymentId!: PaymentId;

  @Column('uuid', { name: 'attempt_id' })
  attemptId!: AttemptId;

  @Column('uuid', { name: 'order_id' })
  orderId!: OrderId;

  @Column('uuid', { name: 'merchant_id' })
  merchantId!: MerchantId;

  /** The gateway and the account of the attempt that was paid. */
  @Column('text')
  gateway!: GatewayName;

  @Column('uuid', { name: 'account_id', nullable: true })
  accountId!: GatewayAccountId | null;

  /** How many numbers it has had at the gateway: one that the gateway refused for good is spent. */
  @Column('int')
  tries!: number;

  /** When its present number was first sent; null until then. */
  @Column('timestamptz', { name: 'sent_at', nullable: true })
  sentAt!: Date | null;

  /** When it was first sent under its former time, where a gateway that knows it by its time never heard of that. */
  @Column('timestamptz', { name: 'former_sent_at', nullable: true })
  formerSentAt!: Date | null;

  @Column('text')
  kind!: RefundKind;

  @Column('text')
  status!: RefundState;

  @Column('bigint')
  amount!: number;

  @Column('text')
  currency!: string;

  @Column('text')
  reason!: string;

  @Column('jsonb')
  restock!: Units[];

  @Column('text', { name: 'failure_reason', nullable: true })
  failureReason!: string | null;

  @Column('int')
  asked!: number;

  @Column('timestamptz', { name: 'ask_at', nullable: true })
  askAt!: Date | null;

  /** Of the request that began it, for whatever follows; null only from before that was written down. */
  @Column('text', { name: 'correlation_id', nullable: true })
  correlationId!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'refunded_at', nullable: true })
  refundedAt!: Date | null;
}
