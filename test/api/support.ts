import { connect } from 'node:net';

import type { Answer, ApiClient } from '../support/api-client.js';
import type { World } from '../support/world.js';

export const ANY_UUID = expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/) as string;
export const ANY_TIME = expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/) as string;
export const ANY_TEXT = expect.stringMatching(/./) as string;
export const NOBODY = '01999999-0000-7000-8000-000000000000';

/** What every refusal has, whatever its code. */
export function expectProblem(answer: Answer, status: number, code?: string): void {
  expect({ status: answer.status, body: answer.body }).toEqual({
    status,
    body: expect.objectContaining<Record<string, unknown>>({
      type: ANY_TEXT,
      title: ANY_TEXT,
      status,
      detail: ANY_TEXT,
      instance: ANY_TEXT,
      code: code ?? ANY_TEXT,
    }) as object,
  });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(JSON.stringify(answer.body)).not.toMatch(/node_modules|\.(ts|js):\d+|QueryFailedError/);
}

/** A refusal of whichever 4xx code. */
export function expectRefusal(answer: Answer): void {
  expect(`${answer.status}`).toMatch(/^4\d\d$/);
  expectProblem(answer, answer.status);
}

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  readonly body?: string | Buffer;
}

/** Sends the bytes as they are: no client library between that tidies up addresses, headers or bodies. */
export async function speak(url: string, { method = 'GET', path, headers = {}, body }: RawRequest): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const lines: readonly (readonly [string, string])[] = isList(headers) ? headers : Object.entries(headers);
  const bytes = Buffer.from(body ?? '');
  const length: [string, string][] = body === undefined && method === 'GET' ? [] : [['content-length', String(bytes.length)]];
  const head = [['host', `${hostname}:${port}`], ['connection', 'close'], ...length, ...lines].map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const received = await new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) });
    socket.setTimeout(20_000, () => socket.destroy(new Error(`no answer to ${method} ${path.slice(0, 200)}`)));
    socket.on('data', (chunk) => chunks.push(chunk));
    // A server that refuses a large body may hang up while it is still being sent.
    socket.on('error', (error) => (chunks.length > 0 ? resolve(Buffer.concat(chunks)) : reject(error)));
    socket.on('end', () => resolve(Buffer.concat(chunks)));
    socket.write(Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n`, 'latin1'), bytes]));
  });
  return parse(received);
}

function isList(headers: NonNullable<RawRequest['headers']>): headers is readonly (readonly [string, string])[] {
  return Array.isArray(headers);
}

function parse(received: Buffer): Answer {
  const split = received.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = received.subarray(0, split).toString('latin1').split('\r\n');
  const headers = new Headers(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const text = received.subarray(split + 4).toString('utf8');
  const isJson = /json/.test(headers.get('content-type') ?? '') && text !== '';
  return { status: Number(statusLine.split(' ')[1]), headers, body: (isJson ? JSON.parse(text) : text) as Record<string, unknown> };
}

/** Every row of every table, as one digest a table: equal before and after means that nothing changed. */
export async function stateOf(world: World, without: readonly string[] = []): Promise<Record<string, string>> {
  const tables = await world.db.query<{ name: string }[]>(
    `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
      WHERE relkind IN ('r', 'p') AND NOT relispartition AND (nspname = 'public' OR (nspname = 'graphile_worker' AND relname = '_private_jobs')) ORDER BY 1`,
  );
  const watched = tables.filter(({ name }) => !without.some((table) => name.endsWith(`.${table}`)));
  const sql = watched.map(
    ({ name }) =>
      `SELECT '${name}' AS name, count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS digest FROM ${name} t`,
  );
  const digests = await world.db.query<{ name: string; digest: string }[]>(sql.join(' UNION ALL '));
  return Object.fromEntries(digests.map(({ name, digest }) => [name, digest]));
}

/** One of everything that an address can name. */
export interface Estate {
  readonly sku: string;
  /** Unpaid, with an attempt. */
  readonly open: string;
  readonly attempt: string;
  /** Paid, not shipped, with a refund. */
  readonly paid: string;
  readonly refund: string;
  readonly shipped: string;
  readonly callback: string;
  readonly discrepancy: string;
  readonly account: string;
  readonly apiKey: string;
}

export async function furnish(world: World, sku = 'ESTATE'): Promise<Estate> {
  const open = await world.placeOrder({ sku, quantity: 2, stock: 100 });
  const attempt = await world.startPayment(open);
  const [paid, shipped] = [await paidOrder(world, sku), await paidOrder(world, sku)];
  const refund = await world.refund({ id: paid }, { amount: 1 });
  await world.settle();
  expect((await world.api.post(`/v1/orders/${shipped}/shipments`, { carrier: 'SF', trackingNumber: '1' })).status).toBe(201);
  const callbacks = await world.api.get<{ data: { id: string }[] }>('/v1/callbacks');
  // A genuine notice of another amount.
  await world.payer.opensThePage(attempt);
  await world.payer.notifies(attempt, { tradeStatus: 'TRADE_SUCCESS', fields: { total_amount: '0.01' } });
  const discrepancies = await world.api.get<{ data: { id: string }[] }>('/v1/discrepancies');
  const accounts = await world.api.get<{ data: { id: string }[] }>('/v1/admin/gateway-accounts');
  const apiKey = await world.api.post<{ id: string }>('/v1/api-keys', { name: 'spare', scopes: ['orders:read'] });
  return {
    sku,
    open: open.id,
    attempt: attempt.id,
    paid,
    refund: refund.body.id,
    shipped,
    callback: callbacks.body.data[0]?.id ?? '',
    discrepancy: discrepancies.body.data[0]?.id ?? '',
    account: accounts.body.data[0]?.id ?? '',
    apiKey: apiKey.body.id,
  };
}

/** An order of two units of a product that exists, paid. */
export async function paidOrder(world: World, sku: string): Promise<string> {
  const { body } = await world.api.post<{ id: string }>('/v1/orders', { customerId: 'c-1', items: [{ sku, quantity: 2 }] });
  await world.payer.pays(await world.startPayment(body));
  return body.id;
}

/** Everything that can be asked for by name or id, with a body that would be good. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** As the OpenAPI document has it. */
  readonly route: string;
  readonly names?: keyof Estate;
  readonly body?: Readonly<Record<string, unknown>>;
}

export const ENDPOINTS: readonly Endpoint[] = [
  { method: 'POST', route: '/v1/products', body: { sku: 'NEW', name: 'New', price: 100, currency: 'CNY', stock: 1 } },
  { method: 'GET', route: '/v1/products' },
  { method: 'GET', route: '/v1/products/{sku}', names: 'sku' },
  { method: 'PATCH', route: '/v1/products/{sku}', names: 'sku', body: { name: 'Renamed', price: 200 } },
  { method: 'GET', route: '/v1/inventory/{sku}', names: 'sku' },
  { method: 'POST', route: '/v1/inventory/{sku}/adjustments', names: 'sku', body: { delta: 1, reason: 'found' } },
  { method: 'GET', route: '/v1/inventory/{sku}/movements', names: 'sku' },
  {
    method: 'POST',
    route: '/v1/orders',
    body: {
      customerId: 'c-1',
      items: [{ sku: 'ESTATE', quantity: 1 }],
      shippingFee: 0,
      shippingAddress: { city: 'Hangzhou' },
      note: 'n',
      metadata: { a: 1 },
      expiresInSeconds: 600,
    },
  },
  { method: 'GET', route: '/v1/orders' },
  { method: 'GET', route: '/v1/orders/{id}', names: 'open' },
  { method: 'POST', route: '/v1/orders/{id}/cancel', names: 'open', body: { reason: 'no more' } },
  { method: 'GET', route: '/v1/orders/{id}/timeline', names: 'open' },
  {
    method: 'POST',
    route: '/v1/orders/{id}/payments',
    names: 'open',
    body: { gateway: 'alipay', method: 'page', returnUrl: 'https://shop.example/thanks', clientIp: '203.0.113.7', openId: 'o-1' },
  },
  { method: 'GET', route: '/v1/payments/{id}', names: 'attempt' },
  { method: 'POST', route: '/v1/payments/{id}/sync', names: 'attempt' },
  { method: 'POST', route: '/v1/payments/{id}/close', names: 'attempt' },
  {
    method: 'POST',
    route: '/v1/orders/{id}/shipments',
    names: 'paid',
    body: { carrier: 'SF', trackingNumber: '1', items: [{ sku: 'ESTATE', quantity: 1 }] },
  },
  { method: 'POST', route: '/v1/orders/{id}/complete', names: 'shipped' },
  {
    method: 'POST',
    route: '/v1/orders/{id}/refunds',
    names: 'paid',
    body: { amount: 1, reason: 'r', restock: [{ sku: 'ESTATE', quantity: 1 }] },
  },
  { method: 'GET', route: '/v1/orders/{id}/refunds', names: 'paid' },
  { method: 'GET', route: '/v1/refunds/{id}', names: 'refund' },
  { method: 'POST', route: '/v1/refunds/{id}/retry', names: 'refund' },
  { method: 'GET', route: '/v1/callbacks' },
  { method: 'GET', route: '/v1/callbacks/{id}', names: 'callback' },
  { method: 'POST', route: '/v1/callbacks/{id}/replay', names: 'callback' },
  { method: 'GET', route: '/v1/discrepancies' },
  { method: 'GET', route: '/v1/discrepancies/{id}', names: 'discrepancy' },
  {
    method: 'POST',
    route: '/v1/discrepancies/{id}/resolve',
    names: 'discrepancy',
    body: { resolution: 'given back', closePayment: false, failRefund: false },
  },
  { method: 'GET', route: '/v1/api-keys' },
  { method: 'POST', route: '/v1/api-keys', body: { name: 'k', mode: 'test', scopes: ['orders:read'] } },
  { method: 'POST', route: '/v1/api-keys/{id}/rotate', names: 'apiKey', body: { overlapSeconds: 60 } },
  { method: 'DELETE', route: '/v1/api-keys/{id}', names: 'apiKey' },
];

export const WRITES = ENDPOINTS.filter(({ method }) => method === 'POST' || method === 'PATCH');
export const NAMED = ENDPOINTS.filter(({ names }) => names !== undefined);

/** The endpoint's address for what the estate has, or for `name` instead. */
export function address({ route, names }: Endpoint, estate: Estate, name?: string): string {
  return route.replace(/\{\w+\}/, name ?? (names === undefined ? '' : estate[names]));
}

/** A client with a key of its own that has these scopes. */
export async function keyWith(api: ApiClient, scopes: readonly string[]): Promise<{ id: string; secret: string }> {
  const issued = await api.post<{ id: string; secret: string }>('/v1/api-keys', { name: scopes.join(' ').slice(0, 100), scopes });
  expect(issued.status).toBe(201);
  return issued.body;
}
