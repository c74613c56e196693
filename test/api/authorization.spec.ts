import { ApiClient } from '../support/api-client.js';
import { useWorld } from '../support/world.js';
import {
  ENDPOINTS,
  NOBODY,
  address,
  expectProblem,
  furnish,
  keyWith,
  speak,
  stateOf,
  type Endpoint,
  type Estate,
  type RawRequest,
} from './support.js';

interface Operation {
  readonly security?: readonly unknown[];
}

const OPEN = [
  'GET /docs',
  'GET /docs/openapi.json',
  'GET /health/live',
  'GET /health/ready',
  'GET /metrics',
  'POST /v1/callbacks/{gateway}/{topic}',
];
const ADMIN: readonly Endpoint[] = [
  { method: 'POST', route: '/v1/merchants', body: { name: 'm' } },
  {
    method: 'POST',
    route: '/v1/admin/gateway-accounts',
    body: { gateway: 'alipay', name: 'a', settings: {}, merchantId: '01890000-0000-7000-8000-000000000000', isDefault: false },
  },
  { method: 'GET', route: '/v1/admin/gateway-accounts' },
  { method: 'GET', route: '/v1/admin/gateway-accounts/{id}', names: 'account' },
  {
    method: 'PATCH',
    route: '/v1/admin/gateway-accounts/{id}',
    names: 'account',
    body: { name: 'renamed', enabled: true, isDefault: true },
  },
  { method: 'GET', route: '/v1/admin/jobs/parked' },
  { method: 'POST', route: '/v1/admin/jobs/parked/{id}/retry' },
  { method: 'GET', route: '/v1/admin/invariants' },
  { method: 'GET', route: '/v1/admin/audit-log' },
];
const GUARDED = [...ENDPOINTS, ...ADMIN];
const label = ({ method, route }: Endpoint): string => `${method} ${route}`;
const body = (endpoint: Endpoint) => (endpoint.body === undefined ? {} : { body: endpoint.body });

/** The scope that each address asks for; what the word says is what it opens. */
const SCOPE_OF: readonly (readonly [RegExp, string])[] = [
  [/^\/v1\/(merchants|admin)/, 'admin'],
  [/^\/v1\/api-keys/, 'keys'],
  [/^\/v1\/products/, 'products'],
  [/^\/v1\/inventory/, 'inventory'],
  [/^\/v1\/callbacks/, 'callbacks'],
  [/^\/v1\/discrepancies/, 'discrepancies'],
  [/\/refunds/, 'refunds'],
  [/\/payments/, 'payments'],
  [/^\/v1\/orders/, 'orders'],
];
function scopeOf({ method, route }: Endpoint): string {
  const area = SCOPE_OF.find(([pattern]) => pattern.test(route))?.[1] ?? '';
  return area === 'admin' ? area : `${area}:${method === 'GET' ? 'read' : 'write'}`;
}

describe('An API key', () => {
  const world = useWorld();
  let estate: Estate;
  let scopes: readonly string[];
  beforeAll(async () => {
    estate = await furnish(world);
    const keys = await world.api.get<{ data: { scopes: string[] }[] }>('/v1/api-keys');
    scopes = [...new Set(keys.body.data.flatMap((key) => key.scopes))];
  });

  it('is asked for at every address of the document but the open ones', async () => {
    const document = (await world.api.get<{ paths: Record<string, Record<string, Operation>> }>('/docs/openapi.json')).body;
    const operations = Object.entries(document.paths).flatMap(([route, methods]) =>
      Object.entries(methods).map(([method, { security }]) => ({
        name: `${method.toUpperCase()} ${route}`,
        closed: (security ?? []).length > 0,
      })),
    );

    const closed = operations.filter((operation) => operation.closed).map(({ name }) => name);
    expect(closed.sort()).toEqual(GUARDED.map(label).sort());
    const open = operations.filter((operation) => !operation.closed).map(({ name }) => name);
    expect(open.sort()).toEqual(OPEN.filter((name) => !name.includes('/docs')));
    for (const name of OPEN.filter((one) => one.startsWith('GET'))) {
      expect((await speak(world.api.url, { path: name.slice(4) })).status).toBe(200);
    }
  });

  describe.each(GUARDED.map((endpoint) => [label(endpoint), endpoint] as const))('at %s', (_, endpoint) => {
    it('is missing, wrong or no key at all: 401, and nothing changes', async () => {
      const before = await stateOf(world);
      const path = address(endpoint, estate, endpoint.names === undefined ? '1' : undefined);
      const { apiKey } = world.api;
      const wrong = [
        undefined,
        '',
        'Bearer',
        'Bearer ',
        `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}`,
        apiKey,
        `Bearer ${apiKey}x`,
        `Bearer ${apiKey.slice(0, -1)}`,
        `Bearer ${apiKey.toUpperCase()}`,
        `Bearer ${apiKey} x`,
        `Bearer ${apiKey},Bearer ${apiKey}`,
        `Bearer "${apiKey}"`,
        'Bearer null',
        `Bearer ' OR '1'='1`,
        `Bearer ${'x'.repeat(10_000)}`,
        'Bearer \xff\xfe',
        `Token ${apiKey}`,
      ];
      for (const authorization of wrong) {
        const answer = await speak(world.api.url, {
          method: endpoint.method,
          path,
          headers: {
            ...(authorization === undefined ? {} : { authorization }),
            ...(endpoint.body && { 'content-type': 'application/json' }),
          },
          ...(endpoint.body && { body: JSON.stringify(endpoint.body) }),
        });
        expectProblem(answer, 401, 'unauthorized');
        expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      }
      expect(await stateOf(world)).toEqual(before);
    });

    it('lacks the scope: 403, and nothing changes', async () => {
      const others = scopes.filter((scope) => scope !== scopeOf(endpoint));
      expect(others).toHaveLength(scopes.length - 1);
      const without = new ApiClient(world.api.url, (await keyWith(world.api, others)).secret);
      const before = await stateOf(world);

      const answer = await without.send(
        endpoint.method,
        address(endpoint, estate, endpoint.names === undefined ? '1' : undefined),
        body(endpoint),
      );

      expectProblem(answer, 403, 'insufficient_scope');
      expect(await stateOf(world)).toEqual(before);
    });

    it('has that scope alone, and it is enough', async () => {
      const only = new ApiClient(world.api.url, (await keyWith(world.api, [scopeOf(endpoint)])).secret);

      const answer = await only.send(endpoint.method, address(endpoint, estate, endpoint.names === undefined ? '1' : NOBODY), {
        ...body(endpoint),
        // A key gives no more than it has.
        ...(label(endpoint) === 'POST /v1/api-keys' && { body: { name: 'k', scopes: ['keys:write'] } }),
      });

      expect([401, 403]).not.toContain(answer.status);
    });
  });

  it.each(['bearer', 'BEARER', 'Bearer  '])('is accepted after %j: schemes are words in any case', async (scheme) => {
    const answer = await speak(world.api.url, { path: '/v1/products', headers: { authorization: `${scheme} ${world.api.apiKey}` } });
    expect(answer.status).toBe(200);
  });

  it('is not taken from anywhere but the header', async () => {
    const { apiKey } = world.api;
    const places: RawRequest[] = [
      { path: `/v1/orders?authorization=Bearer%20${apiKey}` },
      { path: `/v1/orders?api_key=${apiKey}` },
      { path: '/v1/orders', headers: { 'x-api-key': apiKey } },
      { path: '/v1/orders', headers: { cookie: `authorization=Bearer ${apiKey}` } },
      { path: '/v1/orders', headers: { 'proxy-authorization': `Bearer ${apiKey}` } },
    ];
    for (const place of places) expectProblem(await speak(world.api.url, place), 401, 'unauthorized');
  });

  it('is needed however the address is written', async () => {
    const paths = [
      '/v1/orders',
      `/v1/orders/${estate.open}`,
      `/v1/products/${estate.sku}`,
      '/v1/callbacks',
      '/v1/api-keys',
      '/v1/admin/jobs/parked',
    ];
    const spellings = paths.flatMap((path) => [
      path,
      `${path}/`,
      `/${path}`,
      path.replace('/v1/', '/v1//'),
      path.replace('/v1/', '/v1/./'),
      path.replace('/v1/', '/v1/x/../'),
      path.replace('/v1/', '/docs/../v1/'),
      path.replace('/v1/', '/v1%2f'),
      path.replace('/v1/', '/%761/'),
      path.replace(/.$/, (last) => `%${last.charCodeAt(0).toString(16)}`),
      path.toUpperCase(),
      path.replace('v1', 'V1'),
      `${path};a=b`,
      `${path}%00`,
      `${path}%20`,
      `${path}?`,
      `${path}#docs`,
      `${path}\\`,
      `${path}.json`,
      `http://localhost${path}`,
      path.replace('/v1/', '/health/live/../../v1/'),
    ]);
    for (const path of spellings) {
      for (const method of ['GET', 'HEAD']) {
        const answer = await speak(world.api.url, { method, path });
        expect({ path, method, status: answer.status }).toEqual({ path, method, status: expect.anything() as number });
        expect([400, 401, 404]).toContain(answer.status);
        expect(JSON.stringify(answer.body)).not.toMatch(/"(data|onHand|customerId|sku)"/);
      }
    }
  });

  it('of another scope does not open an address by HEAD or by another spelling either', async () => {
    const { secret } = await keyWith(world.api, ['products:read']);
    for (const path of [`/v1/orders/${estate.open}`, `/v1/%6frders/${estate.open}`]) {
      for (const method of ['GET', 'HEAD']) {
        const { status } = await speak(world.api.url, { method, path, headers: { authorization: `Bearer ${secret}` } });
        expect([403, 404]).toContain(status);
      }
    }
  });
});

describe('The life of an API key', () => {
  const world = useWorld();

  it('is shown once, listed without its secret, and ends at once', async () => {
    const issued = await world.api.post<{ id: string; secret: string }>('/v1/api-keys', { name: 'warehouse', scopes: ['products:read'] });
    expect(issued.status).toBe(201);
    const { secret, ...shown } = issued.body;
    expect(secret).toMatch(/^sk_test_\w{32,}$/);
    const listed = await world.api.get<{ data: object[] }>('/v1/api-keys');
    expect(listed.body.data).toContainEqual(shown);
    const client = new ApiClient(world.api.url, secret);
    expect((await client.get('/v1/products')).status).toBe(200);

    const ended = await world.api.send('DELETE', `/v1/api-keys/${issued.body.id}`);

    expect(ended.status).toBe(204);
    expectProblem(await client.get('/v1/products'), 401, 'unauthorized');
    expect((await world.api.send('DELETE', `/v1/api-keys/${issued.body.id}`)).status).toBe(204);
    const after = await world.api.get<{ data: { id: string; revokedAt: string | null }[] }>('/v1/api-keys');
    expect(after.body.data.find(({ id }) => id === issued.body.id)?.revokedAt).toBe(world.clock.now().toISOString());
  });

  it('ends for all who use it at that moment', async () => {
    const { id, secret } = await keyWith(world.api, ['products:read']);
    const client = new ApiClient(world.api.url, secret);
    await Promise.all(Array.from({ length: 20 }, () => client.get('/v1/products')));
    expect((await world.api.send('DELETE', `/v1/api-keys/${id}`)).status).toBe(204);

    const answers = await Promise.all(Array.from({ length: 20 }, () => client.get('/v1/products')));

    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
  });

  it('gives nobody more than they have', async () => {
    const { secret } = await keyWith(world.api, ['keys:write', 'orders:read']);
    const client = new ApiClient(world.api.url, secret);
    const before = await stateOf(world);

    for (const scopes of [['admin'], ['orders:write'], ['orders:read', 'refunds:write']]) {
      expectProblem(await client.post('/v1/api-keys', { name: 'more', scopes }), 403, 'insufficient_scope');
    }
    const merchant = await world.anotherMerchant();
    expectProblem(await merchant.post('/v1/merchants', { name: 'x' }), 403, 'insufficient_scope');
    expectProblem(await merchant.get('/v1/admin/jobs/parked'), 403, 'insufficient_scope');
    expect((await merchant.send('DELETE', `/v1/api-keys/${NOBODY}`)).status).toBe(404);

    // The other merchant and its key are new, and the log says so.
    expect(await stateOf(world, ['merchants', 'api_keys', 'events'])).toEqual(
      Object.fromEntries(Object.entries(before).filter(([table]) => !/merchants|api_keys|events/.test(table))),
    );
  });

  it('leaves no secret in any answer, nor in the database but as a hash', async () => {
    const estate = await furnish(world, 'ESTATE');
    const issued = await keyWith(world.api, ['orders:read', 'admin']);
    const secrets = [
      world.api.apiKey,
      issued.secret,
      world.simulator.alipay.appPrivateKey.split('\n').find((line) => line.length === 64) ?? 'no key',
    ];

    const answers: string[] = [];
    for (const endpoint of [...ENDPOINTS, ...ADMIN]) {
      const answer = await world.api.send(endpoint.method, address(endpoint, estate, endpoint.names === undefined ? '1' : undefined), {
        ...body(endpoint),
        idempotencyKey: label(endpoint),
      });
      answers.push(JSON.stringify([answer.body, [...answer.headers]]));
    }
    for (const path of ['/metrics', '/docs', '/docs/openapi.json', '/health/ready', '/v1/nowhere']) {
      const answer = await world.api.get<unknown>(path);
      answers.push(JSON.stringify([answer.body, [...answer.headers]]));
    }
    await world.settle();
    const tables = await world.db.query<{ name: string }[]>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'graphile_worker')`,
    );
    const rows = await Promise.all(tables.map(({ name }) => world.db.query<{ row: string }[]>(`SELECT t::text AS row FROM ${name} t`)));
    // Bytes are written in hex in a row's text.
    const stored = rows.flat().map(({ row }) => row);

    for (const secret of secrets) {
      for (const form of [
        secret,
        secret.replace(/^sk_(test|live)_/, ''),
        Buffer.from(secret).toString('hex'),
        Buffer.from(secret).toString('base64'),
      ]) {
        expect(answers.filter((text) => text.includes(form))).toEqual([]);
        expect(stored.filter((text) => text.includes(form))).toEqual([]);
      }
    }
    expect(stored.length).toBeGreaterThan(20);
  });
});
