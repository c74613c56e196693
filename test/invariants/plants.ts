/** Something wrong, and the one view that must find it. */
export interface Plant {
  readonly breaks: string;
  readonly what: string;
  /** What else the database would refuse it with. */
  readonly without?: readonly string[];
  readonly sql: string;
}

/** The order of the story that has this SKU. */
const order = (sku: string) => `(SELECT order_id FROM order_lines WHERE sku = '${sku}')`;
const attempt = (sku: string, usedAs = 'payment') =>
  `(SELECT id FROM payment_attempts WHERE order_id = ${order(sku)} AND used_as = '${usedAs}')`;

const event = (type: string, sku: string, facts = `'{}'`) => `
  INSERT INTO events (id, type, version, merchant_id, order_id, facts, correlation_id, actor, occurred_at)
  SELECT gen_random_uuid(), '${type}', 1, merchant_id, id, ${facts}, 'planted', 'test', now() FROM orders WHERE id = ${order(sku)};`;

const movement = (kind: string, onHand: number, reserved: number, sku = 'SHELF') => `
  INSERT INTO stock_movements (merchant_id, sku, kind, on_hand_delta, reserved_delta, created_at)
  SELECT merchant_id, sku, '${kind}', ${onHand}, ${reserved}, now() FROM stock_levels WHERE sku = '${sku}';`;

/** The refund of an order has failed, with all that goes with it. */
const failed = (sku: string) => `
  UPDATE refunds SET status = 'failed', refunded_at = NULL WHERE order_id = ${order(sku)};
  ${event('payment.refund_unsettled', sku, `(SELECT jsonb_build_object('refundId', id, 'status', 'failed') FROM refunds WHERE order_id = ${order(sku)})`)}
  DELETE FROM events WHERE order_id = ${order(sku)} AND type = 'payment.refund_succeeded';`;

const STOCK: readonly Plant[] = [
  {
    breaks: 'stock_is_never_oversold',
    what: 'units that are not there',
    without: ['stock_levels.stock_never_oversold'],
    sql: `INSERT INTO stock_levels SELECT merchant_id, 'NOTHING', -1, 0 FROM stock_levels WHERE sku = 'SHELF'; ${movement('adjusted', -1, 0, 'NOTHING')}`,
  },
  { breaks: 'stock_is_sum_of_movements', what: 'a movement that moved nothing', sql: movement('adjusted', 1, 0) },
  {
    breaks: 'stock_is_sum_of_movements',
    what: 'a movement of what is no product',
    sql: `${movement('opened', 1, 0)} UPDATE stock_movements SET sku = 'LOST' WHERE seq = lastval()`,
  },
  {
    breaks: 'stock_reserved_is_what_reservations_hold',
    what: 'a unit reserved for nobody',
    sql: `UPDATE stock_levels SET reserved = reserved + 1 WHERE sku = 'SHELF'; ${movement('reserved', 0, 1)}`,
  },
  {
    breaks: 'reservation_moved_its_stock',
    what: 'a movement for another order',
    sql: `UPDATE stock_movements SET order_id = ${order('OPEN')} WHERE sku = 'PARTLY' AND kind = 'shipped'`,
  },
  {
    breaks: 'reservation_follows_its_order',
    what: 'a promise to nobody who has paid',
    sql: `UPDATE reservations SET status = 'committed' WHERE sku = 'OPEN'`,
  },
  {
    breaks: 'parcels_hold_what_was_shipped',
    what: 'a parcel with one more',
    sql: `UPDATE shipments SET items = '[{"sku":"PARTLY","quantity":2}]' WHERE order_id = ${order('PARTLY')}`,
  },
];

const ORDERS: readonly Plant[] = [
  {
    breaks: 'order_adds_up',
    what: 'a fee that was a price',
    sql: `UPDATE orders SET items_amount = items_amount - 1, shipping_fee = shipping_fee + 1 WHERE id = ${order('OPEN')}`,
  },
  {
    breaks: 'order_has_its_money',
    what: 'an order paid at no time',
    without: ['orders.order_paid_has_its_money'],
    sql: `UPDATE orders SET paid_at = NULL WHERE id = ${order('PARTLY')}`,
  },
  {
    breaks: 'order_times_fit_its_status',
    what: 'an order cancelled at no time',
    without: ['orders.order_cancelled_at'],
    sql: `UPDATE orders SET cancelled_at = NULL WHERE id = ${order('GONE')}`,
  },
  {
    breaks: 'order_units_add_up',
    what: 'an order that is called shipped with units left',
    sql: `UPDATE orders SET status = 'shipped', shipped_at = now() WHERE id = ${order('PARTLY')}; ${event('order.fulfilled', 'PARTLY')}`,
  },
  {
    breaks: 'order_does_not_wait_for_ever',
    what: 'an unpaid order of yesterday',
    sql: `UPDATE orders SET expires_at = invariants.present() - interval '1 day' WHERE id = ${order('OPEN')}`,
  },
  {
    breaks: 'order_does_not_wait_for_ever',
    what: 'a parcel that has been under way for two years',
    sql: `UPDATE orders SET shipped_at = invariants.present() - interval '2 years' WHERE id = ${order('KEPT')}`,
  },
];

const MONEY: readonly Plant[] = [
  {
    breaks: 'order_and_payment_agree',
    what: 'an order that knows of no refund',
    sql: `UPDATE orders SET amount_refunded = 0 WHERE id = ${order('DONE')}`,
  },
  {
    breaks: 'payment_is_one_paid_attempt',
    what: 'a payment by an attempt that nobody made',
    sql: `UPDATE payments SET paid_by_attempt = gen_random_uuid() WHERE order_id = ${order('DONE')}`,
  },
  {
    breaks: 'trade_counts_once',
    what: 'a trade that paid for two orders',
    without: ['payment_attempts.attempts_by_gateway_ref'],
    sql: `UPDATE payment_attempts SET gateway_ref = (SELECT gateway_ref FROM payment_attempts WHERE id = ${attempt('DONE')}) WHERE id = ${attempt('REST')}`,
  },
  {
    breaks: 'money_is_announced_as_it_came',
    what: 'an event with another amount',
    sql: `UPDATE events SET facts = jsonb_set(facts, '{paid,amount}', '1') WHERE type = 'payment.succeeded' AND order_id = ${order('DONE')}`,
  },
  {
    breaks: 'attempt_belongs_to_its_account',
    what: 'an account that was given away',
    sql: `UPDATE gateway_accounts SET merchant_id = (SELECT max(id::text)::uuid FROM merchants) WHERE gateway = 'unionpay'`,
  },
  {
    breaks: 'family_has_one_merchant',
    what: 'a parcel of somebody else',
    sql: `UPDATE shipments SET merchant_id = (SELECT max(id::text)::uuid FROM merchants) WHERE order_id = ${order('DONE')}`,
  },
  {
    breaks: 'attempt_does_not_wait_for_ever',
    what: 'an attempt that nobody asked about',
    sql: `UPDATE payment_attempts SET ask_at = invariants.present() - interval '2 hours' WHERE order_id = ${order('OPEN')}`,
  },
  {
    breaks: 'attempt_does_not_wait_for_ever',
    what: 'an attempt that is open long after its expiry',
    sql: `UPDATE payment_attempts SET expires_at = invariants.present() - interval '2 days' WHERE order_id = ${order('OPEN')}`,
  },
  {
    breaks: 'unsettled_is_asked_about',
    what: 'a question about what is settled',
    without: ['payment_attempts.attempt_unsettled_is_asked'],
    sql: `UPDATE payment_attempts SET ask_at = invariants.present() WHERE id = ${attempt('DONE')}`,
  },
  {
    breaks: 'refunds_never_exceed_what_was_paid',
    what: 'money that goes back a second time',
    sql: `
      WITH again AS (INSERT INTO refunds (id, payment_id, attempt_id, order_id, merchant_id, kind, status, amount, currency, reason, restock, ask_at, created_at, gateway, account_id)
        SELECT gen_random_uuid(), payment_id, id, order_id, merchant_id, 'late', 'requested', amount, currency, 'planted', '[]', now(), now(), gateway, account_id
          FROM payment_attempts WHERE id = ${attempt('DONE')} RETURNING id)
      INSERT INTO events (id, type, version, merchant_id, order_id, facts, correlation_id, actor, occurred_at)
      SELECT gen_random_uuid(), 'payment.refund_requested', 1, o.merchant_id, o.id, jsonb_build_object('refundId', again.id), 'planted', 'test', now()
        FROM orders o, again WHERE o.id = ${order('DONE')}`,
  },
  {
    breaks: 'payment_counts_its_refunds',
    what: 'one fen that no refund gave back',
    sql: `UPDATE orders SET amount_refunded = amount_refunded + 1 WHERE id = ${order('DONE')}; UPDATE payments SET refunded = refunded + 1 WHERE order_id = ${order('DONE')}`,
  },
  { breaks: 'unusable_money_goes_back', what: 'late money that the gateway would not take back', sql: failed('LATE') },
  {
    breaks: 'unusable_money_goes_back',
    what: 'surplus money that goes back in part',
    sql: `UPDATE refunds SET amount = amount - 1 WHERE kind = 'surplus'`,
  },
  {
    breaks: 'cancelled_order_keeps_no_money',
    what: 'a cancelled order whose money the gateway would not take back',
    sql: `${failed('GIVEN-BACK')} UPDATE orders SET amount_refunded = 0 WHERE id = ${order('GIVEN-BACK')}; UPDATE payments SET refunded = 0 WHERE order_id = ${order('GIVEN-BACK')}`,
  },
  {
    breaks: 'refund_was_dated_before_it_was_sent',
    what: 'a refund sent at no time',
    sql: `UPDATE refunds SET sent_at = NULL WHERE order_id = ${order('DONE')}`,
  },
  {
    breaks: 'refund_was_requested_once_a_try',
    what: 'a second number that nobody asked for',
    sql: `UPDATE refunds SET tries = 2 WHERE order_id = ${order('DONE')}`,
  },
  {
    breaks: 'refund_does_not_wait_for_ever',
    what: 'a refund that nobody asked about',
    sql: `UPDATE refunds SET ask_at = invariants.present() - interval '2 hours' WHERE order_id = ${order('WAITING')}`,
  },
  {
    breaks: 'refund_does_not_wait_for_ever',
    what: 'a refund that has been under way for a month',
    sql: `UPDATE refunds SET created_at = invariants.present() - interval '30 days' WHERE order_id = ${order('WAITING')};
          UPDATE events SET occurred_at = invariants.present() - interval '30 days' WHERE order_id = ${order('WAITING')} AND type = 'payment.refund_requested'`,
  },
];

const HISTORIES: readonly Plant[] = [
  {
    breaks: 'order_history_is_legal',
    what: 'an order that is completed without an event',
    sql: `UPDATE orders SET status = 'completed', completed_at = now() WHERE id = ${order('KEPT')}`,
  },
  {
    breaks: 'order_history_is_legal',
    what: 'a gap',
    sql: `DELETE FROM events WHERE type = 'order.shipped' AND order_id = ${order('DONE')}`,
  },
  { breaks: 'order_history_is_legal', what: 'a step that is not permitted', sql: event('order.completed', 'GONE') },
  { breaks: 'payment_history_is_legal', what: 'a payment that was closed twice', sql: event('payment.closed', 'GONE') },
  {
    breaks: 'attempt_history_is_legal',
    what: 'an attempt that failed unheard',
    sql: `UPDATE payment_attempts SET status = 'failed' WHERE order_id = ${order('CLOSED')}`,
  },
  {
    breaks: 'refund_history_is_legal',
    what: 'a refund that is unknown unheard',
    sql: `UPDATE refunds SET status = 'unknown' WHERE order_id = ${order('WAITING')}`,
  },
];

const GATEWAYS: readonly Plant[] = [
  {
    breaks: 'applied_callback_fits',
    what: 'one that was applied and not believed',
    sql: `UPDATE callbacks SET verdict = 'bad_signature' WHERE order_id = ${order('DONE')}`,
  },
  {
    breaks: 'applied_callback_fits',
    what: 'one that names nothing of ours',
    sql: `UPDATE callbacks SET out_trade_no = 'nobody' WHERE order_id = ${order('DONE')} AND effect = 'applied'`,
  },
  {
    breaks: 'applied_callback_fits',
    what: 'one that another account read',
    sql: `UPDATE callbacks SET account_id = gen_random_uuid() WHERE order_id = ${order('DONE')}`,
  },
  {
    breaks: 'applied_callback_fits',
    what: 'another amount of Alipay’s',
    sql: `UPDATE callbacks SET body = 'total_amount=300.01&x=1' WHERE order_id = ${order('DONE')} AND effect = 'applied'`,
  },
  {
    breaks: 'applied_callback_fits',
    what: 'another amount of UnionPay’s',
    sql: `UPDATE callbacks SET body = 'x=1&txnAmt=45001' WHERE order_id = ${order('PARTLY')} AND effect = 'applied'`,
  },
  {
    breaks: 'callback_is_applied_once',
    what: 'one more for a trade that is settled',
    sql: `INSERT INTO callbacks (id, gateway, topic, merchant_id, order_id, headers, body, verdict, effect, out_trade_no, received_at, account_id)
          SELECT gen_random_uuid(), gateway, topic, merchant_id, order_id, headers, body, verdict, effect, out_trade_no, received_at, account_id
            FROM callbacks WHERE order_id = ${order('DONE')} AND effect = 'applied'`,
  },
  {
    breaks: 'discrepancy_has_two_sides',
    what: 'one that expected nothing',
    sql: `UPDATE discrepancies SET expected = NULL WHERE order_id = ${order('WRONG')}`,
  },
  {
    breaks: 'discrepancy_is_open_once',
    what: 'one that is open twice',
    without: ['discrepancies.discrepancies_open_once'],
    sql: `INSERT INTO discrepancies (id, kind, gateway, subject, expected, found, detail, opened_at, last_seen_at)
          SELECT gen_random_uuid(), kind, gateway, subject, expected, found, detail, opened_at, last_seen_at FROM discrepancies WHERE order_id = ${order('WRONG')}`,
  },
  {
    breaks: 'gateway_account_is_one',
    what: 'a default account that is disabled',
    without: ['gateway_accounts.default_account_is_enabled'],
    sql: `UPDATE gateway_accounts SET enabled = false WHERE gateway = 'unionpay'`,
  },
  {
    breaks: 'no_private_key_in_the_clear',
    what: 'a key in the inbox',
    sql: `UPDATE callbacks SET body = body || '&k=-----BEGIN PRIVATE KEY-----' WHERE order_id = ${order('KEPT')}`,
  },
];

const job = (column: string, value: string) => `
  SELECT graphile_worker.add_job('payment.send_refund', job_key := 'payment.send_refund:' || (SELECT max(id::text) FROM events));
  UPDATE graphile_worker._private_jobs SET ${column} = ${value} WHERE key LIKE 'payment.send_refund:' || (SELECT max(id::text) FROM events)`;

const LOG: readonly Plant[] = [
  { breaks: 'log_is_append_only', what: 'a log that can be changed', sql: 'ALTER TABLE events DISABLE TRIGGER events_append_only' },
  {
    breaks: 'event_is_recorded_once',
    what: 'an event that happened twice',
    sql: `INSERT INTO events (id, type, version, merchant_id, order_id, facts, correlation_id, causation_id, actor, occurred_at)
          SELECT id, type, version, merchant_id, order_id, facts, correlation_id, causation_id, actor, occurred_at FROM events WHERE type = 'catalog.product_changed'`,
  },
  {
    breaks: 'cause_stands_before_its_event',
    what: 'an event that nothing caused',
    sql: `UPDATE events SET causation_id = gen_random_uuid() WHERE type = 'order.paid' AND order_id = ${order('DONE')}`,
  },
  {
    breaks: 'event_had_its_effect',
    what: 'a refund that was never sent',
    sql: `UPDATE events SET occurred_at = occurred_at - interval '2 hours' WHERE type = 'payment.refund_requested' AND order_id = ${order('ASKED')}`,
  },
  {
    breaks: 'event_had_its_effect',
    what: 'an attempt that is left open beside a paid one',
    sql: `UPDATE payment_attempts SET status = 'pending', ask_at = invariants.present() + interval '1 hour', close_requested = false, failure_reason = NULL WHERE order_id = ${order('CLOSED')};
          DELETE FROM events WHERE type = 'payment.attempt_settled' AND order_id = ${order('CLOSED')}`,
  },
  { breaks: 'event_had_its_effect', what: 'a job that gave up', sql: job('attempts', 'max_attempts') },
  { breaks: 'job_does_not_wait_for_ever', what: 'a job that nobody takes', sql: job('run_at', `now() - interval '1 day'`) },
  { breaks: 'job_does_not_wait_for_ever', what: 'a job that somebody keeps', sql: job('locked_at', `now() - interval '1 day'`) },
  {
    breaks: 'idempotency_record_has_its_answer',
    what: 'an order that was made and never answered',
    sql: `UPDATE idempotency_keys SET answer = NULL WHERE key = 'answered'`,
  },
  {
    breaks: 'idempotency_record_has_its_answer',
    what: 'an order that was made and refused',
    sql: `UPDATE idempotency_keys SET answer = '{"error":{}}' WHERE key = 'answered'`,
  },
  {
    breaks: 'idempotency_record_has_its_answer',
    what: 'an order that was answered and not made',
    sql: `UPDATE idempotency_keys SET resource_id = '00000000-0000-7000-8000-000000000000', answer = '{"body":{"id":"00000000-0000-7000-8000-000000000000"}}' WHERE key = 'answered'`,
  },
  {
    breaks: 'idempotency_record_has_its_answer',
    what: 'an answer that says nothing',
    sql: `UPDATE idempotency_keys SET answer = '{}' WHERE key = 'refused'`,
  },
  {
    breaks: 'idempotency_record_has_its_answer',
    what: 'a request that has been under way for a week',
    sql: `UPDATE idempotency_keys SET answer = NULL, created_at = invariants.present() - interval '7 days' WHERE key = 'refused'`,
  },
];

export const PLANTS: readonly Plant[] = [...STOCK, ...ORDERS, ...MONEY, ...HISTORIES, ...GATEWAYS, ...LOG];
