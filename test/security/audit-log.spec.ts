import { generateKeyPairSync } from 'node:crypto';

import { DAY, MINUTE } from '../../src/kernel/clock.js';
import { newId } from '../../src/kernel/ids.js';
import { RefusedAccess } from '../../src/platform/audit/refused-access.js';
import { ENDPOINTS, address, expectProblem, furnish, keyWith, speak, type Endpoint, type Estate } from '../api/support.js';
import { ApiClient } from '../support/api-client.js';
import { useWorld } from '../support/world.js';

interface Entry {
  readonly type: string;
  readonly actor: string;
  readonly merchantId: string | null;
  readonly correlationId: string;
  readonly facts: Record<string, unknown>;
}

const pem = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const otherPublicKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' }).toString();

const ADMIN: readonly Endpoint[] = [
  { method: 'POST', route: '/v1/merchants', body: { name: 'Branch' } },
  {
    method: 'POST',
    route: '/v1/admin/gateway-accounts',
    body: {
      gateway: 'alipay',
      name: 'second',
      settings: {
        ...{ gatewayUrl: 'https://openapi.alipay.com/gateway.do', appId: '2021000122671080', sellerId: '2088102180000001' },
        ...{ privateKey: pem.privateKey, alipayPublicKey: otherPublicKey },
      },
    },
  },
  { method: 'PATCH', route: '/v1/admin/gateway-accounts/{id}', names: 'account', body: { name: 'renamed' } },
];

/** What asks a gateway and changes nothing of its own: what it finds is written down as found. */
const ASKS = ['POST /v1/payments/{id}/sync'];

describe('The audit log', () => {
  const world = useWorld();
  let estate: Estate;
  let actor = '';
  beforeAll(async () => {
    estate = await furnish(world);
    const [bootstrap] = await world.db.query<{ id: string }[]>(`SELECT id FROM api_keys WHERE name = 'bootstrap'`);
    actor = `api_key:${bootstrap?.id}`;
  });

  const log = async (query = '') => (await world.api.get<{ data: Entry[] }>(`/v1/admin/audit-log?limit=100${query}`)).body.data;
  const label = ({ method, route }: Endpoint) => `${method} ${route}`;

  /** What is good only for something in another state than the estate's. */
  async function subjectOf(name: string): Promise<string | undefined> {
    if (name.endsWith('/cancel')) return (await world.placeOrder({ sku: newId() })).id;
    if (name.endsWith('/close')) return (await world.startPayment(await world.placeOrder({ sku: newId() }))).id;
    if (!name.endsWith('/retry')) return undefined;
    const order = await world.paidOrder({ sku: newId() });
    await world.settle();
    await world.payer.breaks({ kind: 'declined', method: 'alipay.trade.refund', subCode: 'ACQ.TRADE_NOT_ALLOW_REFUND', times: 1 });
    const refund = await world.refund(order, {});
    await world.settle();
    return refund.body.id;
  }

  it.each(
    [...ENDPOINTS, ...ADMIN].filter((one) => one.method !== 'GET' && !ASKS.includes(label(one))).map((one) => [label(one), one] as const),
  )('has who did %s, by the id of the request', async (name, endpoint) => {
    const subject = await subjectOf(name);
    const requestId = newId();
    const path = address(endpoint, estate, subject);

    const answer = await world.api.send(endpoint.method, path, {
      ...(endpoint.body === undefined ? {} : { body: endpoint.body }),
      headers: { 'x-request-id': requestId },
    });

    expect({ status: answer.status, body: answer.status < 300 ? undefined : answer.body }).toMatchObject({
      status: expect.any(Number) as number,
      body: undefined,
    });
    const entries = (await log()).filter(({ correlationId }) => correlationId === requestId);
    expect(entries.length).toBeGreaterThan(0);
    expect(new Set(entries.map((entry) => entry.actor))).toEqual(new Set([actor]));
    expect(JSON.stringify(entries)).not.toMatch(/PRIVATE KEY|sk_(?:test|live)_\w{9}/);
  });

  it('has a merchant that was opened, and a key that another takes over from', async () => {
    const ofRequest = async (path: string, body: unknown) => {
      const requestId = newId();
      const answer = await world.api.send<{ id: string }>('POST', path, { body, headers: { 'x-request-id': requestId } });
      expect(answer.status).toBe(201);
      const entries = (await log()).filter(({ correlationId }) => correlationId === requestId);
      return { id: answer.body.id, entries: entries.sort((left, right) => (left.type < right.type ? -1 : 1)) };
    };
    const opened = await ofRequest('/v1/merchants', { name: 'Opened' });
    expect(opened.entries).toMatchObject([{ type: 'merchant.api_key_issued' }, { type: 'merchant.opened', facts: { name: 'Opened' } }]);
    const former = await keyWith(world.api, ['products:read']);
    const rotated = await ofRequest(`/v1/api-keys/${former.id}/rotate`, {});
    expect(rotated.entries).toMatchObject([
      { type: 'merchant.api_key_ended', facts: { apiKeyId: former.id } },
      { type: 'merchant.api_key_issued', facts: { replaces: former.id } },
    ]);
  });

  it('has a job that was run again by hand', async () => {
    await world.db.query(`SELECT graphile_worker.add_job('payment.send_refund', json_build_object(), max_attempts := 1)`);
    const [job] = await world.db
      .query<{ id: number }[]>(
        `UPDATE graphile_worker._private_jobs SET attempts = max_attempts, run_at = 'infinity' WHERE max_attempts = 1 RETURNING id`,
      )
      .then(([rows]) => rows as unknown as { id: number }[]);
    expect((await world.api.post(`/v1/admin/jobs/parked/${job?.id}/retry`)).status).toBe(200);

    expect(await log('&type=system.job_retried')).toMatchObject([{ actor, facts: { jobId: job?.id, task: 'payment.send_refund' } }]);
    await world.db.query('DELETE FROM graphile_worker._private_jobs WHERE max_attempts <= 1');
  });

  it('has who was refused, counted, with where from and why', async () => {
    const { id, secret } = await keyWith(world.api, ['products:read']);
    const weak = new ApiClient(world.api.url, secret);
    for (let times = 0; times < 3; times += 1) expectProblem(await weak.post('/v1/orders', {}), 403, 'insufficient_scope');
    for (const name of [estate.open, estate.paid])
      await speak(world.api.url, { path: `/v1/orders/${name}`, headers: { authorization: 'Bearer x' } });

    await world.app.get(RefusedAccess).write();

    const refused = await log('&type=system.access_refused');
    expect(refused).toMatchObject([
      { actor: 'address:127.0.0.1', merchantId: null, facts: { reason: 'unauthorized', route: 'GET /v1/orders/:id', times: 2 } },
      { actor: `api_key:${id}`, facts: { reason: 'insufficient_scope', route: 'POST /v1/orders', address: '127.0.0.1', times: 3 } },
    ]);
    expect(await log(`&actor=api_key:${id}`)).toHaveLength(1);
  });

  it('is not filled by a flood of refusals', async () => {
    const door = world.app.get(RefusedAccess);
    const flood = (number: number) =>
      door.note({
        reason: 'unauthorized',
        route: 'GET /v1/orders',
        address: `10.0.${number >> 8}.${number & 255}`,
        requestId: 'flood',
        caller: undefined,
      });
    const before = (await world.db.query<unknown[]>('SELECT 1 FROM events')).length;
    for (let number = 0; number < 5_000; number += 1) flood(number);

    await door.write();

    expect((await world.db.query<unknown[]>('SELECT 1 FROM events')).length - before).toBe(101);
    const [rest] = await log('&actor=system:door');
    expect(rest?.facts).toMatchObject({ reason: 'others', times: 4_900 });
  });

  it('is read page by page, by who, what, whose and when', async () => {
    const first = await world.api.get<{ data: Entry[]; nextCursor: string }>('/v1/admin/audit-log?limit=2');
    const second = await world.api.get<{ data: Entry[] }>(`/v1/admin/audit-log?limit=2&cursor=${first.body.nextCursor}`);
    expect([...first.body.data, ...second.body.data]).toEqual((await log()).slice(0, 4));
    expect(new Set((await log('&actor=gateway:alipay')).map((entry) => entry.actor))).toEqual(new Set(['gateway:alipay']));
    const issued = await log('&type=merchant.api_key_issued');
    expect(issued.length).toBeGreaterThan(1);
    expect(new Set(issued.map(({ type }) => type))).toEqual(new Set(['merchant.api_key_issued']));
    expect(await log(`&merchantId=${newId()}`)).toEqual([]);
    const now = world.clock.now();
    const from = (ago: number) => `&from=${new Date(now.getTime() - ago).toISOString()}`;
    expect(await log(`${from(MINUTE)}&to=${now.toISOString()}`)).toEqual([]);
    world.clock.advance(32 * DAY);
    expect(await log()).toEqual([]);
    expect(await log(from(MINUTE))).toHaveLength(100);
    world.clock.advance(-32 * DAY);
  });

  it.each(['actor=me', 'type=%27', 'merchantId=x', 'from=yesterday', 'to=2026-02-30T00:00:00Z', 'limit=101', 'cursor=x', 'nonsense=1'])(
    'refuses %s',
    async (query) => {
      expectProblem(await world.api.get(`/v1/admin/audit-log?${query}`), 400, 'invalid_request');
    },
  );
});
