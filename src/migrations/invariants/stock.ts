import type { Invariant } from './view.js';

export const STOCK: readonly Invariant[] = [
  {
    name: 'stock_is_never_oversold',
    says: 'Nothing is reserved that is not on hand, and nothing is less than nothing.',
    sql: `
      SELECT merchant_id, NULL::uuid, sku, format('%s reserved of %s on hand', reserved, on_hand)
        FROM stock_levels WHERE NOT (0 <= reserved AND reserved <= on_hand)`,
  },
  {
    name: 'stock_is_sum_of_movements',
    says: 'A count is the sum of its movements.',
    sql: `
      SELECT coalesce(l.merchant_id, m.merchant_id), NULL::uuid, coalesce(l.sku, m.sku),
             format('%s on hand and %s reserved, but its movements add up to %s and %s', l.on_hand, l.reserved, m.on_hand, m.reserved)
        FROM stock_levels l
        FULL JOIN (SELECT merchant_id, sku, sum(on_hand_delta) AS on_hand, sum(reserved_delta) AS reserved
                     FROM stock_movements GROUP BY 1, 2) m ON m.merchant_id = l.merchant_id AND m.sku = l.sku
       WHERE l.sku IS NULL OR l.on_hand <> coalesce(m.on_hand, 0) OR l.reserved <> coalesce(m.reserved, 0)`,
  },
  {
    name: 'stock_reserved_is_what_reservations_hold',
    says: 'What is reserved is what the open reservations still hold.',
    sql: `
      SELECT coalesce(l.merchant_id, r.merchant_id), NULL::uuid, coalesce(l.sku, r.sku),
             format('%s reserved, but reservations hold %s', l.reserved, r.held)
        FROM stock_levels l
        FULL JOIN (SELECT merchant_id, sku, sum(quantity - shipped - released) AS held FROM reservations GROUP BY 1, 2) r
          ON r.merchant_id = l.merchant_id AND r.sku = l.sku
       WHERE l.sku IS NULL OR l.reserved <> coalesce(r.held, 0)`,
  },
  {
    name: 'reservation_moved_its_stock',
    says: 'Each order has moved as much stock as its reservations and lines say: reserved, shipped, returned.',
    sql: `
      SELECT coalesce(r.merchant_id, m.merchant_id), coalesce(r.order_id, m.order_id), coalesce(r.sku, m.sku),
             format('movements say %s reserved, %s shipped, %s returned; the reservation says %s and %s, the line %s',
                    m.reserved, m.shipped, m.returned, r.quantity - r.shipped - r.released, r.shipped, l.returned_quantity)
        FROM reservations r
        LEFT JOIN order_lines l ON l.order_id = r.order_id AND l.sku = r.sku
        FULL JOIN (SELECT order_id, sku, min(merchant_id::text)::uuid AS merchant_id, sum(reserved_delta) AS reserved,
                          -sum(on_hand_delta) FILTER (WHERE kind = 'shipped') AS shipped,
                          sum(on_hand_delta) FILTER (WHERE kind = 'returned') AS returned
                     FROM stock_movements WHERE order_id IS NOT NULL GROUP BY 1, 2) m ON m.order_id = r.order_id AND m.sku = r.sku
       WHERE r.order_id IS NULL OR coalesce(m.reserved, 0) <> r.quantity - r.shipped - r.released
          OR coalesce(m.shipped, 0) <> r.shipped OR coalesce(m.returned, 0) <> coalesce(l.returned_quantity, 0)`,
  },
  {
    name: 'reservation_follows_its_order',
    says: 'Each line has a reservation that stands as its order does: held while nobody has paid, never held once it is paid, released once it is cancelled.',
    sql: `
      SELECT coalesce(o.merchant_id, r.merchant_id), coalesce(l.order_id, r.order_id), coalesce(l.sku, r.sku),
             format('the order is %s: %s ordered, %s shipped, %s cancelled; the reservation is %s: %s, %s shipped, %s released', o.status,
                    l.quantity, l.shipped_quantity, l.cancelled_quantity, coalesce(r.status, 'missing'), r.quantity, r.shipped, r.released)
        FROM order_lines l
        FULL JOIN reservations r ON r.order_id = l.order_id AND r.sku = l.sku
        LEFT JOIN orders o ON o.id = coalesce(l.order_id, r.order_id)
       WHERE o.id IS NULL OR l.order_id IS NULL OR r.order_id IS NULL
          OR r.quantity <> l.quantity OR r.shipped <> l.shipped_quantity OR r.released <> l.cancelled_quantity
          OR (o.status IN ('pending_payment', 'closing') AND r.status <> 'held')
          OR (o.status = 'cancelled' AND r.status <> 'released')
          OR (o.status IN ('awaiting_shipment', 'shipped', 'completed') AND r.status = 'held')`,
  },
  {
    name: 'parcels_hold_what_was_shipped',
    says: 'What a line has shipped is what the parcels of its order hold.',
    sql: `
      SELECT coalesce(o.merchant_id, p.merchant_id), coalesce(l.order_id, p.order_id), coalesce(l.sku, p.sku),
             format('%s shipped, but parcels hold %s', l.shipped_quantity, coalesce(p.units, 0))
        FROM order_lines l
        FULL JOIN (SELECT s.order_id, i.sku, min(s.merchant_id::text)::uuid AS merchant_id, sum(i.quantity) AS units
                     FROM shipments s CROSS JOIN jsonb_to_recordset(s.items) AS i(sku text, quantity int)
                    GROUP BY 1, 2) p ON p.order_id = l.order_id AND p.sku = l.sku
        LEFT JOIN orders o ON o.id = l.order_id
       WHERE l.order_id IS NULL OR l.shipped_quantity <> coalesce(p.units, 0)`,
  },
];
