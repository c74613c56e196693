import { Injectable } from '@nestjs/common';

import type { OrderCreated } from '../contracts/order-created.js';
import { required } from '../kernel/assert.js';
import { after } from '../kernel/clock.js';
import { notFound } from '../kernel/domain-error.js';
import { GREATEST_ID, newId, type AttemptId, type GatewayAccountId, type MerchantId, type OrderId, type RefundId } from '../kernel/ids.js';
import type { Reader } from '../kernel/reader.js';
import { columnsOf } from '../platform/database/columns.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { LEASE } from './asking.js';
import { Families } from './families.js';
import type { GatewayName } from './gateway/gateway.js';
import { insertAttempts, insertRefunds, updateAttempts, updatePayments } from './payment.writes.js';
import { AttemptEntity, PaymentEntity, RefundEntity } from './payment.entity.js';
import { attemptStates, paymentStates } from './payment-states.js';

/** What may be asked about at a gateway now. */
export interface Due {
  readonly gateway: GatewayName;
  readonly most: number;
  readonly unreachable: ReadonlyMap<GatewayAccountId, 'resting' | 'probing'>;
}

const PAYMENT = columnsOf(PaymentEntity, 'p');
const ATTEMPT = columnsOf(AttemptEntity, 'a');
const REFUND = columnsOf(RefundEntity, 'r');

const OPEN_ATTEMPTS = Object.keys(attemptStates.column('wait'));

/** The SQL of payments, attempts and refunds. Whoever changes one holds its order's family lock. */
@Injectable()
export class PaymentStore {
  rememberDue(work: UnitOfWork, orders: readonly OrderCreated[]): void {
    const facts = orders.map((order) => order.facts);
    work.write(
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

  /** Locks the families of these orders and reads them: in three statements, however many they are. */
  async lock(work: UnitOfWork, orderIds: readonly OrderId[]): Promise<Families> {
    const ids = [...new Set(orderIds)];
    if (ids.length === 0) return new Families(new Map());
    const [, payments, attempts] = await Promise.all([
      work.lockFamilies(ids),
      work.query<PaymentEntity>(`SELECT ${PAYMENT} FROM payments p WHERE p.order_id = ANY($1::uuid[])`, [ids]),
      work.query<AttemptEntity>(`SELECT ${ATTEMPT} FROM payment_attempts a WHERE a.order_id = ANY($1::uuid[]) ORDER BY a.number`, [ids]),
    ]);
    const byOrder = new Map(payments.map((payment) => [payment.orderId, { payment, attempts: new Array<AttemptEntity>() }]));
    for (const attempt of attempts) byOrder.get(attempt.orderId)?.attempts.push(attempt);
    return new Families(byOrder);
  }

  /** Writes down what was changed since the families were locked. */
  write(work: UnitOfWork, families: Families): void {
    const { addedAttempts, changedAttempts, changedPayments, addedRefunds } = families;
    if (changedPayments.size > 0) updatePayments(work, [...changedPayments]);
    if (addedAttempts.size > 0) insertAttempts(work, [...addedAttempts]);
    if (changedAttempts.size > 0) updateAttempts(work, [...changedAttempts]);
    if (addedRefunds.length > 0) insertRefunds(work, addedRefunds);
  }

  attempts(reader: Reader, ids: readonly AttemptId[]): Promise<AttemptEntity[]> {
    return reader.query<AttemptEntity>(`SELECT ${ATTEMPT} FROM payment_attempts a WHERE a.id = ANY($1::uuid[])`, [ids]);
  }

  refunds(reader: Reader, ids: readonly RefundId[]): Promise<RefundEntity[]> {
    return reader.query<RefundEntity>(`SELECT ${REFUND} FROM refunds r WHERE r.id = ANY($1::uuid[])`, [ids]);
  }

  /** Newest first, those before `before`. */
  refundsOfOrder(reader: Reader, orderId: OrderId, limit: number, before: RefundId | undefined): Promise<RefundEntity[]> {
    return reader.query<RefundEntity>(`SELECT ${REFUND} FROM refunds r WHERE r.order_id = $1 AND r.id < $2 ORDER BY r.id DESC LIMIT $3`, [
      orderId,
      before ?? GREATEST_ID,
      limit,
    ]);
  }

  /** Whether the merchant has the order. */
  async isThere(reader: Reader, merchantId: MerchantId, orderId: OrderId): Promise<boolean> {
    const found = await reader.query('SELECT 1 FROM payments WHERE order_id = $1 AND merchant_id = $2', [orderId, merchantId]);
    return found.length > 0;
  }

  /** The attempts with these numbers at these gateways. */
  named(reader: Reader, wanted: readonly { orderId: OrderId; outTradeNo: string; gateway: GatewayName }[]): Promise<AttemptEntity[]> {
    return reader.query<AttemptEntity>(
      `SELECT ${ATTEMPT} FROM payment_attempts a JOIN unnest($1::uuid[], $2::text[], $3::text[]) AS wanted(order_id, out_trade_no, gateway)
           ON a.order_id = wanted.order_id AND a.out_trade_no = wanted.out_trade_no AND a.gateway = wanted.gateway`,
      [wanted.map(({ orderId }) => orderId), wanted.map(({ outTradeNo }) => outTradeNo), wanted.map(({ gateway }) => gateway)],
    );
  }

  /** The attempts whose money these refunds give back. */
  refunded(reader: Reader, refundIds: readonly RefundId[]): Promise<(AttemptEntity & { readonly refundId: RefundId })[]> {
    return reader.query<AttemptEntity & { readonly refundId: RefundId }>(
      `SELECT ${ATTEMPT}, r.id AS "refundId" FROM refunds r JOIN payment_attempts a ON a.id = r.attempt_id WHERE r.id = ANY($1::uuid[])`,
      [refundIds],
    );
  }

  /** The refunds that there are of each attempt's money. */
  refundsOf(work: UnitOfWork, attemptIds: readonly AttemptId[]): Promise<{ readonly id: RefundId; readonly attemptId: AttemptId }[]> {
    return work.query<{ id: RefundId; attemptId: AttemptId }>(
      'SELECT id, attempt_id AS "attemptId" FROM refunds WHERE attempt_id = ANY($1::uuid[])',
      [attemptIds],
    );
  }

  /** The open attempts of these orders are to be closed, by whoever asks about them next. */
  requestClose(work: UnitOfWork, orderIds: readonly OrderId[]): Promise<Pick<AttemptEntity, 'id' | 'orderId' | 'merchantId'>[]> {
    return work.query<Pick<AttemptEntity, 'id' | 'orderId' | 'merchantId'>>(
      `UPDATE payment_attempts SET close_requested = true, asked = 0, ask_at = $2 WHERE order_id = ANY($1::uuid[]) AND status = ANY($3::text[])
       RETURNING id, order_id AS "orderId", merchant_id AS "merchantId"`,
      [orderIds, after(work.now, LEASE), OPEN_ATTEMPTS],
    );
  }

  /** Moves payments on by `action`; those that may not are left and absent from the answer. */
  move(
    work: UnitOfWork,
    orderIds: readonly OrderId[],
    action: 'close' | 'end',
  ): Promise<Pick<PaymentEntity, 'id' | 'orderId' | 'merchantId'>[]> {
    return work.query(
      `UPDATE payments SET status = $2::jsonb ->> status WHERE order_id = ANY($1::uuid[]) AND $2::jsonb ? status
       RETURNING id, order_id AS "orderId", merchant_id AS "merchantId"`,
      [orderIds, paymentStates.column(action)],
    );
  }

  /** Sets money aside for refunds, gives it back to what can be refunded, or counts it as gone. */
  moveMoney(work: UnitOfWork, payment: { readonly id: string }, change: { readonly refunding: number; readonly refunded: number }): void {
    work.write('UPDATE payments SET refunding = refunding + $2, refunded = refunded + $3 WHERE id = $1', [
      payment.id,
      change.refunding,
      change.refunded,
    ]);
  }

  async lockRefund(work: UnitOfWork, { id, orderId }: { id: RefundId; orderId: OrderId }): Promise<RefundEntity> {
    const [, [refund]] = await Promise.all([work.lockFamilies([orderId]), this.refunds(work, [id])]);
    return required(refund, 'a refund that is being sent');
  }

  async updateRefund(work: UnitOfWork, id: RefundId, change: Partial<RefundEntity>): Promise<void> {
    await work.manager.update(RefundEntity, { id }, change);
  }

  /** Refunds of these attempts that are under way are asked about at once. */
  askRefundsNow(work: UnitOfWork, attemptIds: readonly AttemptId[]): void {
    work.write('UPDATE refunds SET ask_at = $2 WHERE attempt_id = ANY($1::uuid[]) AND ask_at > $2', [attemptIds, work.now]);
  }

  /**
   * Takes what is due to be asked about at a gateway, first what is unknown, which somebody waits for; nobody else does until the
   * lease is over. Of an account that rests nothing is
   * taken, and of one that has rested a single one, to find out whether it is back.
   */
  claimAttempts(work: UnitOfWork, due: Due): Promise<AttemptEntity[]> {
    return this.claim(work, 'payment_attempts', due, (ids) => this.attempts(work, ids));
  }

  claimRefunds(work: UnitOfWork, due: Due): Promise<RefundEntity[]> {
    return this.claim(work, 'refunds', due, (ids) => this.refunds(work, ids));
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
                      ORDER BY status = 'unknown' DESC, ask_at LIMIT $5 FOR UPDATE SKIP LOCKED) RETURNING id`,
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
                              ORDER BY status = 'unknown' DESC, ask_at LIMIT 1 FOR UPDATE SKIP LOCKED) AS first) RETURNING id`,
            [work.now, lease, gateway, probing],
          );
    const ids = [...claimed, ...probes].map(({ id }) => id);
    return ids.length === 0 ? [] : read(ids);
  }
}

export const noSuchPayment = () => notFound('not_found', 'You have no payment with this id.');
export const noSuchRefund = () => notFound('not_found', 'You have no refund with this id.');
export const noSuchOrder = () => notFound('not_found', 'You have no order with this id.');
