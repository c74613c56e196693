import { Injectable } from '@nestjs/common';

import type { OrderCreated } from '../contracts/order-created.js';
import { assert } from '../kernel/assert.js';
import { after } from '../kernel/clock.js';
import { notFound } from '../kernel/domain-error.js';
import { newId, type AttemptId, type GatewayAccountId, type MerchantId, type OrderId, type RefundId } from '../kernel/ids.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { LEASE } from './asking.js';
import type { GatewayName } from './gateway/gateway.js';
import { AttemptEntity, PaymentEntity, RefundEntity } from './payment.entity.js';
import { attemptStates, paymentStates } from './payment-states.js';

/** A payment with its attempts, its order's family locked. */
export interface LockedPayment {
  readonly payment: PaymentEntity;
  readonly attempts: readonly AttemptEntity[];
}

/** What may be asked about at a gateway now. */
export interface Due {
  readonly gateway: GatewayName;
  readonly most: number;
  readonly unreachable: ReadonlyMap<GatewayAccountId, 'resting' | 'probing'>;
}

const OPEN_ATTEMPTS = Object.keys(attemptStates.column('wait'));

/** The SQL of payments, attempts and refunds. Whoever changes one holds its order's family lock. */
@Injectable()
export class PaymentStore {
  async rememberDue(work: UnitOfWork, orders: readonly OrderCreated[]): Promise<void> {
    const facts = orders.map((order) => order.facts);
    await work.query(
      `INSERT INTO payments (id, order_id, order_number, merchant_id, status, amount, currency, expires_at, created_at)
       SELECT id, order_id, number, merchant_id, 'requires_payment', amount, currency, expires_at, $8
         FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::bigint[], $6::text[], $7::timestamptz[])
           AS t(id, order_id, number, merchant_id, amount, currency, expires_at)`,
      [
        facts.map(() => newId<'payment'>()),
        facts.map(({ orderId }) => orderId),
        facts.map(({ number }) => number),
        facts.map(({ merchantId }) => merchantId),
        facts.map(({ due }) => due.amount),
        facts.map(({ due }) => due.currency),
        facts.map(({ expiresAt }) => expiresAt),
        work.now,
      ],
    );
  }

  /** Undefined where there is no such order, or it is another merchant's. */
  async lock(work: UnitOfWork, orderId: OrderId, merchantId?: MerchantId): Promise<LockedPayment | undefined> {
    await work.lockFamilies([orderId]);
    const payment = await work.manager.findOneBy(PaymentEntity, { orderId, ...(merchantId === undefined ? {} : { merchantId }) });
    if (!payment) return undefined;
    const attempts = await work.manager.find(AttemptEntity, { where: { orderId }, order: { number: 'ASC' } });
    return { payment, attempts };
  }

  /** The attempt with its payment, the family locked. */
  async lockAttempt(
    work: UnitOfWork,
    { id, orderId }: { id: AttemptId; orderId: OrderId },
  ): Promise<LockedPayment & { readonly attempt: AttemptEntity }> {
    const locked = await this.lock(work, orderId);
    const attempt = locked?.attempts.find((one) => one.id === id);
    assert(locked && attempt, 'an attempt has its payment');
    return { ...locked, attempt };
  }

  async insertAttempt(work: UnitOfWork, attempt: AttemptEntity): Promise<void> {
    await work.manager.insert(AttemptEntity, attempt);
    await work.query('UPDATE payments SET attempts = $2 WHERE id = $1', [attempt.paymentId, attempt.number]);
  }

  async updateAttempt(work: UnitOfWork, id: AttemptId, change: Partial<AttemptEntity>): Promise<void> {
    await work.manager.update(AttemptEntity, { id }, change);
  }

  /** The open attempts of these orders are to be closed, by whoever asks about them next. */
  async requestClose(work: UnitOfWork, orderIds: readonly OrderId[]): Promise<AttemptEntity[]> {
    await work.query(
      `UPDATE payment_attempts SET close_requested = true, asked = 0, ask_at = $2 WHERE order_id = ANY($1::uuid[]) AND status = ANY($3::text[])`,
      [orderIds, after(work.now, LEASE), OPEN_ATTEMPTS],
    );
    return this.openAttempts(work, orderIds);
  }

  openAttempts(work: UnitOfWork, orderIds: readonly OrderId[]): Promise<AttemptEntity[]> {
    return work.manager
      .createQueryBuilder(AttemptEntity, 'a')
      .where('a.orderId = ANY(:orderIds) AND a.status = ANY(:open)', { orderIds, open: OPEN_ATTEMPTS })
      .getMany();
  }

  /** Moves payments on by `action`; those that may not are left and absent from the answer. */
  move(
    work: UnitOfWork,
    orderIds: readonly OrderId[],
    action: 'close' | 'end',
  ): Promise<(Pick<PaymentEntity, 'id' | 'orderId' | 'merchantId'> & Record<string, unknown>)[]> {
    return work.query(
      `UPDATE payments SET status = $2::jsonb ->> status WHERE order_id = ANY($1::uuid[]) AND $2::jsonb ? status
       RETURNING id, order_id AS "orderId", merchant_id AS "merchantId"`,
      [orderIds, paymentStates.column(action)],
    );
  }

  async markPaid(work: UnitOfWork, payment: PaymentEntity, attemptId: AttemptId): Promise<void> {
    await work.query('UPDATE payments SET status = $2, paid_by_attempt = $3 WHERE id = $1', [
      payment.id,
      paymentStates.next(payment.status, 'pay'),
      attemptId,
    ]);
  }

  /** Sets money aside for refunds, gives it back to what can be refunded, or counts it as gone. */
  async moveMoney(
    work: UnitOfWork,
    payment: { readonly id: string },
    change: { readonly refunding: number; readonly refunded: number },
  ): Promise<void> {
    await work.query('UPDATE payments SET refunding = refunding + $2, refunded = refunded + $3 WHERE id = $1', [
      payment.id,
      change.refunding,
      change.refunded,
    ]);
  }

  async insertRefund(work: UnitOfWork, refund: RefundEntity): Promise<void> {
    await work.manager.insert(RefundEntity, refund);
  }

  async lockRefund(work: UnitOfWork, { id, orderId }: { id: RefundId; orderId: OrderId }): Promise<RefundEntity> {
    await work.lockFamilies([orderId]);
    return work.manager.findOneByOrFail(RefundEntity, { id });
  }

  async updateRefund(work: UnitOfWork, id: RefundId, change: Partial<RefundEntity>): Promise<void> {
    await work.manager.update(RefundEntity, { id }, change);
  }

  /** Refunds of an attempt that are under way are asked about at once. */
  async askRefundsNow(work: UnitOfWork, attemptId: AttemptId): Promise<void> {
    await work.query('UPDATE refunds SET ask_at = $2 WHERE attempt_id = $1 AND ask_at > $2', [attemptId, work.now]);
  }

  /**
   * Takes what is due to be asked about at a gateway; nobody else does until the lease is over. Of an account that rests nothing is
   * taken, and of one that has rested a single one, to find out whether it is back.
   */
  claimAttempts(work: UnitOfWork, due: Due): Promise<AttemptEntity[]> {
    return this.claim(work, 'payment_attempts', due, (ids) =>
      work.manager.createQueryBuilder(AttemptEntity, 'a').where('a.id = ANY(:ids)', { ids }).getMany(),
    );
  }

  claimRefunds(work: UnitOfWork, due: Due): Promise<RefundEntity[]> {
    return this.claim(work, 'refunds', due, (ids) =>
      work.manager.createQueryBuilder(RefundEntity, 'r').where('r.id = ANY(:ids)', { ids }).getMany(),
    );
  }

  private async claim<Row>(
    work: UnitOfWork,
    table: 'payment_attempts' | 'refunds',
    { gateway, most, unreachable }: Due,
    read: (ids: readonly string[]) => Promise<Row[]>,
  ): Promise<Row[]> {
    const lease = after(work.now, LEASE);
    const claimed = await work.query<{ id: string }>(
      `UPDATE ${table} SET ask_at = $2, asked = asked + 1
        WHERE id IN (SELECT id FROM ${table} WHERE gateway = $3 AND ask_at <= $1 AND account_id IS NOT NULL AND account_id <> ALL($4::uuid[])
                      ORDER BY ask_at LIMIT $5 FOR UPDATE SKIP LOCKED) RETURNING id`,
      [work.now, lease, gateway, [...unreachable.keys()], most],
    );
    const probing = [...unreachable].flatMap(([account, state]) => (state === 'probing' ? [account] : []));
    const probes =
      probing.length === 0
        ? []
        : await work.query<{ id: string }>(
            `UPDATE ${table} SET ask_at = $2, asked = asked + 1
              WHERE id IN (SELECT first.id FROM unnest($4::uuid[]) AS account(id), LATERAL
                            (SELECT id FROM ${table} WHERE gateway = $3 AND ask_at <= $1 AND account_id = account.id
                              ORDER BY ask_at LIMIT 1 FOR UPDATE SKIP LOCKED) AS first) RETURNING id`,
            [work.now, lease, gateway, probing],
          );
    const ids = [...claimed, ...probes].map(({ id }) => id);
    return ids.length === 0 ? [] : read(ids);
  }
}

export const noSuchPayment = () => notFound('not_found', 'You have no payment with this id.');
export const noSuchRefund = () => notFound('not_found', 'You have no refund with this id.');
export const noSuchOrder = () => notFound('not_found', 'You have no order with this id.');
