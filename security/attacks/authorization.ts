import type { Attack, Family } from '../attack.js';
import { must, refused, same } from '../findings.js';
import { operationsOf } from '../world/api-document.js';
import { Client } from '../world/client.js';
import { addressOf, estateOf } from '../world/estate.js';
import { speak } from '../world/http.js';

const NOBODY = '01999999-0000-7000-8000-000000000000';

const everyRouteClosed: Attack = {
  name: 'every address without a key, and with keys that are none',
  after: 'CWE-306 (missing authentication), OWASP API2:2023; First American (2019)',
  run: async (scene) => {
    const estate = await estateOf(scene);
    const closed = (await operationsOf(scene.shop)).filter(({ isOpen }) => !isOpen);
    must(closed.length >= 30, `the document closes only ${closed.length} addresses`);
    const wrong = [
      undefined,
      'Bearer sk_test_wrong',
      'Bearer null',
      'Bearer undefined',
      'Basic YWRtaW46YWRtaW4=',
      `bearer ${NOBODY}`,
      'Bearer ',
      `Bearer ${'a'.repeat(5_000)}`,
    ];
    for (const operation of closed) {
      const path = addressOf(estate, operation);
      for (const authorization of wrong) {
        const headers: Readonly<Record<string, string>> = authorization === undefined ? {} : { authorization };
        const answer = await scene.leavesNoTrace(path, () => scene.stranger.send(operation.method, path, operation.body, { headers }));
        same(answer.status, 401, `${operation.method} ${path} with ${authorization?.slice(0, 40)}`);
      }
    }
    same((await scene.shop.get('/v1/orders')).status, 200, 'with a key');
  },
};

const idor: Attack = {
  name: 'every address, for what belongs to another merchant',
  after: 'CWE-639 (IDOR), OWASP API1:2023; First American (2019, 885 million documents)',
  run: async (scene) => {
    const estate = await estateOf(scene);
    const named = (await operationsOf(scene.shop)).filter(({ isOpen, route }) => !isOpen && route.includes('{'));
    must(named.length >= 18, `the document names things at only ${named.length} addresses`);
    for (const operation of named) {
      const path = addressOf(estate, operation);
      const body = operation.method === 'GET' ? undefined : operation.body;
      const answer = await scene.leavesNoTrace(path, () => scene.rival.send(operation.method, path, body));
      same(
        answer.status,
        operation.route.startsWith('/v1/admin/') ? 403 : 404,
        `${operation.method} ${path} by another merchant: ${answer.text}`,
      );
      if (operation.method === 'GET' && !operation.route.startsWith('/v1/admin/')) {
        const own = await scene.shop.get(path);
        same(own.status, 200, `${path} by its own merchant: ${own.text}`);
        const absent = operation.route.includes('{sku}') ? 'NOTHING' : NOBODY;
        const nothing = await scene.rival.get(addressOf(estate, operation, absent));
        const said = String(nothing.body?.detail).replace(absent, '…');
        const name = path.split('/')[3] ?? '';
        same(String(answer.body?.detail).replace(name, '…'), said, `${path} tells what is there from what is not`);
      }
    }
  },
};

const lists: Attack = {
  name: 'every list, and every cursor of somebody else’s',
  after: 'CWE-639, CWE-200',
  run: async (scene) => {
    await scene.order();
    await scene.order();
    const fresh = await scene.shop.post('/v1/merchants', { name: 'Another rival' });
    const rival = new Client(scene.program.url, (fresh.body?.apiKey as { secret: string }).secret);
    for (const { route, query } of (await operationsOf(scene.shop)).filter(
      ({ method, isOpen, route }) => method === 'GET' && !isOpen && !route.includes('{'),
    )) {
      if (!query.includes('cursor') || route.startsWith('/v1/admin/')) continue;
      const mine = await scene.shop.get(`${route}?limit=1`);
      const cursor = mine.body?.nextCursor;
      const addresses = [route, ...(typeof cursor === 'string' ? [`${route}?cursor=${cursor}`] : [])];
      for (const address of addresses) {
        const { status, body } = await rival.get(address);
        const seen = (body?.data ?? []) as readonly { readonly name?: string }[];
        must(
          status === 200 && seen.every(({ name }) => name === 'first'),
          `${address} shows another merchant ${JSON.stringify(seen).slice(0, 200)}`,
        );
      }
    }
  },
};

const scopes: Attack = {
  name: 'every address with a key that may do everything else',
  after: 'CWE-863 (incorrect authorization), OWASP API5:2023',
  run: async (scene) => {
    const estate = await estateOf(scene);
    const { body } = await scene.shop.get('/v1/api-keys?limit=100');
    const all = [...new Set(((body?.data ?? []) as readonly { scopes: readonly string[] }[]).flatMap((key) => key.scopes))];
    const reader = await scene.keyWith(all.filter((scope) => scope.endsWith(':read')));
    const writer = await scene.keyWith(all.filter((scope) => scope.endsWith(':write')));
    const keeper = await scene.keyWith(all.filter((scope) => scope !== 'admin'));
    for (const operation of (await operationsOf(scene.shop)).filter(({ isOpen }) => !isOpen)) {
      const path = addressOf(estate, operation);
      const others = [operation.method === 'GET' ? writer : reader, ...(operation.route.startsWith('/v1/admin/') ? [keeper] : [])];
      for (const other of others) {
        const answer = await scene.leavesNoTrace(path, () => other.send(operation.method, path, operation.body));
        same(answer.status, 403, `${operation.method} ${path} with the wrong scope`);
      }
    }
    same((await reader.get('/v1/orders')).status, 200, 'a reader reads');
  },
};

const escalation: Attack = {
  name: 'a key that issues itself a better one',
  after: 'CWE-269 (privilege management), CWE-266',
  run: async (scene) => {
    const keeper = await scene.keyWith(['keys:write', 'keys:read']);
    for (const wanted of [
      ['admin'],
      ['keys:write', 'admin'],
      ['orders:read'],
      ['ADMIN'],
      ['*'],
      ['admin ', 'keys:read'],
      [],
      [['admin']],
      'admin',
    ]) {
      const answer = await scene.leavesNoTrace(`a key for ${JSON.stringify(wanted)}`, () =>
        keeper.post('/v1/api-keys', { name: 'better', scopes: wanted }),
      );
      refused(answer, `a key for ${JSON.stringify(wanted)}`);
    }
    const inherited = await scene.leavesNoTrace('a key of another merchant', () =>
      keeper.post('/v1/api-keys', { name: 'x', scopes: ['keys:read'], merchantId: NOBODY }),
    );
    refused(inherited, 'a key of another merchant');
    const honest = await keeper.post('/v1/api-keys', { name: 'as good', scopes: ['keys:read'] });
    same([honest.status, honest.body?.scopes], [201, ['keys:read']], 'a key that is as good');
  },
};

const heads: Attack = {
  name: 'HEAD, and methods that are none, at every closed address',
  after: 'CWE-650 (trusting HTTP methods), CWE-749',
  run: async (scene) => {
    const estate = await estateOf(scene);
    const reader = await scene.keyWith(['products:read']);
    for (const operation of (await operationsOf(scene.shop)).filter(({ isOpen, route }) => !isOpen && !route.startsWith('/v1/products'))) {
      const path = addressOf(estate, operation);
      for (const method of ['HEAD', 'OPTIONS', 'PUT', 'TRACE', 'PROPFIND', 'get']) {
        for (const client of [scene.stranger, reader]) {
          const answer = await scene.leavesNoTrace(`${method} ${path}`, () => client.send(method, path));
          must(answer.status >= 400 && answer.status < 500, `${method} ${path} was answered with ${answer.status}`);
        }
      }
      const override = { 'x-http-method-override': 'GET', 'x-http-method': 'DELETE', 'x-method-override': 'PATCH' };
      const answer = await scene.leavesNoTrace(`another method at ${path}`, () =>
        reader.send(operation.method, path, operation.body, { headers: override }),
      );
      same(answer.status, 403, `another method in a header at ${path}`);
    }
  },
};

const SPELLINGS: readonly ((path: string) => string)[] = [
  (path) => `/${path}`,
  (path) => path.replace('/v1/', '/v1//'),
  (path) => path.toUpperCase(),
  (path) => path.replace('v1', 'V1'),
  (path) => path.replace('/v1/', '/v1/./'),
  (path) => path.replace('/v1/', '/health/../v1/'),
  (path) => path.replace('/v1/', '/health/..;/v1/'),
  (path) => path.replace('/v1/', '/health/%2e%2e/v1/'),
  (path) => path.replace('/v1/', '/docs/..%2fv1/'),
  (path) => path.replace('o', '%6f').replace('p', '%70'),
  (path) => path.replace('/v1/', '/%76%31/'),
  (path) => `${path}/`,
  (path) => `${path}%20`,
  (path) => `${path}%0a`,
  (path) => `${path}%00`,
  (path) => `${path};jsessionid=1`,
  (path) => `${path}.json`,
  (path) => `${path}?_method=GET`,
  (path) => `${path}#/health/live`,
  (path) => `${path}%23`,
  (path) => path.replaceAll('/', '\\'),
  (path) => `/v1/callbacks/../${path.slice('/v1/'.length)}`,
  (path) => `http://127.0.0.1${path}`,
];

const spellings: Attack = {
  name: 'closed addresses, written otherwise',
  after: 'CVE-2020-1957 (Apache Shiro), CVE-2022-22978 (Spring Security, %0a), CWE-178, CWE-22',
  run: async (scene) => {
    const estate = await estateOf(scene);
    const reader = await scene.keyWith(['products:read']);
    const closed = (await operationsOf(scene.shop)).filter(({ isOpen, route }) => !isOpen && !route.startsWith('/v1/products'));
    for (const operation of closed) {
      for (const spell of SPELLINGS) {
        const path = spell(addressOf(estate, operation));
        for (const client of [scene.stranger, reader]) {
          const answer = await scene.leavesNoTrace(path, () => client.send(operation.method, path, operation.body));
          must(
            answer.status >= 400 && answer.status < 500,
            `${operation.method} ${path} was answered with ${answer.status} ${answer.text.slice(0, 100)}`,
          );
        }
      }
    }
  },
};

const TRUSTED = {
  'x-middleware-subrequest': 'middleware:middleware:middleware:middleware:middleware',
  'x-wcpay-platform-checkout-user': '1',
  'x-forwarded-for': '127.0.0.1',
  'x-real-ip': '127.0.0.1',
  'x-original-url': '/health/live',
  'x-rewrite-url': '/health/live',
  'x-forwarded-user': 'admin',
  'x-remote-user': 'admin',
  'x-merchant-id': NOBODY,
  'x-api-key-id': NOBODY,
  'x-scopes': 'admin',
  forwarded: 'for=127.0.0.1;by=127.0.0.1',
  cookie: 'session=admin',
};

const headersOfTrust: Attack = {
  name: 'headers that only an inner server would send',
  after: 'CVE-2023-28121 (WooCommerce Payments), CVE-2025-29927 (Next.js), CWE-290 (spoofing)',
  run: async (scene) => {
    const estate = await estateOf(scene);
    const closed = (await operationsOf(scene.shop)).filter(({ isOpen }) => !isOpen);
    for (const operation of closed) {
      const path = addressOf(estate, operation);
      const answer = await scene.leavesNoTrace(path, () =>
        scene.stranger.send(operation.method, path, operation.body, { headers: TRUSTED }),
      );
      same(answer.status, 401, `${operation.method} ${path}`);
    }
    const orders = await scene.rival.get('/v1/orders', TRUSTED);
    same(
      [orders.status, ((orders.body?.data ?? []) as unknown[]).length > 0 && orders.text.includes('c-sample')],
      [200, false],
      'another merchant',
    );
  },
};

const elsewhere: Attack = {
  name: 'a good key in the wrong place: address, cookie, body, twice, in two keys',
  after: 'CWE-598 (secrets in addresses), CWE-287',
  run: async (scene) => {
    const { apiKey, url } = scene.program;
    const places = [
      { path: `/v1/orders?api_key=${apiKey}`, headers: {} },
      { path: `/v1/orders?access_token=${apiKey}&authorization=Bearer%20${apiKey}`, headers: {} },
      { path: '/v1/orders', headers: { cookie: `authorization=Bearer ${apiKey}` } },
      { path: '/v1/orders', headers: { 'x-api-key': apiKey } },
      { path: '/v1/orders', headers: { authorization: `Basic ${Buffer.from(`${apiKey}:`).toString('base64')}` } },
      { path: '/v1/orders', headers: { authorization: `Bearer ${apiKey.slice(0, -1)}` } },
      { path: '/v1/orders', headers: { authorization: `Bearer ${apiKey}0` } },
      { path: '/v1/orders', headers: { authorization: `Bearer ${apiKey.toUpperCase()}` } },
      { path: '/v1/orders', headers: { authorization: `Bearer sk_wrong, Bearer ${apiKey}` } },
    ];
    for (const { path, headers } of places) {
      const answer = await speak(url, { path, headers: headers as Readonly<Record<string, string>> });
      must(answer.status === 401 || answer.status === 400, `${path.replace(apiKey, '…')} opened: ${answer.status}`);
      must(!answer.text.includes(apiKey), 'the answer repeats the key');
    }
    const two = await speak(url, {
      path: '/v1/orders',
      headers: [
        ['authorization', 'Bearer sk_wrong'],
        ['authorization', `Bearer ${apiKey}`],
      ],
    });
    must(two.status >= 400, 'the second of two keys opened');
  },
};

const otherAccount: Attack = {
  name: 'another merchant’s gateway account for one’s own order',
  after: 'CWE-639, CWE-441 (confused deputy)',
  run: async (scene) => {
    const order = await scene.order({}, scene.rival);
    const accounts = await scene.books.rows<{ id: string; gateway: string }>('SELECT id, gateway FROM gateway_accounts');
    for (const { id, gateway } of accounts) {
      const wanted = { gateway, method: gateway === 'wechatpay' ? 'native' : 'page' };
      const named = await scene.leavesNoTrace('another’s account', () =>
        scene.rival.post(`/v1/orders/${order.id}/payments`, { ...wanted, accountId: id }),
      );
      refused(named, `an account of another merchant at ${gateway}`);
      refused(
        await scene.leavesNoTrace('no account', () => scene.rival.post(`/v1/orders/${order.id}/payments`, wanted)),
        `no account at ${gateway}`,
      );
    }
    await scene.openOrder();
  },
};

export const AUTHORIZATION: Family = {
  name: 'Who may do what',
  attacks: [everyRouteClosed, idor, lists, scopes, escalation, heads, spellings, headersOfTrust, elsewhere, otherAccount],
};
