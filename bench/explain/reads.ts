import type { Client } from 'pg';

/** Something that is there, of each kind that the API shows. */
export interface Samples {
  readonly order: string;
  readonly oldOrder: string;
  readonly refundedOrder: string;
  readonly payment: string;
  readonly refund: string;
  readonly callback: string;
  readonly outTradeNo: string;
  readonly customer: string;
  readonly sku: string;
  readonly discrepancy: string;
  readonly middle: Date;
}

const STATUSES = ['pending_payment', 'closing', 'awaiting_shipment', 'shipped', 'completed', 'cancelled'];
const VERDICTS = ['verified', 'bad_signature', 'malformed', 'expired'];

/** Picks them from a filled database, of one merchant. */
export async function sample(client: Client, merchantId: string): Promise<Samples> {
  const one = async (what: string, rest: string): Promise<string> => {
    const { rows } = await client.query<{ value: string }>(`SELECT ${what} AS value ${rest}`, [merchantId]);
    if (!rows[0]) throw new Error(`the database has none of these: ${what} ${rest}`);
    return rows[0].value;
  };
  const order = await one('order_id', `FROM payment_attempts WHERE merchant_id = $1 AND status = 'succeeded' ORDER BY id DESC LIMIT 1`);
  const refundedOrder = await one('order_id', 'FROM refunds WHERE merchant_id = $1 ORDER BY id DESC LIMIT 1');
  return {
    order,
    refundedOrder,
    oldOrder: await one('id', 'FROM orders WHERE merchant_id = $1 ORDER BY id LIMIT 1'),
    payment: await one('id', 'FROM payment_attempts WHERE merchant_id = $1 ORDER BY id DESC LIMIT 1'),
    refund: await one('id', 'FROM refunds WHERE merchant_id = $1 ORDER BY id DESC LIMIT 1'),
    callback: await one('id', 'FROM callbacks WHERE merchant_id = $1 ORDER BY id DESC LIMIT 1'),
    outTradeNo: await one('out_trade_no', 'FROM payment_attempts WHERE merchant_id = $1 ORDER BY id LIMIT 1'),
    customer: await one('customer_id', 'FROM orders WHERE merchant_id = $1 ORDER BY id DESC LIMIT 1'),
    sku: await one('sku', 'FROM stock_movements WHERE merchant_id = $1 AND order_id IS NOT NULL LIMIT 1'),
    discrepancy: await one('id', 'FROM discrepancies WHERE merchant_id IS NULL OR merchant_id = $1 ORDER BY id DESC LIMIT 1'),
    middle: new Date(await one('min(created_at) + (max(created_at) - min(created_at)) / 2', 'FROM orders WHERE merchant_id = $1')),
  };
}

/** Every list with each of its filters and in the middle of its pages, every timeline and every look-up of the API. */
export function readsOf(samples: Samples): string[] {
  const from = samples.middle.toISOString();
  const to = new Date(samples.middle.getTime() + 7 * 24 * 60 * 60_000).toISOString();
  const within = `createdFrom=${from}&createdTo=${to}`;
  const customer = `customerId=${samples.customer}`;
  const orders = [
    ...['', customer, `createdFrom=${from}`, `createdTo=${from}`, within, `${customer}&${within}`, `cursor=${cursorAt(samples.oldOrder)}`],
    ...STATUSES.flatMap((status) => ['', customer, within, `${customer}&${within}`].map((more) => `status=${status}&${more}`)),
  ];
  const callbacks = [
    ...['', `outTradeNo=${samples.outTradeNo}`, 'outTradeNo=nobodys', `cursor=${cursorAt(samples.callback)}`],
    ...VERDICTS.flatMap((verdict) => [`verdict=${verdict}`, `verdict=${verdict}&outTradeNo=${samples.outTradeNo}`]),
  ];
  return [
    ...orders.map((query) => `/v1/orders?limit=100&${query}`),
    ...callbacks.map((query) => `/v1/callbacks?limit=100&${query}`),
    ...[samples.order, samples.oldOrder, samples.refundedOrder].flatMap((id) =>
      ['', '/timeline', '/refunds'].map((part) => `/v1/orders/${id}${part}`),
    ),
    ...[`/v1/payments/${samples.payment}`, `/v1/refunds/${samples.refund}`, `/v1/callbacks/${samples.callback}`],
    ...[`/v1/inventory/${samples.sku}`, `/v1/inventory/${samples.sku}/movements?limit=100`],
    ...[`/v1/products?limit=100`, `/v1/products/${samples.sku}`],
    ...['', 'status=open', 'status=resolved', 'kind=wrong_app', 'kind=amount_mismatch&status=open'].map(
      (query) => `/v1/discrepancies?${query}`,
    ),
    ...[`/v1/discrepancies/${samples.discrepancy}`, '/v1/api-keys', '/v1/admin/gateway-accounts', '/v1/admin/jobs/parked'],
  ];
}

/** A cursor is the position of the last entry that was shown. */
const cursorAt = (position: string): string => Buffer.from(position).toString('base64url');
