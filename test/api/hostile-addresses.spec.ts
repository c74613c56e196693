import { useWorld } from '../support/world.js';
import {
  ENDPOINTS,
  NAMED,
  NOBODY,
  address,
  expectProblem,
  expectRefusal,
  furnish,
  speak,
  stateOf,
  type Endpoint,
  type Estate,
} from './support.js';

const label = ({ method, route }: Endpoint): string => `${method} ${route}`;

describe('An address that is wrong', () => {
  const world = useWorld();
  let estate: Estate;
  let before: Record<string, string>;
  beforeAll(async () => {
    estate = await furnish(world);
  });
  beforeEach(async () => {
    before = await stateOf(world);
  });

  const ids = [
    'x',
    '0',
    '%00',
    '%2e%2e%2f%2e%2e',
    '..%2f..%2fetc',
    '%27%20OR%20%271%27=%271',
    '%F0%9F%8D%B5',
    '%ff',
    '%',
    '%zz',
    `${NOBODY}0`,
    `%7B${NOBODY}%7D`,
  ];
  const more = [
    '__proto__',
    'constructor',
    'a'.repeat(190),
    'a'.repeat(3_000),
    `${NOBODY}%00`,
    `${NOBODY}%0a`,
    '%20',
    'null',
    '-1',
    '1e400',
    NOBODY,
  ];

  it.each(NAMED.map((endpoint) => [label(endpoint), endpoint] as const))('%s is a 4xx, and nothing changes', async (_, endpoint) => {
    const wrong: unknown[] = [];
    for (const id of [...ids, ...more]) {
      const answer = await speak(world.api.url, {
        method: endpoint.method,
        path: address(endpoint, estate, id),
        headers: { authorization: `Bearer ${world.api.apiKey}`, ...(endpoint.body && { 'content-type': 'application/json' }) },
        ...(endpoint.body && { body: JSON.stringify(endpoint.body) }),
      });
      const fits = answer.status === 404 || (answer.status === 400 && /%(?!20|0|2|7|F0)/.test(id)) || answer.status === 414;
      if (!fits || !answer.headers.get('content-type')?.startsWith('application/problem+json'))
        wrong.push({ id, status: answer.status, body: answer.body });
    }
    expect(wrong).toEqual([]);
    expect(await stateOf(world)).toEqual(before);
  });

  it('is one that climbs: it is never somebody else’s page', async () => {
    for (const path of [
      '/v1/../v1/orders/..',
      '/../../etc/passwd',
      '/docs/../../package.json',
      '/docs/..%2f..%2fpackage.json',
      '/docs/%2e%2e/%2e%2e/package.json',
      '/%00',
      '/v1/orders/%2e%2e/products',
      '*',
      '/v1',
      '//',
    ]) {
      const answer = await speak(world.api.url, { path, headers: { authorization: `Bearer ${world.api.apiKey}` } });
      expectRefusal(answer);
    }
  });

  it('is a method that the address does not have', async () => {
    for (const { route } of ENDPOINTS) {
      for (const method of ['PUT', 'OPTIONS', 'TRACE', 'PROPFIND']) {
        const answer = await speak(world.api.url, {
          method,
          path: address({ method: 'GET', route }, estate, NOBODY),
          headers: { authorization: `Bearer ${world.api.apiKey}` },
        });
        expectRefusal(answer);
      }
    }
    expect(await stateOf(world)).toEqual(before);
  });
});

describe('A query that is wrong', () => {
  const world = useWorld();
  let estate: Estate;
  let before: Record<string, string>;
  beforeAll(async () => {
    estate = await furnish(world);
  });
  beforeEach(async () => {
    before = await stateOf(world);
  });

  const encoded = (text: string) => Buffer.from(text).toString('base64url');
  const PAGING = [
    ...['0', '101', '-1', '1.5', 'x', '', '1e2', '0x10', '9007199254740992', '1e400', 'NaN', '%00', '1;DROP%20TABLE%20orders'].map(
      (limit) => `limit=${limit}`,
    ),
    ...[
      '',
      '%00',
      '%ff',
      '%F0%9F%8D%B5',
      'x',
      '../..',
      encoded(`' OR '1'='1`),
      encoded('\0'),
      encoded('-1'),
      encoded('1e400'),
      encoded('null'),
      'A'.repeat(5_000),
    ].map((cursor) => `cursor=${cursor}`),
    ...[
      'limit=1&limit=2',
      'cursor=a&cursor=b',
      'limit[]=1',
      'limit[$gt]=1',
      'surprise=1',
      '__proto__[a]=1',
      'constructor=1',
      'toString=1',
      'hasOwnProperty=1',
    ],
  ];
  const instants = [
    '',
    'yesterday',
    '2026-02-30T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '-000001-01-01T00:00:00Z',
    '+275760-09-13T00:00:01Z',
    '2026-01-01',
    '1767225600',
    'infinity',
    '%00',
    '2026-01-01T25:00:00Z',
  ];
  const LISTS: readonly (readonly [string, readonly string[]])[] = [
    ['/v1/products', []],
    ['/v1/inventory/{sku}/movements', []],
    [
      '/v1/orders',
      [
        ...['', 'paid', 'PENDING_PAYMENT', '%00', `'%20OR%201=1`, 'constructor'].map((status) => `status=${status}`),
        'status=shipped&status=completed',
        ...['', '%00', 'x'.repeat(5_000), 'a&customerId=b'].map((id) => `customerId=${id}`),
        ...instants.flatMap((at) => [`createdFrom=${at}`, `createdTo=${at}`]),
      ],
    ],
    ['/v1/orders/{id}/timeline', []],
    ['/v1/orders/{id}/refunds', []],
    [
      '/v1/callbacks',
      [
        ...['', 'good', '%00'].map((verdict) => `verdict=${verdict}`),
        ...['', '%00', `'%20OR%201=1`, 'a&outTradeNo=b', 'x'.repeat(5_000)].map((no) => `outTradeNo=${no}`),
      ],
    ],
    ['/v1/api-keys', []],
  ];

  it.each(LISTS)('GET %s refuses it with a 400', async (route, more) => {
    const endpoint = ENDPOINTS.find((one) => one.method === 'GET' && one.route === route) as Endpoint;
    const wrong: unknown[] = [];
    for (const query of [...PAGING, ...more]) {
      const path = `${address(endpoint, estate)}?${query}`;
      const answer = await speak(world.api.url, { path, headers: { authorization: `Bearer ${world.api.apiKey}` } });
      if (answer.status !== 400 || answer.body.code !== 'invalid_request')
        wrong.push({ query: query.slice(0, 60), status: answer.status, body: answer.body });
      else expectProblem(answer, 400, 'invalid_request');
    }
    expect(wrong).toEqual([]);
    expect(await stateOf(world)).toEqual(before);
  });
});

describe('A time at the edge of what ISO 8601 can say', () => {
  const world = useWorld();

  it.each([
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '2026-01-01T00:00:00%2B23:59',
    '2026-01-01T00:00:00-23:59',
    '2026-01-01T24:00:00Z',
    '2026-01-01T23:59:60Z',
  ])('is compared or refused: %s', async (at) => {
    for (const member of ['createdFrom', 'createdTo']) {
      const answer = await world.api.get(`/v1/orders?${member}=${at}`);
      if (answer.status === 200) expect(answer.body).toEqual({ data: [], nextCursor: null });
      else expectProblem(answer, 400, 'invalid_request');
    }
  });
});
