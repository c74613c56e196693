import type { Invariant } from './view.js';

/** One kind of thing whose events tell through which states it went. */
interface History {
  readonly name: string;
  readonly says: string;
  /** As the state machine and `invariants.transitions` call it. */
  readonly machine: string;
  readonly first: string;
  /** The rows that have the states, as (id, merchant_id, order_id, status, created_at). */
  readonly rows: string;
  /** The events that tell of a step, as (id, merchant_id, order_id, seq, status). */
  readonly steps: string;
  /** States that are entered without an event. */
  readonly silent: readonly string[];
}

/**
 * The log, in its order, against the state machine: a step from nowhere is the first state, each other one is permitted, and the last one
 * is where the row stands now, or leads there silently.
 */
function isLegal({ name, says, machine, first, rows, steps, silent }: History): Invariant {
  const states = silent.map((state) => `'${state}'`).join(', ');
  const endsSilently = silent.length === 0 ? '' : `AND NOT (r.status IN (${states}) AND silent.next IS NOT NULL)`;
  return {
    name,
    says,
    sql: `
      SELECT coalesce(r.merchant_id, s.merchant_id), coalesce(r.order_id, s.order_id), coalesce(r.id::text, s.id),
             CASE WHEN r.id IS NULL THEN format('event %s tells of one that does not exist', s.seq)
                  WHEN s.id IS NULL THEN 'no event tells of it'
                  WHEN s.former IS NULL AND s.status <> '${first}' THEN format('event %s is its first, and says %s', s.seq, s.status)
                  WHEN s.former IS NOT NULL AND step.next IS NULL THEN format('event %s leads from %s to %s', s.seq, s.former, s.status)
                  ELSE format('it is %s, but its last event, %s, says %s', r.status, s.seq, s.status) END
        FROM (SELECT id, merchant_id, order_id, seq, status, lag(status) OVER path AS former, lead(seq) OVER path IS NULL AS is_last
                FROM (${steps}) AS told WINDOW path AS (PARTITION BY id ORDER BY seq)) AS s
        FULL JOIN (${rows}) AS r ON r.id::text = s.id
        LEFT JOIN invariants.transitions() AS step ON step.subject = '${machine}' AND step.former = s.former AND step.next = s.status
        LEFT JOIN invariants.transitions() AS silent ON silent.subject = '${machine}' AND silent.former = s.status AND silent.next = r.status
       WHERE (r.id IS NULL OR r.created_at >= (SELECT invariants.history_begins()))
         AND (r.id IS NULL OR s.id IS NULL
           OR (s.former IS NULL AND s.status <> '${first}')
           OR (s.former IS NOT NULL AND step.next IS NULL)
           OR (s.is_last AND s.status <> r.status ${endsSilently}))`,
  };
}

export const HISTORIES: readonly Invariant[] = [
  isLegal({
    name: 'order_history_is_legal',
    says: 'The events of an order are a permitted way from its placing, without gaps, to its present status.',
    machine: 'order',
    first: 'pending_payment',
    rows: 'SELECT id, merchant_id, id AS order_id, status, created_at FROM orders',
    steps: `
      SELECT order_id::text AS id, merchant_id, order_id, seq,
             CASE type WHEN 'order.created' THEN 'pending_payment' WHEN 'order.closing' THEN 'closing' WHEN 'order.paid' THEN 'awaiting_shipment'
                       WHEN 'order.completed' THEN 'completed' WHEN 'order.cancelled' THEN 'cancelled' ELSE 'shipped' END AS status
        FROM events
       WHERE type IN ('order.created', 'order.closing', 'order.paid', 'order.fulfilled', 'order.completed', 'order.cancelled')
          OR (type = 'order.shipped' AND facts ->> 'complete' = 'true')`,
    silent: [],
  }),
  isLegal({
    name: 'payment_history_is_legal',
    says: 'The events of a payment are a permitted way, without gaps, to its present status.',
    machine: 'payment',
    first: 'requires_payment',
    rows: 'SELECT order_id AS id, merchant_id, order_id, status, created_at FROM payments',
    steps: `
      SELECT order_id::text AS id, merchant_id, order_id, seq,
             CASE type WHEN 'order.created' THEN 'requires_payment' WHEN 'order.closing' THEN 'closing' WHEN 'payment.closed' THEN 'closed'
                       ELSE 'succeeded' END AS status
        FROM events WHERE type IN ('order.created', 'order.closing', 'payment.closed', 'payment.succeeded')`,
    silent: [],
  }),
  isLegal({
    name: 'attempt_history_is_legal',
    says: 'The events of a payment attempt are a permitted way, without gaps, to its present status. Its money is announced once.',
    machine: 'payment attempt',
    first: 'created',
    rows: 'SELECT id, merchant_id, order_id, status, created_at FROM payment_attempts',
    steps: `
      SELECT facts ->> 'attemptId' AS id, merchant_id, order_id, seq,
             CASE type WHEN 'payment.attempt_started' THEN 'created' WHEN 'payment.attempt_settled' THEN facts ->> 'status'
                       ELSE 'succeeded' END AS status
        FROM events
       WHERE type IN ('payment.attempt_started', 'payment.attempt_settled', 'payment.succeeded', 'payment.unusable_money_received')`,
    silent: ['pending'],
  }),
  isLegal({
    name: 'refund_history_is_legal',
    says: 'The events of a refund are a permitted way, without gaps, to its present status.',
    machine: 'refund',
    first: 'requested',
    rows: 'SELECT id, merchant_id, order_id, status, created_at FROM refunds',
    steps: `
      SELECT facts ->> 'refundId' AS id, merchant_id, order_id, seq,
             CASE type WHEN 'payment.refund_requested' THEN 'requested' WHEN 'payment.refund_succeeded' THEN 'succeeded'
                       ELSE facts ->> 'status' END AS status
        FROM events WHERE type IN ('payment.refund_requested', 'payment.refund_unsettled', 'payment.refund_succeeded')`,
    silent: ['processing'],
  }),
];
