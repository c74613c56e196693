import { useWorld } from '../support/world.js';
import { WRITES, address, expectProblem, furnish, speak, stateOf, type Endpoint, type Estate } from './support.js';

const label = ({ method, route }: Endpoint): string => `${method} ${route}`;
const wrongTypes = { null: null, number: 5, text: 'x', boolean: true, list: [1], object: { a: 1 }, 'empty list': [], 'empty object': {} };
const except = (...names: (keyof typeof wrongTypes)[]) =>
  Object.fromEntries(Object.entries(wrongTypes).filter(([name]) => !(names as string[]).includes(name)));

const TEXT = {
  ...except('text'),
  NUL: 'a\0b',
  'lone surrogate': 'a\ud83d',
  'reversed surrogates': '\ude00\ud83d',
  'very long': 'x'.repeat(100_000),
};
const NAME = { ...TEXT, empty: '' };
const SKU = {
  ...NAME,
  emoji: '🍵',
  space: 'A B',
  slash: 'A/B',
  '65 letters': 'A'.repeat(65),
  SQL: `'; DROP TABLE orders; --`,
  'line end': 'A\n',
};
const INTEGER = {
  ...except('number'),
  '1.5': 1.5,
  '2^53': 2 ** 53,
  '-2^53': -(2 ** 53),
  '1e400': '@1e400@',
  '-1e400': '@-1e400@',
  NaN: 'NaN',
  digits: '1',
  '1e21': 1e21,
};
const COUNT = { ...INTEGER, negative: -1 };
const QUANTITY = { ...COUNT, zero: 0, '10,000': 10_000 };
const CHOICE = { ...NAME, other: 'paypal', inherited: 'constructor', prototype: '__proto__' };
const UNITS = {
  ...except('list'),
  'list of null': [null],
  'list of text': ['A'],
  'list of lists': [[{ sku: 'ESTATE', quantity: 1 }]],
  'same SKU twice': [
    { sku: 'ESTATE', quantity: 1 },
    { sku: 'ESTATE', quantity: 1 },
  ],
  '101 entries': Array.from({ length: 101 }, (_, line) => ({ sku: `S-${line}`, quantity: 1 })),
  'unknown member': [{ sku: 'ESTATE', quantity: 1, price: 1 }],
};
const JSON_OBJECT = {
  ...except('object', 'empty object'),
  'NUL inside': { a: { b: 'x\0' } },
  'NUL in a name': { 'a\0': 1 },
  'lone surrogate inside': { a: ['\udc00'] },
  '1e400 inside': { a: '@1e400@' },
  'very large': { a: 'x'.repeat(100_000) },
};

/** For each field of each body: what it must not be. `items.0.sku` is the SKU of the first item. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>> = {
  'POST /v1/products': { sku: SKU, name: NAME, price: COUNT, currency: { ...NAME, small: 'cny', '4 letters': 'CNYY' }, stock: COUNT },
  'PATCH /v1/products/{sku}': { name: NAME, price: COUNT },
  'POST /v1/inventory/{sku}/adjustments': { delta: { ...INTEGER, zero: 0 }, reason: NAME },
  'POST /v1/orders': {
    customerId: NAME,
    items: { ...UNITS, empty: [] },
    'items.0.sku': SKU,
    'items.0.quantity': QUANTITY,
    shippingFee: COUNT,
    shippingAddress: JSON_OBJECT,
    note: TEXT,
    metadata: JSON_OBJECT,
    expiresInSeconds: { ...QUANTITY, '10,000': 10 ** 9 },
  },
  'POST /v1/orders/{id}/cancel': { reason: TEXT },
  'POST /v1/orders/{id}/payments': {
    gateway: CHOICE,
    method: CHOICE,
    returnUrl: { ...NAME, script: 'javascript:alert(1)', file: 'file:///etc/passwd', 'line end': 'https://shop.example/\r\nx: y' },
    clientIp: { ...NAME, octet: '256.1.1.1' },
    openId: NAME,
  },
  'POST /v1/orders/{id}/shipments': {
    carrier: NAME,
    trackingNumber: NAME,
    items: { ...UNITS, empty: [] },
    'items.0.sku': SKU,
    'items.0.quantity': QUANTITY,
  },
  'POST /v1/orders/{id}/refunds': {
    amount: { ...COUNT, zero: 0 },
    reason: NAME,
    restock: Object.fromEntries(Object.entries(UNITS).filter(([says]) => says !== 'empty list')),
    'restock.0.sku': SKU,
    'restock.0.quantity': QUANTITY,
  },
  'POST /v1/api-keys': {
    name: NAME,
    mode: CHOICE,
    scopes: { ...wrongTypes, unknown: ['everything'], twice: ['orders:read', 'orders:read'], nested: [['orders:read']] },
  },
};
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  'POST /v1/products': ['sku', 'name', 'price'],
  'POST /v1/inventory/{sku}/adjustments': ['delta', 'reason'],
  'POST /v1/orders': ['customerId', 'items', 'items.0.sku', 'items.0.quantity'],
  'POST /v1/orders/{id}/payments': ['gateway', 'method'],
  'POST /v1/orders/{id}/shipments': ['carrier', 'trackingNumber', 'items.0.sku', 'items.0.quantity'],
  'POST /v1/orders/{id}/refunds': ['reason', 'restock.0.sku', 'restock.0.quantity'],
  'POST /v1/api-keys': ['name', 'scopes'],
};

/** The body as JSON text, with the value at the path instead of its own; undefined leaves it out. */
function bodyWith(body: unknown, path: string, value: unknown): string {
  const copy = structuredClone(body) as Record<string, unknown>;
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.reduce<Record<string, unknown>>((at, name) => at[name] as Record<string, unknown>, copy);
  parent[last] = value;
  return JSON.stringify(copy).replace(/"@(-?1e400)@"/g, '$1');
}

describe('A field that is wrong', () => {
  const world = useWorld();
  let estate: Estate;
  let before: Record<string, string>;
  beforeAll(async () => {
    estate = await furnish(world);
  });
  beforeEach(async () => {
    before = await stateOf(world);
  });

  describe.each(WRITES.map((endpoint) => [label(endpoint), endpoint] as const))('%s', (name, endpoint) => {
    const send = (body: string) =>
      world.api.send(endpoint.method, address(endpoint, estate), { body, headers: { 'content-type': 'application/json' } });
    const cases = Object.entries(FIELDS[name] ?? {}).flatMap(([path, values]) =>
      Object.entries(values).map(([says, value]) => [path, says, value] as const),
    );
    const missing = (REQUIRED[name] ?? []).map((path) => [path, 'missing', undefined] as const);
    const all = [...cases, ...missing];

    if (all.length > 0)
      it('is named in a 400, and nothing changes', async () => {
        const wrong: unknown[] = [];
        for (const [path, says, value] of all) {
          const answer = await send(bodyWith(endpoint.body, path, value));
          const errors = (answer.body.errors ?? []) as { path: string; message: string }[];
          const ok =
            answer.status === 400 &&
            answer.body.code === 'invalid_request' &&
            errors.some((error) => error.path.startsWith(path.split('.')[0] ?? ''));
          if (ok) expectProblem(answer, 400, 'invalid_request');
          else wrong.push({ path, says, status: answer.status, code: answer.body.code, errors });
        }
        expect(wrong).toEqual([]);
        expect(await stateOf(world)).toEqual(before);
      });

    it.each([
      ['an unknown field', '"surprise": 1'],
      ['__proto__', '"__proto__": {"polluted": true}'],
      ['constructor', '"constructor": {"prototype": {"polluted": true}}'],
      ['hasOwnProperty', '"hasOwnProperty": 1'],
      ['the merchant', '"merchantId": "01999999-0000-7000-8000-000000000000"'],
    ])('refuses %s', async (_, member) => {
      const good = JSON.stringify(endpoint.body ?? {});
      const answer = await send(good === '{}' ? `{${member}}` : `{${member},${good.slice(1)}`);

      expectProblem(answer, 400);
      expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
      expect(await stateOf(world)).toEqual(before);
    });

    it.each([
      ['malformed', '{"a":'],
      ['truncated', JSON.stringify(endpoint.body ?? { a: 1 }).slice(0, -1)],
      ['with a trailing comma', '{"a":1,}'],
      ['twice', '{}{}'],
      ['NaN', '{"a":NaN}'],
      ['blank', '   '],
      ['null', 'null'],
      ['a number', '1'],
      ['a text', '"x"'],
      ['true', 'true'],
      ['a list', '[]'],
      ['a list of objects', `[${JSON.stringify(endpoint.body ?? {})}]`],
      ['a deep list', `${'['.repeat(50_000)}${']'.repeat(50_000)}`],
      ['a deep object', `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`],
      ['a NUL byte', '\0'],
    ])('refuses a body that is %s', async (_, body) => {
      expectProblem(await send(body), 400);
      expect(await stateOf(world)).toEqual(before);
    });

    it('refuses bytes that are no UTF-8, types that are not JSON, and a megabyte', async () => {
      const authorization = `Bearer ${world.api.apiKey}`;
      const request = { method: endpoint.method, path: address(endpoint, estate) };
      const good = JSON.stringify(endpoint.body ?? {});
      const latin1 = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from('"}')]);
      expectProblem(
        await speak(world.api.url, { ...request, headers: { authorization, 'content-type': 'application/json' }, body: latin1 }),
        400,
      );
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/xml',
        'application/jsonx',
        ';;;',
        '',
      ]) {
        expectProblem(
          await speak(world.api.url, { ...request, headers: { authorization, ...(type && { 'content-type': type }) }, body: good }),
          415,
        );
      }
      const large = `{"note":"${'x'.repeat(1 << 20)}"}`;
      expectProblem(
        await speak(world.api.url, { ...request, headers: { authorization, 'content-type': 'application/json' }, body: large }),
        413,
      );
      expect(await stateOf(world)).toEqual(before);
    });
  });

  it('lists every error that a body has, by path', async () => {
    const answer = await world.api.post('/v1/orders', { items: [{ sku: '', quantity: 0, extra: 1 }], shippingFee: -1 });

    expectProblem(answer, 400, 'invalid_request');
    const paths = (answer.body.errors as { path: string; message: string }[]).map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['customerId', 'items.0.sku', 'items.0.quantity', 'items.0.extra', 'shippingFee']));
  });

  it('is an empty body where fields are needed', async () => {
    for (const name of Object.keys(REQUIRED)) {
      const endpoint = WRITES.find((write) => label(write) === name) as Endpoint;
      expectProblem(await world.api.post(address(endpoint, estate)), 400, 'invalid_request');
      expectProblem(await world.api.post(address(endpoint, estate), {}), 400, 'invalid_request');
    }
    expect(await stateOf(world)).toEqual(before);
  });
});
