// In development there is something to try everything with: a product, and orders that stand where each call needs them.

const SKU = 'SAMPLE-TEA';
export const CUSTOMER = 'c-sample';
export const KEY = 'sample';
const FIFTEEN_DAYS = 15 * 24 * 60 * 60;

interface Attempt {
  readonly outTradeNo: string;
  readonly action: { readonly url: string };
}

/** Adds what is missing, through the API like everybody else. */
export async function addSamples(at: {
  readonly url: string;
  readonly apiKey: string;
  readonly simulatorUrl: string | undefined;
}): Promise<void> {
  const headers = { authorization: `Bearer ${at.apiKey}`, 'content-type': 'application/json' };
  const post = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(at.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    return answer.json();
  };
  const list = async (path: string): Promise<{ name?: string; revokedAt?: string | null }[]> => {
    const answer = await fetch(at.url + path, { headers });
    return ((await answer.json()) as { data?: [] }).data ?? [];
  };
  const isMissing = async (status: string, wanted = 1): Promise<boolean> =>
    (await list(`/v1/orders?limit=${wanted}&customerId=${CUSTOMER}&status=${status}`)).length < wanted;
  const order = async (): Promise<{ id: string }> => {
    const wanted = { customerId: CUSTOMER, items: [{ sku: SKU, quantity: 2 }], shippingFee: 1000, expiresInSeconds: FIFTEEN_DAYS };
    return (await post('/v1/orders', wanted)) as { id: string };
  };
  const control = async (simulatorUrl: string, outTradeNo: string, what: 'pay' | 'notify', body: object): Promise<void> => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    await fetch(`${simulatorUrl}/control/trades/${outTradeNo}/${what}`, init);
  };
  const paid = async (simulatorUrl: string): Promise<{ id: string }> => {
    const { id } = await order();
    const { outTradeNo, action } = (await post(`/v1/orders/${id}/payments`, { gateway: 'alipay', method: 'page' })) as Attempt;
    await control(simulatorUrl, outTradeNo, 'pay', { url: action.url });
    return { id };
  };

  await post('/v1/products', { sku: SKU, name: '西湖龙井 Longjing tea, 500 g', price: 15_000, stock: 1_000 });
  const keys = await list('/v1/api-keys?limit=100');
  if (!keys.some(({ name, revokedAt }) => name === KEY && revokedAt === null))
    await post('/v1/api-keys', { name: KEY, scopes: ['orders:read'] });
  // One to pay and one to cancel.
  if (await isMissing('pending_payment', 2)) {
    await order();
    const { id } = await order();
    await post(`/v1/orders/${id}/payments`, { gateway: 'alipay', method: 'page' });
  }
  if (at.simulatorUrl === undefined) return;
  if (await isMissing('awaiting_shipment')) {
    const { id } = await paid(at.simulatorUrl);
    await post(`/v1/orders/${id}/refunds`, { amount: 100, reason: 'a sample' });
  }
  if (await isMissing('shipped')) {
    const { id } = await paid(at.simulatorUrl);
    await post(`/v1/orders/${id}/shipments`, { carrier: 'SF Express', trackingNumber: 'SF1000000001' });
  }
  // A genuine notice of one fen, where more is due.
  if ((await list('/v1/discrepancies?limit=1&status=open')).length === 0) {
    const { id } = await order();
    const { outTradeNo } = (await post(`/v1/orders/${id}/payments`, { gateway: 'wechatpay', method: 'native' })) as Attempt;
    await control(at.simulatorUrl, outTradeNo, 'notify', { tradeStatus: 'SUCCESS', fields: { 'amount.total': '1' } });
  }
}
