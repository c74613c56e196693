/** What was due, paid and given back for the orders of a slice, and what the gateways said of it. */
export const PAYMENTS = [
  `INSERT INTO payments (id, order_id, order_number, merchant_id, status, amount, currency, refunded, paid_by_attempt, attempts, expires_at, created_at)
   SELECT payment_id, id, number, merchant_id, CASE kind WHEN 'pending' THEN 'requires_payment' WHEN 'expired' THEN 'closed' ELSE 'succeeded' END, due, 'CNY',
          CASE WHEN refund_at IS NULL THEN 0 ELSE refund_amount END, CASE WHEN paid_at IS NOT NULL THEN attempt_id END,
          CASE WHEN paid_at IS NULL THEN 0 ELSE 1 END, expires_at, created_at
     FROM draft ORDER BY n`,
  `INSERT INTO payment_attempts (id, payment_id, order_id, merchant_id, number, gateway, account_id, method, out_trade_no, status, amount, currency, action,
                                 gateway_ref, paid_at, used_as, expires_at, created_at)
   SELECT attempt_id, payment_id, id, merchant_id, 1, gateway, account_id, method, out_trade_no, 'succeeded', due, 'CNY',
          jsonb_build_object('type', 'qr_code', 'codeUrl', 'weixin://wxpay/bizpayurl?pr=' || left(md5(n::text), 16)),
          to_char(paid_at, 'YYYYMMDD') || '22' || lpad(n::text, 18, '0'), paid_at, 'payment', expires_at, started_at
     FROM draft WHERE paid_at IS NOT NULL ORDER BY n`,
  `INSERT INTO refunds (id, payment_id, attempt_id, order_id, merchant_id, gateway, account_id, kind, status, amount, currency, reason, restock, sent_at,
                        created_at, refunded_at)
   SELECT refund_id, payment_id, attempt_id, id, merchant_id, gateway, account_id, CASE kind WHEN 'cancelled' THEN 'cancelled' ELSE 'requested' END, 'succeeded',
          refund_amount, 'CNY', CASE kind WHEN 'cancelled' THEN 'the order was cancelled' ELSE 'damaged in transit' END,
          CASE WHEN restocks THEN jsonb_build_array(jsonb_build_object('sku', first_sku, 'quantity', 1)) ELSE '[]' END,
          refund_at + interval '1 s', refund_at, refund_at + interval '5 s'
     FROM draft WHERE refund_at IS NOT NULL ORDER BY n`,
  `INSERT INTO callbacks (id, gateway, topic, merchant_id, order_id, account_id, headers, body, verdict, effect, notice_id, out_trade_no, received_at)
   SELECT pg_temp.id7(paid_at + interval '1 s', n, 'callback'), gateway, 'payments', merchant_id, id, account_id, '{"content-type":"application/x-www-form-urlencoded"}',
          convert_to(format('out_trade_no=%s&trade_status=TRADE_SUCCESS&total_amount=%s&txnAmt=%s&notify_id=%s', out_trade_no, round(due / 100.0, 2), due, n), 'UTF8'),
          'verified', 'applied', n::text, out_trade_no, paid_at + interval '1 s'
     FROM draft, plan p WHERE paid_at > p.callbacks_since ORDER BY n`,
  // Strangers: what they send belongs to nobody.
  `INSERT INTO callbacks (id, gateway, topic, headers, body, verdict, effect, reason, received_at)
   SELECT pg_temp.id7(created_at, n, 'stranger'), gateway, 'payments', '{"user-agent":"curl/8.0"}', 'trade_status=TRADE_SUCCESS',
          CASE WHEN nth % 3 = 0 THEN 'malformed' ELSE 'bad_signature' END, 'none', 'the signature does not fit', created_at
     FROM draft, plan p WHERE created_at > p.callbacks_since AND pg_temp.chance(n, 20) < 0.01 ORDER BY n`,
  // Genuine, and for an application that was not set up: somebody looked after ten days.
  `INSERT INTO discrepancies (id, kind, gateway, subject, detail, opened_at, last_seen_at, resolved_at, resolution)
   SELECT pg_temp.id7(created_at, n, 'discrepancy'), 'wrong_app', gateway, 'fill-' || n, 'a genuine notice came that is not for this account', created_at,
          created_at, looked.at, CASE WHEN looked.at IS NOT NULL THEN 'an old address' END
     FROM draft, plan p, LATERAL (SELECT CASE WHEN created_at < p.now - interval '20 days' THEN created_at + interval '10 days' END AS at) AS looked
    WHERE pg_temp.chance(n, 21) < 0.0005 ORDER BY n`,
  `INSERT INTO idempotency_keys (merchant_id, key, request_hash, resource_id, answer, created_at, under_way_until)
   SELECT merchant_id, what || n, md5(what || n), CASE what WHEN 'order-' THEN id ELSE attempt_id END,
          json_build_object('body', json_build_object('id', CASE what WHEN 'order-' THEN id ELSE attempt_id END, 'number', number, 'status', 'pending_payment', 'amountDue', due, 'items', items)),
          created_at, created_at + interval '30 s'
     FROM draft CROSS JOIN plan p CROSS JOIN (VALUES ('order-'), ('payment-')) AS request(what)
    WHERE created_at > p.now - interval '2 days' AND (what = 'order-' OR paid_at IS NOT NULL) ORDER BY n`,
] as const;
