/**
 * Begins a payment whose page is signed already: the payment's row says whether it may, and is locked by the update that counts the
 * attempt; the attempt is written as it is to stay, with its event and the answer. Answers that answer, or `{"error":…}`.
 */
export const START_PAYMENT = `
CREATE FUNCTION bench.start_payment(
  p_merchant uuid, p_key text, p_hash text, p_order uuid, p_attempt uuid, p_number int, p_out_trade_no text, p_amount bigint, p_account uuid,
  p_return_url text, p_action jsonb, p_answer text, p_expires timestamptz, p_now timestamptz, p_ask_at timestamptz, p_event uuid,
  p_correlation text, p_actor text
) RETURNS text LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_hash text; v_answer json; v_payment uuid;
BEGIN
  SELECT request_hash, answer INTO v_hash, v_answer FROM idempotency_keys WHERE merchant_id = p_merchant AND key = p_key;
  IF FOUND THEN
    RETURN CASE WHEN v_hash = p_hash THEN v_answer ->> 'body' ELSE '{"error":{"code":"idempotency_key_reused"}}' END;
  END IF;
  UPDATE payments SET attempts = p_number
   WHERE order_id = p_order AND merchant_id = p_merchant AND status = 'requires_payment' AND attempts = p_number - 1 AND amount = p_amount
     AND expires_at > p_now RETURNING id INTO v_payment;
  IF NOT FOUND THEN RETURN '{"error":{"code":"order_not_payable"}}'; END IF;
  INSERT INTO payment_attempts (id, payment_id, order_id, merchant_id, number, gateway, account_id, method, out_trade_no, status, amount,
                                currency, return_url, action, ask_at, expires_at, created_at, correlation_id)
  VALUES (p_attempt, v_payment, p_order, p_merchant, p_number, 'alipay', p_account, 'page', p_out_trade_no, 'pending', p_amount,
          'CNY', p_return_url, p_action, p_ask_at, p_expires, p_now, p_correlation);
  INSERT INTO events (id, type, version, merchant_id, order_id, facts, correlation_id, causation_id, actor, occurred_at)
  VALUES (p_event, 'payment.attempt_started', 1, p_merchant, p_order,
          jsonb_build_object('merchantId', p_merchant, 'orderId', p_order, 'attemptId', p_attempt, 'gateway', 'alipay', 'method', 'page',
            'outTradeNo', p_out_trade_no, 'amount', jsonb_build_object('amount', p_amount, 'currency', 'CNY')),
          p_correlation, NULL, p_actor, p_now);
  INSERT INTO idempotency_keys (merchant_id, key, request_hash, resource_id, answer, created_at, under_way_until)
  VALUES (p_merchant, p_key, p_hash, p_attempt, ('{"body":' || p_answer || '}')::json, p_now, p_now + interval '30 seconds');
  RETURN p_answer;
END $$;
`;

/**
 * A notice that was verified, applied in one call: attempt, payment, order, reservations, two events and the line of the inbox. Each
 * update says itself what must hold, so that nothing is read first. Answers the gateway's word.
 */
export const APPLY_NOTICE = `
CREATE FUNCTION bench.apply_notice(
  p_callback uuid, p_account uuid, p_out_trade_no text, p_gateway_ref text, p_amount bigint, p_paid_at timestamptz, p_notice text,
  p_headers jsonb, p_body bytea, p_sealed bytea, p_now timestamptz, p_succeeded uuid, p_paid uuid, p_correlation text
) RETURNS text LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  v_attempt uuid; v_payment uuid; v_order uuid; v_merchant uuid; v_effect text := 'applied'; v_reason text; v_money jsonb;
BEGIN
  UPDATE payment_attempts
     SET status = 'succeeded', used_as = 'payment', gateway_ref = p_gateway_ref, paid_at = p_paid_at, ask_at = NULL, failure_reason = NULL
   WHERE out_trade_no = p_out_trade_no AND gateway = 'alipay' AND account_id = p_account AND amount = p_amount AND status <> 'succeeded'
  RETURNING id, payment_id, order_id, merchant_id INTO v_attempt, v_payment, v_order, v_merchant;
  IF FOUND THEN
    UPDATE payments SET status = 'succeeded', paid_by_attempt = v_attempt WHERE id = v_payment AND status IN ('requires_payment', 'closing');
    IF NOT FOUND THEN RAISE EXCEPTION 'money that no order can use'; END IF;
    UPDATE orders SET status = 'awaiting_shipment', amount_paid = p_amount, paid_at = p_paid_at, cancel_reason = NULL WHERE id = v_order;
    UPDATE reservations SET status = 'committed' WHERE order_id = v_order AND status = 'held';
    v_money := jsonb_build_object('amount', p_amount, 'currency', 'CNY');
    INSERT INTO events (id, type, version, merchant_id, order_id, facts, correlation_id, causation_id, actor, occurred_at)
    VALUES (p_succeeded, 'payment.succeeded', 1, v_merchant, v_order,
            jsonb_build_object('merchantId', v_merchant, 'orderId', v_order, 'paymentId', v_payment, 'attemptId', v_attempt, 'gateway', 'alipay',
              'outTradeNo', p_out_trade_no, 'paid', v_money, 'paidAt', p_paid_at), p_correlation, NULL, 'gateway:alipay', p_now),
           (p_paid, 'order.paid', 1, v_merchant, v_order,
            jsonb_build_object('merchantId', v_merchant, 'orderId', v_order, 'paid', v_money, 'paidAt', p_paid_at),
            p_correlation, p_succeeded, 'gateway:alipay', p_now);
  ELSE
    SELECT merchant_id, order_id INTO v_merchant, v_order FROM payment_attempts
     WHERE out_trade_no = p_out_trade_no AND account_id = p_account AND amount = p_amount;
    v_effect := CASE WHEN FOUND THEN 'already_applied' ELSE 'none' END;
    v_reason := CASE WHEN FOUND THEN NULL ELSE 'names nothing that is due' END;
  END IF;
  INSERT INTO callbacks (id, gateway, topic, merchant_id, order_id, headers, body, verdict, effect, reason, notice_id, out_trade_no,
                         received_at, sealed, account_id)
  VALUES (p_callback, 'alipay', 'payments', v_merchant, v_order, p_headers, p_body, 'verified', v_effect, v_reason, p_notice, p_out_trade_no,
          p_now, p_sealed, p_account);
  RETURN CASE WHEN v_effect = 'none' THEN 'fail' ELSE 'success' END;
END $$;
`;
