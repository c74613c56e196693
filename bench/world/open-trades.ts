import { Client } from 'pg';
import { v7 as uuidv7 } from 'uuid';

import type { OpenTrade } from '../driver/job.js';

const PRICE = 12_345;

/** Orders that wait for their payer, as they stand after `POST …/payments`: their numbers and amounts are the same in every database. */
export function drawOpenTrades(count: number): OpenTrade[] {
  return Array.from({ length: count }, () => {
    const orderId = uuidv7();
    const digits = BigInt(`0x${orderId.replaceAll('-', '')}`)
      .toString(36)
      .padStart(25, '0');
    return { orderId, outTradeNo: `${digits}01`, amount: PRICE };
  });
}

// In an hour they would be asked about: long after the run.
const WRITE = `
WITH trade AS (
  SELECT t.order_id, t.out_trade_no, t.amount, gen_random_uuid() AS payment_id, gen_random_uuid() AS attempt_id, gen_random_uuid() AS created,
         m.id AS merchant_id, g.id AS account_id
    FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS t(order_id, out_trade_no, amount),
         (SELECT id FROM merchants ORDER BY id LIMIT 1) m, (SELECT id FROM gateway_accounts WHERE gateway = 'alipay' LIMIT 1) g
), o AS (
  INSERT INTO orders (id, merchant_id, number, status, customer_id, currency, items_amount, shipping_fee, amount_due, metadata, expires_at, created_at)
  SELECT order_id, merchant_id, upper(right(order_id::text, 12)), 'pending_payment', 'c-bench', 'CNY', amount, 0, amount, '{}', now() + interval '1 day', now() FROM trade
), l AS (
  INSERT INTO order_lines (order_id, line, sku, name, unit_price, quantity, amount) SELECT order_id, 1, $4::text, $4, amount, 1, amount FROM trade
), r AS (
  INSERT INTO reservations (order_id, merchant_id, sku, quantity, status) SELECT order_id, merchant_id, $4, 1, 'held' FROM trade
), s AS (
  INSERT INTO stock_movements (merchant_id, sku, kind, on_hand_delta, reserved_delta, order_id, created_at)
  SELECT merchant_id, $4, 'reserved', 0, 1, order_id, now() FROM trade
), u AS (
  UPDATE stock_levels SET reserved = reserved + (SELECT count(*) FROM trade) WHERE sku = $4
), e AS (
  INSERT INTO events (id, type, version, merchant_id, order_id, facts, correlation_id, causation_id, actor, occurred_at)
  SELECT created, 'order.created', 1, merchant_id, order_id,
         jsonb_build_object('merchantId', merchant_id, 'orderId', order_id, 'number', upper(right(order_id::text, 12)),
           'items', jsonb_build_array(jsonb_build_object('sku', $4, 'quantity', 1)),
           'due', jsonb_build_object('amount', amount, 'currency', 'CNY'), 'expiresAt', now() + interval '1 day'),
         created::text, NULL::uuid, 'system:bench', now() FROM trade
  UNION ALL
  SELECT gen_random_uuid(), 'inventory.reserved', 1, merchant_id, order_id,
         jsonb_build_object('merchantId', merchant_id, 'orderId', order_id, 'items', jsonb_build_array(jsonb_build_object('sku', $4, 'quantity', 1))),
         created::text, created, 'system:bench', now() FROM trade
  UNION ALL
  SELECT gen_random_uuid(), 'payment.attempt_started', 1, merchant_id, order_id,
         jsonb_build_object('merchantId', merchant_id, 'orderId', order_id, 'attemptId', attempt_id, 'gateway', 'alipay', 'method', 'page',
           'outTradeNo', out_trade_no, 'amount', jsonb_build_object('amount', amount, 'currency', 'CNY')),
         attempt_id::text, NULL, 'system:bench', now() FROM trade
), p AS (
  INSERT INTO payments (id, order_id, order_number, merchant_id, status, amount, currency, attempts, expires_at, created_at)
  SELECT payment_id, order_id, upper(right(order_id::text, 12)), merchant_id, 'requires_payment', amount, 'CNY', 1, now() + interval '1 day', now() FROM trade
)
INSERT INTO payment_attempts (id, payment_id, order_id, merchant_id, number, gateway, account_id, method, out_trade_no, status, amount, currency,
                              action, ask_at, expires_at, created_at)
SELECT attempt_id, payment_id, order_id, merchant_id, 1, 'alipay', account_id, 'page', out_trade_no, 'pending', amount, 'CNY',
       '{"type":"redirect","url":"https://cashier.example/"}', now() + interval '1 hour', now() + interval '1 day', now()
  FROM trade
`;

/** Writes them, each of one unit of `sku`, and lets the database come to rest. */
export async function writeOpenTrades(databaseUrl: string, trades: readonly OpenTrade[], sku: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(WRITE, [
      trades.map(({ orderId }) => orderId),
      trades.map(({ outTradeNo }) => outTradeNo),
      trades.map(({ amount }) => amount),
      sku,
    ]);
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}
