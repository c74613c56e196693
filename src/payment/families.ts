import { assert } from '../kernel/assert.js';
import type { AttemptId, MerchantId, OrderId } from '../kernel/ids.js';
import type { Disagreement } from './discrepancies/discrepancies.js';
import type { GatewayName } from './gateway/gateway.js';
import type { AttemptEntity, PaymentEntity, RefundEntity } from './payment.entity.js';

/** What is due for an order, and how it was tried to be paid. */
export interface Family {
  readonly payment: PaymentEntity;
  readonly attempts: readonly AttemptEntity[];
}

/**
 * The payments of some orders, their families locked. Rules change them here, one after the other and without a query;
 * `PaymentStore.write` then writes all changes down in one statement a table, however many they are.
 */
export class Families {
  readonly addedAttempts = new Set<AttemptEntity>();
  readonly changedAttempts = new Set<AttemptEntity>();
  readonly changedPayments = new Set<PaymentEntity>();
  readonly addedRefunds: RefundEntity[] = [];
  readonly disagreements: Disagreement[] = [];

  constructor(private readonly byOrder: ReadonlyMap<OrderId, { readonly payment: PaymentEntity; readonly attempts: AttemptEntity[] }>) {}

  all(): Family[] {
    return [...this.byOrder.values()];
  }

  /** Undefined where there is no such order, or it is another merchant's. */
  of(orderId: OrderId, merchantId?: MerchantId): Family | undefined {
    const family = this.byOrder.get(orderId);
    return merchantId === undefined || family?.payment.merchantId === merchantId ? family : undefined;
  }

  /** The attempt that a gateway knows by this number. */
  named(orderId: OrderId, gateway: GatewayName, outTradeNo: string | null): AttemptEntity | undefined {
    return this.byOrder.get(orderId)?.attempts.find((attempt) => attempt.outTradeNo === outTradeNo && attempt.gateway === gateway);
  }

  /** The attempt with its family. */
  withAttempt({ id, orderId }: { readonly id: AttemptId; readonly orderId: OrderId }): Family & { readonly attempt: AttemptEntity } {
    const family = this.byOrder.get(orderId);
    const attempt = family?.attempts.find((one) => one.id === id);
    assert(family && attempt, 'an attempt has its payment');
    return { ...family, attempt };
  }

  addAttempt(attempt: AttemptEntity): void {
    const family = this.byOrder.get(attempt.orderId);
    assert(family, 'an attempt has its payment');
    family.attempts.push(attempt);
    this.addedAttempts.add(attempt);
    this.changePayment(family.payment, { attempts: attempt.number });
  }

  changeAttempt(attempt: AttemptEntity, change: Partial<AttemptEntity>): void {
    Object.assign(attempt, change);
    if (!this.addedAttempts.has(attempt)) this.changedAttempts.add(attempt);
  }

  changePayment(payment: PaymentEntity, change: Partial<PaymentEntity>): void {
    Object.assign(payment, change);
    this.changedPayments.add(payment);
  }

  addRefund(refund: RefundEntity): void {
    this.addedRefunds.push(refund);
  }

  disagree(disagreement: Disagreement): void {
    this.disagreements.push(disagreement);
  }
}
