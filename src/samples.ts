import type { OpenAPIObject } from '@nestjs/swagger';
import type { DataSource } from 'typeorm';

// In development there is something to try everything with: a product, and orders that stand where each call needs them.

const SKU = 'SAMPLE-TEA';
const CUSTOMER = 'c-sample';
const KEY = 'sample';
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

/** The operations whose examples need something in a certain state, and where to find it. */
const EXAMPLES: readonly { readonly path: RegExp; readonly sql: string }[] = [
  { path: /^\/v1\/orders\/\{id\}\/payments$/, sql: newestOrder('pending_payment') },
  { path: /^\/v1\/orders\/\{id\}\/cancel$/, sql: newestOrder('pending_payment').replace('DESC', 'ASC') },
  {
    path: /^\/v1\/api-keys\/\{id\}$/,
    sql: `SELECT id FROM api_keys WHERE name = '${KEY}' AND revoked_at IS NULL ORDER BY id DESC LIMIT 1`,
  },
  { path: /^\/v1\/orders\/\{id\}\/complete$/, sql: newestOrder('shipped') },
  { path: /^\/v1\/orders\/\{id\}/, sql: newestOrder('awaiting_shipment') },
  {
    path: /^\/v1\/payments\/\{id\}/,
    sql: `SELECT a.id FROM payment_attempts a JOIN orders o ON o.id = a.order_id
           WHERE o.customer_id = '${CUSTOMER}' AND a.status = 'pending' ORDER BY a.id DESC LIMIT 1`,
  },
  {
    path: /^\/v1\/refunds\/\{id\}/,
    sql: `SELECT r.id FROM refunds r JOIN orders o ON o.id = r.order_id WHERE o.customer_id = '${CUSTOMER}' ORDER BY r.id DESC LIMIT 1`,
  },
  {
    path: /^\/v1\/callbacks\/\{id\}/,
    sql: `SELECT c.id FROM callbacks c JOIN orders o ON o.id = c.order_id
           WHERE o.customer_id = '${CUSTOMER}' AND c.effect = 'applied' ORDER BY c.id DESC LIMIT 1`,
  },
  {
    path: /^\/v1\/discrepancies\/\{id\}/,
    sql: `SELECT d.id FROM discrepancies d JOIN orders o ON o.id = d.order_id
           WHERE o.customer_id = '${CUSTOMER}' AND d.resolved_at IS NULL ORDER BY d.id DESC LIMIT 1`,
  },
  { path: /^\/v1\/admin\/gateway-accounts\/\{id\}$/, sql: 'SELECT id FROM gateway_accounts WHERE is_default ORDER BY gateway, id LIMIT 1' },
];

/** Of an optional field Swagger UI makes up a value that names nothing. What is to run as it stands, or to be filled in, is said whole. */
const BODIES: readonly { readonly path: string; readonly method: 'post' | 'patch'; readonly body: object }[] = [
  {
    path: '/v1/orders/{id}/payments',
    method: 'post',
    body: { gateway: 'alipay', method: 'page', returnUrl: 'https://shop.example/thanks' },
  },
  { path: '/v1/discrepancies/{id}/resolve', method: 'post', body: { resolution: 'looked up in the merchant platform: nothing was paid' } },
  { path: '/v1/admin/gateway-accounts/{id}', method: 'patch', body: { name: 'flagship store' } },
  {
    path: '/v1/admin/gateway-accounts',
    method: 'post',
    body: {
      gateway: 'alipay',
      name: 'second shop',
      settings: {
        gatewayUrl: 'https://openapi.alipay.com/gateway.do',
        appId: '2021000000000000',
        sellerId: '2088000000000000',
        privateKey: "the PEM text of your application's private key",
        alipayPublicKey: "the PEM text of Alipay's public key",
      },
    },
  },
];

function newestOrder(status: string): string {
  return `SELECT id FROM orders WHERE customer_id = '${CUSTOMER}' AND status = '${status}' ORDER BY id DESC LIMIT 1`;
}

/** The document with ids that exist, so that its examples run as they stand. */
export async function fillExamples(document: OpenAPIObject, dataSource: DataSource): Promise<OpenAPIObject> {
  const filled = structuredClone(document);
  const ids = await Promise.all(EXAMPLES.map(async ({ sql }) => (await dataSource.query<{ id: string }[]>(sql))[0]?.id));
  for (const [path, operations] of Object.entries(filled.paths)) {
    const id = ids[EXAMPLES.findIndex((example) => example.path.test(path))];
    if (id === undefined) continue;
    for (const operation of [operations.get, operations.post, operations.patch, operations.delete]) {
      for (const parameter of operation?.parameters ?? []) {
        if ('in' in parameter && parameter.in === 'path' && parameter.name === 'id') parameter.example = id;
      }
    }
  }
  for (const { path, method, body } of BODIES) {
    const requestBody = filled.paths[path]?.[method]?.requestBody;
    const json = requestBody && 'content' in requestBody ? requestBody.content['application/json'] : undefined;
    if (json) json.example = body;
  }
  return filled;
}
