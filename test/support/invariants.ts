/** What must never be seen in the database: each query returns the rows that break its promise. */
export const INVARIANTS: Readonly<Record<string, string>> = {
  'a count is the sum of its movements': `
    SELECT l.merchant_id, l.sku FROM stock_levels l LEFT JOIN stock_movements m USING (merchant_id, sku)
     GROUP BY l.merchant_id, l.sku, l.on_hand, l.reserved
    HAVING l.on_hand <> coalesce(sum(m.on_hand_delta), 0) OR l.reserved <> coalesce(sum(m.reserved_delta), 0)`,
  'reserved is the sum of the open reservations': `
    SELECT l.merchant_id, l.sku FROM stock_levels l LEFT JOIN reservations r USING (merchant_id, sku)
     GROUP BY l.merchant_id, l.sku, l.reserved HAVING l.reserved <> coalesce(sum(r.quantity - r.shipped - r.released), 0)`,
  'a reservation stands as its order does': `
    SELECT o.id FROM orders o JOIN reservations r ON r.order_id = o.id
     WHERE (o.status IN ('pending_payment', 'closing') AND r.status <> 'held') OR (o.status = 'cancelled' AND r.status <> 'released')
        OR (o.status IN ('awaiting_shipment', 'shipped', 'completed') AND r.status = 'held')`,
  'an order costs what its lines cost': `
    SELECT o.id FROM orders o JOIN order_lines l ON l.order_id = o.id GROUP BY o.id HAVING o.items_amount <> sum(l.amount)`,
  'an order and its payment agree': `
    SELECT o.id FROM orders o LEFT JOIN payments p ON p.order_id = o.id
     WHERE p.id IS NULL OR p.amount <> o.amount_due OR p.refunded <> o.amount_refunded OR p.refunding <> o.amount_refunding
        OR (o.amount_paid > 0) <> (p.status = 'succeeded')
        OR (o.status = 'pending_payment' AND p.status <> 'requires_payment') OR (o.status = 'closing' AND p.status <> 'closing')`,
  'a payment is one paid attempt': `
    SELECT p.id FROM payments p LEFT JOIN payment_attempts a ON a.payment_id = p.id AND a.used_as = 'payment'
     GROUP BY p.id HAVING count(a.id) <> (CASE WHEN p.status = 'succeeded' THEN 1 ELSE 0 END)`,
  'money that no order can use is on its way back': `
    SELECT a.id FROM payment_attempts a LEFT JOIN refunds r ON r.attempt_id = a.id AND r.kind IN ('late', 'surplus')
     WHERE a.used_as IN ('late', 'surplus') AND (r.id IS NULL OR r.amount <> a.amount OR r.status = 'failed')`,
  'what is set aside is what the refunds say': `
    SELECT p.id FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id AND r.kind IN ('requested', 'cancelled')
     GROUP BY p.id
    HAVING p.refunded <> coalesce(sum(r.amount) FILTER (WHERE r.status = 'succeeded'), 0)
        OR p.refunding <> coalesce(sum(r.amount) FILTER (WHERE r.status IN ('requested', 'processing', 'unknown')), 0)`,
  'a paid attempt was announced once': `
    SELECT a.id FROM payment_attempts a LEFT JOIN events e ON e.order_id = a.order_id
       AND e.type IN ('payment.succeeded', 'payment.unusable_money_received') AND e.facts ->> 'attemptId' = a.id::text
     WHERE a.status = 'succeeded' AND a.created_at >= (SELECT occurred_at FROM events ORDER BY seq LIMIT 1)
     GROUP BY a.id HAVING count(e.seq) <> 1`,
  'an attempt and its refunds belong to one account of their merchant': `
    SELECT a.id FROM payment_attempts a JOIN gateway_accounts g ON g.id = a.account_id
     WHERE g.gateway <> a.gateway OR g.merchant_id <> a.merchant_id
    UNION ALL
    SELECT r.id FROM refunds r JOIN payment_attempts a ON a.id = r.attempt_id
     WHERE r.gateway <> a.gateway OR r.account_id IS DISTINCT FROM a.account_id OR r.merchant_id <> a.merchant_id`,
  'a refund was sent only after its time was written down': `
    SELECT id FROM refunds WHERE status IN ('processing', 'succeeded') AND sent_at IS NULL`,
  'a discrepancy about money has two sides that differ': `
    SELECT id FROM discrepancies WHERE kind IN ('amount_mismatch', 'currency_mismatch', 'refund_mismatch')
       AND (expected IS NULL OR found IS NULL OR expected = found)`,
  'no private key lies in the clear': `
    SELECT id FROM gateway_accounts WHERE settings::text ~ 'PRIVATE KEY'
    UNION ALL
    SELECT id FROM callbacks WHERE headers::text ~ 'PRIVATE KEY' OR position('PRIVATE KEY'::bytea IN body) > 0`,
  'an event was caused by an event that stands before it': `
    SELECT e.id FROM events e LEFT JOIN events c ON c.id = e.causation_id
     WHERE e.causation_id IS NOT NULL AND (c.id IS NULL OR c.seq >= e.seq OR c.correlation_id <> e.correlation_id)`,
};
