import type { Invariant } from './view.js';

export const REFUNDS: readonly Invariant[] = [
  {
    name: 'refunds_never_exceed_what_was_paid',
    says: 'No more goes back than was paid: of an order, of a payment, of an attempt.',
    sql: `
      SELECT merchant_id, id, number, format('%s paid, %s refunded, %s being refunded', amount_paid, amount_refunded, amount_refunding)
        FROM orders WHERE amount_refunded < 0 OR amount_refunding < 0 OR amount_refunded + amount_refunding > amount_paid
      UNION ALL
      SELECT merchant_id, order_id, id::text, format('a payment that is %s: %s due, %s refunded, %s being refunded', status, amount, refunded, refunding)
        FROM payments
       WHERE refunded < 0 OR refunding < 0 OR refunded + refunding > CASE WHEN status = 'succeeded' THEN amount ELSE 0 END
      UNION ALL
      SELECT a.merchant_id, a.order_id, a.id::text, format('an attempt that is %s: %s asked for, %s refunded or on its way back', a.status, a.amount, r.amount)
        FROM payment_attempts a
        JOIN (SELECT attempt_id, coalesce(sum(amount) FILTER (WHERE status <> 'failed'), 0) AS amount FROM refunds GROUP BY 1) r ON r.attempt_id = a.id
       WHERE r.amount > a.amount OR a.status <> 'succeeded'`,
  },
  {
    name: 'payment_counts_its_refunds',
    says: 'What a payment says has gone back, or is set aside, is what its refunds say.',
    sql: `
      SELECT p.merchant_id, p.order_id, p.order_number,
             format('%s refunded and %s being refunded, but the refunds come to %s and %s', p.refunded, p.refunding, coalesce(r.refunded, 0), coalesce(r.refunding, 0))
        FROM payments p
        LEFT JOIN (SELECT payment_id, sum(amount) FILTER (WHERE status = 'succeeded') AS refunded,
                          sum(amount) FILTER (WHERE status IN ('requested', 'processing', 'unknown')) AS refunding
                     FROM refunds WHERE kind IN ('requested', 'cancelled') GROUP BY 1) r ON r.payment_id = p.id
       WHERE p.refunded <> coalesce(r.refunded, 0) OR p.refunding <> coalesce(r.refunding, 0)`,
  },
  {
    name: 'unusable_money_goes_back',
    says: 'Money that no order can use has gone back or is on its way, all of it, once. What a gateway has refused for good needs a person.',
    sql: `
      SELECT a.merchant_id, a.order_id, a.id::text,
             format('%s came, used as %s; %s goes back (%s)', a.amount, a.used_as, coalesce(r.amount, 0), coalesce(r.status, 'no refund'))
        FROM payment_attempts a
        LEFT JOIN (SELECT attempt_id, sum(amount) AS amount, count(*) AS times, string_agg(status, ', ') AS status, bool_or(status = 'failed') AS has_failed
                     FROM refunds WHERE kind IN ('late', 'surplus') GROUP BY 1) r ON r.attempt_id = a.id
       WHERE a.used_as IN ('late', 'surplus') AND (r.times IS DISTINCT FROM 1 OR r.amount <> a.amount OR r.has_failed)`,
  },
  {
    name: 'cancelled_order_keeps_no_money',
    says: 'What was paid for an order that is cancelled has gone back or is on its way. What a gateway has refused for good needs a person.',
    sql: `
      SELECT o.merchant_id, o.id, o.number, format('cancelled: %s paid, %s refunded, %s being refunded', o.amount_paid, p.refunded, p.refunding)
        FROM orders o JOIN payments p ON p.order_id = o.id
       WHERE o.status = 'cancelled' AND p.status = 'succeeded' AND p.refunding + p.refunded < p.amount`,
  },
  {
    name: 'refund_was_dated_before_it_was_sent',
    says: 'A refund was sent only after its time had been written down.',
    sql: `
      SELECT merchant_id, order_id, id::text, format('%s, and sent at no time', status)
        FROM refunds WHERE status IN ('processing', 'succeeded') AND sent_at IS NULL`,
  },
  {
    name: 'refund_was_requested_once_a_try',
    says: 'A refund was asked for as often as it had numbers at its gateway: once, and once more for each try by hand.',
    sql: `
      SELECT r.merchant_id, r.order_id, r.id::text, format('%s tries, asked for %s times', r.tries, coalesce(e.times, 0))
        FROM refunds r
        LEFT JOIN (SELECT facts ->> 'refundId' AS id, count(*) AS times FROM events WHERE type = 'payment.refund_requested' GROUP BY 1) e
          ON e.id = r.id::text
       WHERE r.created_at >= (SELECT invariants.history_begins()) AND r.tries IS DISTINCT FROM e.times`,
  },
  {
    name: 'refund_does_not_wait_for_ever',
    says: 'Every refund that is under way is asked about when that is due, and has ended within its bound. One with an open discrepancy waits for a person.',
    sql: `
      SELECT r.merchant_id, r.order_id, r.id::text,
             format('%s since %s, to be asked about at %s', r.status, r.created_at, coalesce(r.ask_at::text, 'no time'))
        FROM refunds r
       WHERE r.ask_at < invariants.present() - invariants.bound('question')
          OR (r.status IN ('requested', 'processing', 'unknown') AND r.created_at < invariants.present() - invariants.bound('refund')
              -- One that was tried again by hand began again then.
              AND NOT EXISTS (SELECT FROM events e WHERE e.order_id = r.order_id AND e.type = 'payment.refund_requested'
                                 AND e.facts ->> 'refundId' = r.id::text AND e.occurred_at >= invariants.present() - invariants.bound('refund'))
              AND NOT EXISTS (SELECT FROM discrepancies d WHERE d.refund_id = r.id AND d.resolved_at IS NULL))`,
  },
];
