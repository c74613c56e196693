import type { Invariant } from './view.js';

export const ORDERS: readonly Invariant[] = [
  {
    name: 'order_adds_up',
    says: 'An order costs what its lines cost, and the shipping fee.',
    sql: `
      SELECT o.merchant_id, o.id, o.number,
             format('%s due for items of %s and a fee of %s, but the lines come to %s', o.amount_due, o.items_amount, o.shipping_fee, l.amount)
        FROM orders o
        LEFT JOIN (SELECT order_id, sum(amount) AS amount, bool_and(amount = unit_price * quantity) AS is_exact FROM order_lines GROUP BY 1) l
          ON l.order_id = o.id
       WHERE o.items_amount <> coalesce(l.amount, 0) OR o.amount_due <> o.items_amount + o.shipping_fee OR NOT coalesce(l.is_exact, false)`,
  },
  {
    name: 'order_has_its_money',
    says: 'A status that needs money has it, all of it, and one that must not have any has none.',
    sql: `
      SELECT merchant_id, id, number,
             format('%s: %s due, %s paid (%s)', status, amount_due, amount_paid, coalesce(paid_at::text, 'at no time'))
        FROM orders
       WHERE (status IN ('awaiting_shipment', 'shipped', 'completed') AND (amount_paid <> amount_due OR paid_at IS NULL))
          OR (status IN ('pending_payment', 'closing') AND (amount_paid <> 0 OR paid_at IS NOT NULL))
          OR (status = 'cancelled' AND (amount_paid NOT IN (0, amount_due) OR (amount_paid = 0) <> (paid_at IS NULL)))`,
  },
  {
    name: 'order_times_fit_its_status',
    says: 'An order has the times of its status, and no others.',
    sql: `
      SELECT merchant_id, id, number,
             format('%s: shipped at %s, completed at %s, cancelled at %s', status, shipped_at, completed_at, cancelled_at)
        FROM orders
       WHERE (status IN ('shipped', 'completed')) <> (shipped_at IS NOT NULL)
          OR (status = 'completed') <> (completed_at IS NOT NULL)
          OR (status = 'cancelled') <> (cancelled_at IS NOT NULL)`,
  },
  {
    name: 'order_units_add_up',
    says: 'No line moves more units than it has, and an order that is shipped or over has none left to ship.',
    sql: `
      SELECT o.merchant_id, o.id, l.sku,
             format('%s: %s ordered, %s shipped, %s cancelled, %s returned', o.status, l.quantity, l.shipped_quantity, l.cancelled_quantity, l.returned_quantity)
        FROM order_lines l JOIN orders o ON o.id = l.order_id
       WHERE l.shipped_quantity < 0 OR l.cancelled_quantity < 0 OR l.shipped_quantity + l.cancelled_quantity > l.quantity
          OR l.returned_quantity < 0 OR l.returned_quantity > l.shipped_quantity
          OR (o.status IN ('shipped', 'completed', 'cancelled') AND l.shipped_quantity + l.cancelled_quantity < l.quantity)`,
  },
  {
    name: 'order_does_not_wait_for_ever',
    says: 'No order stays unpaid, closing or on its way for longer than its bound. One with an open discrepancy waits for a person.',
    sql: `
      SELECT o.merchant_id, o.id, o.number, format('%s since %s', o.status, w.since)
        FROM orders o
       CROSS JOIN LATERAL (
         SELECT CASE o.status
                  WHEN 'pending_payment' THEN o.expires_at
                  WHEN 'closing' THEN coalesce((SELECT max(e.occurred_at) FROM events e WHERE e.order_id = o.id AND e.type = 'order.closing'), o.created_at)
                  WHEN 'shipped' THEN o.shipped_at
                END AS since,
                CASE o.status
                  WHEN 'pending_payment' THEN invariants.bound('expiry')
                  WHEN 'closing' THEN invariants.bound('closing')
                  WHEN 'shipped' THEN invariants.bound('arrival')
                END AS bound) w
       WHERE o.status IN ('pending_payment', 'closing', 'shipped') AND w.since < invariants.present() - w.bound
         AND NOT EXISTS (SELECT FROM discrepancies d WHERE d.order_id = o.id AND d.resolved_at IS NULL)`,
  },
];
