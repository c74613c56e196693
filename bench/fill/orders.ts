/** Orders with their lines, parcels and stock, from the draft of a slice. */
export const ORDERS = [
  `INSERT INTO orders (id, merchant_id, number, status, customer_id, currency, items_amount, shipping_fee, amount_due, amount_paid, amount_refunded,
                       metadata, expires_at, created_at, paid_at, shipped_at, completed_at, cancelled_at, cancel_reason)
   SELECT id, merchant_id, number, status, 'c-' || floor(100000 * pg_temp.chance(n, 5)), 'CNY', items_amount, shipping_fee, due,
          CASE WHEN paid_at IS NULL THEN 0 ELSE due END, CASE WHEN refund_at IS NULL THEN 0 ELSE refund_amount END, '{"channel":"web"}',
          expires_at, created_at, paid_at, shipped_at, completed_at, cancelled_at,
          CASE kind WHEN 'expired' THEN 'not paid in time' WHEN 'cancelled' THEN 'changed their mind' END
     FROM draft ORDER BY n`,
  `INSERT INTO order_lines (order_id, line, sku, name, unit_price, quantity, amount, shipped_quantity, cancelled_quantity, returned_quantity)
   SELECT d.id, l.line, l.sku, l.name, l.unit_price, l.quantity, l.unit_price * l.quantity, CASE WHEN d.shipped_at IS NULL THEN 0 ELSE l.quantity END,
          CASE d.status WHEN 'cancelled' THEN l.quantity ELSE 0 END, CASE WHEN d.refund_at IS NOT NULL AND d.restocks AND l.line = 1 THEN 1 ELSE 0 END
     FROM draft d JOIN draft_line l USING (n) ORDER BY d.n, l.line`,
  `INSERT INTO reservations (order_id, sku, merchant_id, status, quantity, shipped, released)
   SELECT d.id, l.sku, d.merchant_id, CASE d.status WHEN 'pending_payment' THEN 'held' WHEN 'cancelled' THEN 'released' ELSE 'committed' END, l.quantity,
          CASE WHEN d.shipped_at IS NULL THEN 0 ELSE l.quantity END, CASE d.status WHEN 'cancelled' THEN l.quantity ELSE 0 END
     FROM draft d JOIN draft_line l USING (n) ORDER BY d.n, l.line`,
  `INSERT INTO stock_movements (seq, merchant_id, sku, kind, on_hand_delta, reserved_delta, order_id, created_at) OVERRIDING SYSTEM VALUE
   SELECT p.last_movement + d.nth * 16 + 3 * l.line + step, d.merchant_id, l.sku, m.kind, m.on_hand, m.reserved, d.id, m.at
     FROM draft d JOIN draft_line l USING (n) CROSS JOIN plan p
    CROSS JOIN LATERAL (VALUES (0, 'reserved', 0, l.quantity, d.created_at, true),
                               (1, 'released', 0, -l.quantity, d.cancelled_at, d.status = 'cancelled'),
                               (1, 'shipped', -l.quantity, -l.quantity, d.shipped_at, d.shipped_at IS NOT NULL),
                               (2, 'returned', 1, 0, d.refund_at, d.refund_at IS NOT NULL AND d.restocks AND l.line = 1)) AS m(step, kind, on_hand, reserved, at, was)
    WHERE m.was ORDER BY d.n, l.line, step`,
  `INSERT INTO shipments (id, order_id, merchant_id, carrier, tracking_number, items, created_at)
   SELECT shipment_id, id, merchant_id, 'SF Express', 'SF' || 1000000000000 + nth, items, shipped_at FROM draft WHERE shipped_at IS NOT NULL ORDER BY n`,
] as const;
