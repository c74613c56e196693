import type { OpenAPIObject } from '@nestjs/swagger';
import { generateKeyPair, randomInt } from 'node:crypto';
import { promisify } from 'node:util';
import type { DataSource } from 'typeorm';

import { CUSTOMER, KEY } from './samples.js';

// In development every example in Swagger UI runs as it stands: on what the samples have made.

const makeKeyPair = promisify(generateKeyPair);

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
];

/** Made when somebody first looks, and good for nothing but the example of an account. */
let pems: Promise<readonly [privateKey: string, anotherPublicKey: string]> | undefined;

async function makePems(): Promise<readonly [string, string]> {
  const encodings = {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  } as const;
  const [ours, theirs] = await Promise.all([makeKeyPair('rsa', encodings), makeKeyPair('rsa', encodings)]);
  return [ours.privateKey, theirs.publicKey];
}

/** An account that can be added as it stands, any number of times: at each look it has another number. */
async function accountExample(): Promise<object> {
  const [privateKey, alipayPublicKey] = await (pems ??= makePems());
  const appId = `2021${String(randomInt(1e12)).padStart(12, '0')}`;
  const settings = {
    gatewayUrl: 'https://openapi.alipay.com/gateway.do',
    appId,
    sellerId: '2088000000000000',
    privateKey,
    alipayPublicKey,
  };
  return { gateway: 'alipay', name: 'second shop', settings };
}

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
  const bodies = [...BODIES, { path: '/v1/admin/gateway-accounts', method: 'post' as const, body: await accountExample() }];
  for (const { path, method, body } of bodies) {
    const requestBody = filled.paths[path]?.[method]?.requestBody;
    const json = requestBody && 'content' in requestBody ? requestBody.content['application/json'] : undefined;
    if (json) json.example = body;
  }
  return filled;
}
