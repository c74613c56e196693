import { FUNCTIONS } from './functions.js';

/** How the orders of a fill are told apart: the numbers of the first one and of all, and the times they lie between. */
export interface Draft {
  /** Orders have the numbers from `base + 1` to `base + orders`. */
  readonly base: number;
  readonly orders: number;
  /** The last ones, which nobody has paid yet. */
  readonly pending: number;
  readonly days: number;
  /** What happened is written down for orders of so many days. */
  readonly eventDays: number;
  readonly callbackDays: number;
  /** The last numbers that the sequences of events and movements have given out. */
  readonly lastEvent: number;
  readonly lastMovement: number;
  readonly now: Date;
}

/** Numbers that an order's events, and its movements of stock, may have at the most. */
export const SEQS_AN_ORDER = 16;

/** What a connection needs before it fills: the functions, the plan, the merchants, and room for the orders of a slice. */
export const PREPARE = `
SET synchronous_commit = off;
SET work_mem = '256MB';
SET jit = off;
SET statement_timeout = 0;
${FUNCTIONS}
CREATE TEMP TABLE plan (base bigint, orders bigint, pending bigint, days float8, events_since timestamptz, callbacks_since timestamptz,
                        last_event bigint, last_movement bigint, now timestamptz);
CREATE TEMP TABLE merchant (position int, id uuid, actor text, skus int, alipay uuid, wechatpay uuid, unionpay uuid);
CREATE TEMP TABLE draft_line (n bigint, merchant int, line int, sku text, name text, unit_price bigint, quantity int);
CREATE TEMP TABLE draft (
  n bigint, nth bigint, kind text, status text, id uuid, merchant_id uuid, actor text, account_id uuid, gateway text, method text, number text,
  out_trade_no text, payment_id uuid, attempt_id uuid, shipment_id uuid, refund_id uuid, items jsonb, items_amount bigint, shipping_fee bigint,
  due bigint, first_price bigint, first_sku text, created_at timestamptz, started_at timestamptz, expires_at timestamptz, paid_at timestamptz,
  shipped_at timestamptz, completed_at timestamptz, cancelled_at timestamptz, refund_at timestamptz, refund_amount bigint, restocks boolean
);`;

/** The lines of the orders from $1 to $2. The merchant that was there first has most of them, and a few SKUs are wanted more than the rest. */
export const DRAFT_LINES = `
INSERT INTO draft_line
SELECT n, m.position, line, 'FILL-' || lpad(sku::text, 5, '0'), 'Product ' || sku, 1000 + sku * 37 % 500 * 100,
       CASE WHEN pg_temp.chance(n, 40 + line) < 0.8 THEN 1 ELSE 2 END
  FROM generate_series($1::bigint, $2::bigint) AS n
 CROSS JOIN LATERAL (SELECT CASE WHEN pg_temp.chance(n, 1) < 0.92 THEN 1 ELSE 2 + floor(3 * pg_temp.chance(n, 2))::int END AS position OFFSET 0) AS whose
  JOIN merchant m USING (position)
 CROSS JOIN LATERAL generate_series(1, CASE WHEN pg_temp.chance(n, 3) < 0.75 THEN 1 WHEN pg_temp.chance(n, 3) < 0.95 THEN 2 ELSE 3 END) AS line
 CROSS JOIN LATERAL (SELECT ((floor(m.skus * pg_temp.chance(n, 4) ^ 2)::int + (line - 1) * 613) % m.skus + 1)::bigint AS sku OFFSET 0) AS what`;

/** A value that is worked out once for each order: without the OFFSET, PostgreSQL would write it out wherever it is used. */
const once = (expression: string, name: string, column = 'at'): string =>
  `CROSS JOIN LATERAL (SELECT ${expression} AS ${column} OFFSET 0) AS ${name}`;

const within = (from: string, least: string, span: string, throwOf: number): string =>
  `date_trunc('milliseconds', ${from} + interval '${least}' + interval '${span}' * pg_temp.chance(o.n, ${throwOf}))`;

/** How many a bigint of twelve digits in base 36 counts. */
const TWELVE_DIGITS = 36n ** 12n;

/**
 * The orders of those lines, with what has become of them by now: one in sixteen was never paid, one in seventy was cancelled after it
 * was; the others are where their age has brought them, and of those that arrived one in thirty gave some of its money back. Numbers are
 * made of ids as the program makes them (order-pricing.ts, out-trade-no.ts).
 */
export const DRAFT = `
INSERT INTO draft
SELECT o.n, o.n - p.base, kind.what,
       CASE WHEN kind.what = 'pending' THEN 'pending_payment' WHEN kind.what <> 'paid' THEN 'cancelled' WHEN completed.at IS NOT NULL THEN 'completed'
            WHEN shipped.at IS NOT NULL THEN 'shipped' ELSE 'awaiting_shipment' END,
       whole.id, m.id, m.actor, CASE gateway.what WHEN 'alipay' THEN m.alipay WHEN 'wechatpay' THEN m.wechatpay ELSE m.unionpay END,
       gateway.what, CASE gateway.what WHEN 'wechatpay' THEN 'native' ELSE 'page' END,
       to_char(created.at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') || pg_temp.base32(tail.bits),
       right(pg_temp.base36(high.value), 1) || pg_temp.base36(middle.value) || pg_temp.base36(low.value) || '01',
       pg_temp.id7(created.at, o.n, 'payment'), pg_temp.id7(created.at + interval '5 s', o.n, 'attempt'),
       pg_temp.id7(shipped.at, o.n, 'shipment'), pg_temp.id7(refund.at, o.n, 'refund'),
       o.items, o.items_amount, fee.what, o.items_amount + fee.what, o.first_price, o.first_sku, created.at, created.at + interval '5 s', expires.at,
       paid.at, shipped.at, completed.at, cancelled.at, refund.at,
       CASE kind.what WHEN 'cancelled' THEN o.items_amount + fee.what ELSE o.first_price END, kind.what = 'paid' AND pg_temp.chance(o.n, 17) < 0.5
  FROM plan p
 CROSS JOIN (SELECT n, merchant, sum(unit_price * quantity)::bigint AS items_amount, min(unit_price) FILTER (WHERE line = 1) AS first_price,
                    min(sku) FILTER (WHERE line = 1) AS first_sku, jsonb_agg(jsonb_build_object('sku', sku, 'quantity', quantity) ORDER BY line) AS items
               FROM draft_line GROUP BY n, merchant) AS o
  JOIN merchant m ON m.position = o.merchant
 ${once('p.base + p.orders - o.n + pg_temp.chance(o.n, 10)', 'before', 'the_last')}
 ${once(
   `CASE WHEN o.n - p.base > p.orders - p.pending THEN 'pending' WHEN pg_temp.chance(o.n, 11) < 0.06 THEN 'expired'
         WHEN pg_temp.chance(o.n, 11) < 0.075 THEN 'cancelled' ELSE 'paid' END`,
   'kind',
   'what',
 )}
 ${once(`CASE WHEN pg_temp.chance(o.n, 12) < 0.5 THEN 'alipay' WHEN pg_temp.chance(o.n, 12) < 0.9 THEN 'wechatpay' ELSE 'unionpay' END`, 'gateway', 'what')}
 ${once('CASE WHEN pg_temp.chance(o.n, 13) < 0.5 THEN 1000 ELSE 0 END', 'fee', 'what')}
 ${once(
   `date_trunc('milliseconds', CASE kind.what WHEN 'pending' THEN p.now - interval '50 min' * (before.the_last / p.pending)
     ELSE p.now - interval '1 hour' - interval '1 day' * p.days * ((before.the_last - p.pending) / (p.orders - p.pending)) END)`,
   'created',
 )}
 ${once(`pg_temp.id7(created.at, o.n, 'order')`, 'whole', 'id')}
 ${once(`replace(whole.id::text, '-', '')`, 'spelt', 'hex')}
 ${once(`('x' || right(hex, 15))::bit(60)::bigint`, 'tail', 'bits')}
 ${once(
   `('x' || left(hex, 8))::bit(32)::bigint::numeric * ${2n ** 96n} + ('x' || substr(hex, 9, 12))::bit(48)::bigint::numeric * ${2n ** 48n}
     + ('x' || right(hex, 12))::bit(48)::bigint`,
   'number',
   'value',
 )}
 ${once(`div(number.value, ${TWELVE_DIGITS})`, 'upper', 'value')}
 ${once(`div(upper.value, ${TWELVE_DIGITS})::bigint`, 'high', 'value')}
 ${once(`mod(upper.value, ${TWELVE_DIGITS})::bigint`, 'middle', 'value')}
 ${once(`mod(number.value, ${TWELVE_DIGITS})::bigint`, 'low', 'value')}
 ${once(`created.at + CASE kind.what WHEN 'pending' THEN interval '15 days' ELSE interval '30 min' END`, 'expires')}
 ${once(within('created.at', '10 s', '590 s', 14), 'pays')}
 ${once(`CASE WHEN kind.what IN ('paid', 'cancelled') THEN pays.at END`, 'paid')}
 ${once(within('pays.at', '1 hour', '47 hours', 15), 'ships')}
 ${once(`CASE WHEN kind.what = 'paid' AND ships.at < p.now THEN ships.at END`, 'shipped')}
 ${once(within('ships.at', '1 day', '215 hours', 16), 'arrives')}
 ${once('CASE WHEN shipped.at IS NOT NULL AND arrives.at < p.now THEN arrives.at END', 'completed')}
 ${once(`CASE kind.what WHEN 'expired' THEN expires.at + interval '1 s' WHEN 'cancelled' THEN ${within('pays.at', '5 min', '30 min', 18)} END`, 'cancelled')}
 ${once(
   `CASE WHEN kind.what = 'cancelled' THEN cancelled.at
         WHEN pg_temp.chance(o.n, 19) < 0.03 AND completed.at < p.now - interval '1 day' THEN completed.at + interval '2 hours' END`,
   'refund',
 )}`;
