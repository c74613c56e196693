import type { Invariant } from './view.js';

export const PAYMENTS: readonly Invariant[] = [
  {
    name: 'order_and_payment_agree',
    says: 'Each order has one payment, of its amount, and both say the same of what was paid and what went back.',
    sql: `
      SELECT coalesce(o.merchant_id, p.merchant_id), coalesce(o.id, p.order_id), coalesce(o.number, p.order_number),
             CASE WHEN o.id IS NULL THEN 'a payment without an order'
                  WHEN p.id IS NULL THEN 'an order without a payment'
                  ELSE format('the order is %s: %s %s due, %s paid, %s refunded, %s being refunded; the payment is %s: %s %s due, %s refunded, %s being refunded',
                              o.status, o.amount_due, o.currency, o.amount_paid, o.amount_refunded, o.amount_refunding,
                              p.status, p.amount, p.currency, p.refunded, p.refunding) END
        FROM orders o FULL JOIN payments p ON p.order_id = o.id
       WHERE o.id IS NULL OR p.id IS NULL OR p.amount <> o.amount_due OR p.currency <> o.currency OR p.order_number <> o.number
          OR p.refunded <> o.amount_refunded OR p.refunding <> o.amount_refunding
          OR (o.amount_paid > 0) <> (p.status = 'succeeded')
          OR (o.status = 'pending_payment') <> (p.status = 'requires_payment')
          OR (o.status = 'closing') <> (p.status = 'closing')`,
  },
  {
    name: 'payment_is_one_paid_attempt',
    says: 'A payment that succeeded is exactly one paid attempt, the one it names, and every attempt asks for what is due.',
    sql: `
      SELECT p.merchant_id, p.order_id, p.order_number,
             format('the payment is %s, by the attempt %s; %s attempts paid for it (%s), %s asked for something else', p.status,
                    coalesce(p.paid_by_attempt::text, 'none'), coalesce(a.paying, 0), a.payer, coalesce(a.other, 0))
        FROM payments p
        LEFT JOIN (SELECT a.payment_id, count(*) FILTER (WHERE a.used_as = 'payment') AS paying,
                          min(a.id::text) FILTER (WHERE a.used_as = 'payment') AS payer,
                          count(*) FILTER (WHERE a.amount <> due.amount OR a.currency <> due.currency) AS other
                     FROM payment_attempts a JOIN payments due ON due.id = a.payment_id GROUP BY 1) a ON a.payment_id = p.id
       WHERE coalesce(a.paying, 0) <> CASE WHEN p.status = 'succeeded' THEN 1 ELSE 0 END
          OR a.payer IS DISTINCT FROM p.paid_by_attempt::text OR a.other > 0`,
  },
  {
    name: 'trade_counts_once',
    says: 'A trade at a gateway is the trade of one attempt.',
    sql: `
      SELECT min(merchant_id::text)::uuid, min(order_id::text)::uuid, gateway_ref, format('%s attempts at %s have this trade', count(*), gateway)
        FROM payment_attempts WHERE gateway_ref IS NOT NULL GROUP BY gateway, gateway_ref HAVING count(*) > 1
      UNION ALL
      SELECT min(merchant_id::text)::uuid, min(order_id::text)::uuid, out_trade_no, format('%s attempts have this number', count(*))
        FROM payment_attempts GROUP BY out_trade_no HAVING count(*) > 1`,
  },
  {
    name: 'money_is_announced_as_it_came',
    says: 'The money of a paid attempt was announced once, as what it was used as, with its amount.',
    sql: `
      SELECT a.merchant_id, a.order_id, a.id::text,
             format('%s %s came, used as %s; announced were %s times %s %s as %s', a.amount, a.currency, a.used_as, coalesce(n.times, 0), n.amount, n.currency, n.used_as)
        FROM payment_attempts a
        LEFT JOIN (SELECT id, count(*) AS times, min(money ->> 'amount') AS amount, min(money ->> 'currency') AS currency, min(used_as) AS used_as
                     FROM (SELECT facts ->> 'attemptId' AS id, coalesce(facts -> 'paid', facts -> 'received') AS money,
                                  CASE type WHEN 'payment.succeeded' THEN 'payment' ELSE facts ->> 'why' END AS used_as
                             FROM events WHERE type IN ('payment.succeeded', 'payment.unusable_money_received')) AS announced
                    GROUP BY 1) n ON n.id = a.id::text
       WHERE a.status = 'succeeded' AND a.created_at >= (SELECT invariants.history_begins())
         AND (n.times IS DISTINCT FROM 1 OR n.amount <> a.amount::text OR n.currency <> a.currency OR n.used_as <> a.used_as)`,
  },
  {
    name: 'attempt_belongs_to_its_account',
    says: 'An attempt belongs to an account of its merchant at its gateway, and its refunds to the same.',
    sql: `
      SELECT a.merchant_id, a.order_id, a.id::text,
             format('an attempt at %s at the account %s, which is %s''s at %s', a.gateway, g.id, g.merchant_id, g.gateway)
        FROM payment_attempts a JOIN gateway_accounts g ON g.id = a.account_id
       WHERE g.gateway <> a.gateway OR g.merchant_id <> a.merchant_id
      UNION ALL
      SELECT r.merchant_id, r.order_id, r.id::text, format('a refund at another account, or of another payment, than its attempt %s', a.id)
        FROM refunds r JOIN payment_attempts a ON a.id = r.attempt_id
       WHERE r.gateway <> a.gateway OR r.account_id IS DISTINCT FROM a.account_id OR r.currency <> a.currency OR r.payment_id <> a.payment_id`,
  },
  {
    name: 'family_has_one_merchant',
    says: 'All that belongs to an order belongs to its merchant.',
    sql: [
      ['payment', 'payments'],
      ['payment attempt', 'payment_attempts'],
      ['refund', 'refunds'],
      ['shipment', 'shipments'],
      ['reservation', 'reservations'],
      ['stock movement', 'stock_movements'],
      ['event', 'events'],
    ]
      .map(
        ([what, table]) => `
      SELECT o.merchant_id, o.id, '${what}', format('a ${what} is %s''s', f.merchant_id)
        FROM ${table} f JOIN orders o ON o.id = f.order_id WHERE f.merchant_id <> o.merchant_id`,
      )
      .join(' UNION ALL '),
  },
  {
    name: 'attempt_does_not_wait_for_ever',
    says: 'Every attempt that is open is asked about when that is due, and has ended within a day of its expiry. One with an open discrepancy waits for a person.',
    sql: `
      SELECT a.merchant_id, a.order_id, a.id::text,
             format('%s since %s, expired at %s, to be asked about at %s', a.status, a.created_at, a.expires_at, coalesce(a.ask_at::text, 'no time'))
        FROM payment_attempts a
       WHERE a.ask_at < invariants.present() - invariants.bound('question')
          OR (a.status IN ('created', 'pending', 'unknown') AND a.expires_at < invariants.present() - invariants.bound('attempt')
              AND NOT EXISTS (SELECT FROM discrepancies d WHERE d.attempt_id = a.id AND d.resolved_at IS NULL))`,
  },
  {
    name: 'unsettled_is_asked_about',
    says: 'Whatever is not settled will be asked about, and whatever is settled will not.',
    sql: `
      SELECT merchant_id, order_id, id::text, format('an attempt that is %s, to be asked about at %s', status, coalesce(ask_at::text, 'no time'))
        FROM payment_attempts WHERE status <> 'closed' AND (status IN ('created', 'pending', 'unknown')) <> (ask_at IS NOT NULL)
      UNION ALL
      SELECT merchant_id, order_id, id::text, format('a refund that is %s, to be asked about at %s', status, coalesce(ask_at::text, 'no time'))
        FROM refunds WHERE (status IN ('requested', 'processing', 'unknown')) <> (ask_at IS NOT NULL)`,
  },
];
