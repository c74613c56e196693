import type { Invariant } from './view.js';

export const GATEWAYS: readonly Invariant[] = [
  {
    name: 'applied_callback_fits',
    says: 'A callback that had an effect verified, was read by the account of the attempt that it names, and spoke of what is due.',
    // A notice of WeChat Pay hides its amount from us here; that one that did not fit opened a discrepancy holds for all.
    sql: `
      SELECT c.merchant_id, c.order_id, c.id::text,
             CASE WHEN c.verdict <> 'verified' THEN format('%s, and %s all the same', c.verdict, c.effect)
                  WHEN a.id IS NULL THEN format('%s, and names no attempt', c.effect)
                  WHEN a.account_id IS DISTINCT FROM c.account_id THEN format('read by the account %s, and its attempt is at %s', c.account_id, a.account_id)
                  WHEN a.order_id IS DISTINCT FROM c.order_id OR a.merchant_id IS DISTINCT FROM c.merchant_id THEN 'written down as of another order, or merchant, than its attempt'
                  WHEN a.status IN ('created', 'pending', 'unknown') THEN format('%s, and its attempt is %s', c.effect, a.status)
                  WHEN d.kind IS NOT NULL THEN format('%s, and opened a discrepancy: %s', c.effect, d.kind)
                  ELSE format('%s, and speaks of %s fen where %s are due', c.effect, c.said, a.amount) END
        FROM (SELECT *, CASE gateway
                WHEN 'alipay' THEN round(100 * substring(encode(body, 'escape') FROM '(?:^|&)total_amount=([0-9]+(?:\\.[0-9]+)?)(?:&|$)')::numeric)
                WHEN 'unionpay' THEN substring(encode(body, 'escape') FROM '(?:^|&)txnAmt=([0-9]+)(?:&|$)')::numeric
              END AS said FROM callbacks WHERE effect IN ('applied', 'already_applied')) c
        LEFT JOIN payment_attempts a ON a.out_trade_no = c.out_trade_no AND a.gateway = c.gateway
        LEFT JOIN (SELECT callback_id, min(kind) AS kind FROM discrepancies
                    WHERE kind IN ('amount_mismatch', 'currency_mismatch', 'wrong_app', 'wrong_merchant') GROUP BY 1) d ON d.callback_id = c.id
       WHERE c.verdict <> 'verified' OR a.id IS NULL OR a.account_id IS DISTINCT FROM c.account_id
          OR a.order_id IS DISTINCT FROM c.order_id OR a.merchant_id IS DISTINCT FROM c.merchant_id
          OR a.status IN ('created', 'pending', 'unknown') OR d.kind IS NOT NULL OR c.said <> a.amount`,
  },
  {
    name: 'callback_is_applied_once',
    says: 'Each end of an attempt, with money or without, was the effect of one callback at the most.',
    sql: `
      SELECT a.merchant_id, a.order_id, a.out_trade_no, format('%s callbacks were applied, and it ended %s times', c.times, coalesce(e.times, 0))
        FROM (SELECT gateway, out_trade_no, count(*) AS times FROM callbacks WHERE effect = 'applied' GROUP BY 1, 2) c
        JOIN payment_attempts a ON a.out_trade_no = c.out_trade_no AND a.gateway = c.gateway
        LEFT JOIN (SELECT facts ->> 'attemptId' AS id, count(*) AS times FROM events
                    WHERE type IN ('payment.succeeded', 'payment.unusable_money_received')
                       OR (type = 'payment.attempt_settled' AND facts ->> 'status' <> 'unknown') GROUP BY 1) e ON e.id = a.id::text
       WHERE c.times > coalesce(e.times, 0) AND a.created_at >= (SELECT invariants.history_begins())`,
  },
  {
    name: 'discrepancy_has_two_sides',
    says: 'A discrepancy about money has two sides that differ.',
    sql: `
      SELECT merchant_id, order_id, id::text, format('%s: %s expected, %s found', kind, coalesce(expected::text, 'nothing'), coalesce(found::text, 'nothing'))
        FROM discrepancies
       WHERE kind IN ('amount_mismatch', 'currency_mismatch', 'refund_mismatch') AND (expected IS NULL OR found IS NULL OR expected = found)`,
  },
  {
    name: 'discrepancy_is_open_once',
    says: 'A disagreement is open once, and a resolved one says how.',
    sql: `
      SELECT min(merchant_id::text)::uuid, min(order_id::text)::uuid, subject, format('%s at %s is open %s times', kind, gateway, count(*))
        FROM discrepancies WHERE resolved_at IS NULL GROUP BY gateway, kind, subject HAVING count(*) > 1
      UNION ALL
      SELECT merchant_id, order_id, id::text, 'resolved without a resolution, or the other way round'
        FROM discrepancies WHERE (resolved_at IS NULL) <> (resolution IS NULL)`,
  },
  {
    name: 'gateway_account_is_one',
    says: 'A gateway knows an account by one name, and a merchant has at most one default account at each gateway, which is enabled.',
    sql: `
      SELECT merchant_id, NULL::uuid, gateway, format('%s default accounts, %s of them disabled', count(*), count(*) FILTER (WHERE NOT enabled))
        FROM gateway_accounts WHERE is_default GROUP BY 1, 3 HAVING count(*) > 1 OR NOT bool_and(enabled)
      UNION ALL
      SELECT min(merchant_id::text)::uuid, NULL::uuid, identity, format('%s accounts of this name at %s', count(*), gateway)
        FROM gateway_accounts GROUP BY gateway, identity HAVING count(*) > 1`,
  },
  {
    name: 'no_private_key_in_the_clear',
    says: 'No private key lies in the clear.',
    sql: `
      SELECT merchant_id, NULL::uuid, id::text, 'the settings of an account' FROM gateway_accounts WHERE settings::text ~ 'PRIVATE KEY'
      UNION ALL
      SELECT merchant_id, order_id, id::text, 'what is shown of a callback'
        FROM callbacks WHERE headers::text ~ 'PRIVATE KEY' OR position('PRIVATE KEY'::bytea IN body) > 0`,
  },
];
