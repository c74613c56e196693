import type { Attack, Family } from '../attack.js';
import { must, same } from '../findings.js';
import { operationsOf } from '../world/api-document.js';
import type { Answer } from '../world/http.js';
import { addressOf, estateOf } from '../world/estate.js';
import type { Scene } from '../world/scene.js';

/** Each would change an answer, take its time, or leave a table behind where it was read as SQL. */
const SQL = [
  "'",
  "' OR '1'='1",
  "'; CREATE TABLE injected (x int); --",
  "') UNION SELECT secret_hash::text FROM api_keys --",
  '1; SELECT pg_sleep(3)--',
  "' || pg_sleep(3) || '",
  '$1',
  "\\'; DROP TABLE orders CASCADE; --",
  '%27%20OR%201=1--',
];
const SLEPT = 2_900;

async function clean(scene: Scene, what: string, answers: readonly Answer[]): Promise<void> {
  for (const { status, text, took } of answers) {
    must(status < 500 || status === 503, `${what}: ${status} ${text}`);
    must(took < SLEPT, `${what} took ${Math.round(took)} ms`);
    must(
      !/syntax error|QueryFailed|pg_|relation "|SQLSTATE/i.test(text.replaceAll(/pg_sleep/g, '')),
      `${what} tells of the database: ${text}`,
    );
  }
  same(await scene.books.count("FROM pg_class WHERE relname = 'injected'"), 0, `${what}: tables that were made`);
}

const everyField: Attack = {
  name: 'SQL in every field of every body',
  after: 'CWE-89 (SQL injection), CWE-564',
  run: async (scene) => {
    const estate = await estateOf(scene);
    for (const operation of await operationsOf(scene.shop)) {
      for (const field of operation.fields) {
        for (const sql of SQL) {
          const body = { ...operation.body, [field]: sql };
          const answer = await scene.shop.send(operation.method, addressOf(estate, operation), body);
          await clean(scene, `${field} = ${sql} at ${operation.method} ${operation.route}`, [answer]);
        }
      }
    }
    await scene.order();
  },
};

const everyAddress: Attack = {
  name: 'SQL in every name, parameter and cursor of an address',
  after: 'CWE-89, CWE-20',
  run: async (scene) => {
    const estate = await estateOf(scene);
    const operations = (await operationsOf(scene.shop)).filter(({ isOpen, method }) => !isOpen && method === 'GET');
    for (const operation of operations) {
      for (const sql of SQL) {
        const encoded = encodeURIComponent(sql);
        const cursors = operation.query.includes('cursor')
          ? [Buffer.from(sql).toString('base64url'), Buffer.from(`1${sql}`).toString('base64url')]
          : [];
        const addresses = [
          ...(operation.route.includes('{') ? [addressOf(estate, operation, encoded)] : []),
          ...operation.query.map((name) => `${addressOf(estate, operation)}?${name}=${encoded}`),
          ...cursors.map((cursor) => `${addressOf(estate, operation)}?cursor=${cursor}`),
        ];
        for (const address of addresses) {
          const answer = await scene.leavesNoTrace(address, () => scene.shop.get(address));
          const seen = (answer.body?.data ?? []) as readonly { readonly customerId?: string }[];
          // A customer may have any name, this one too.
          must(
            answer.status >= 400 || seen.every(({ customerId }) => customerId === sql),
            `${address} was answered with ${answer.text.slice(0, 200)}`,
          );
          await clean(scene, address, [answer]);
        }
      }
    }
    same((await scene.shop.get('/v1/orders?limit=1')).status, 200, 'an honest list');
  },
};

const headers: Attack = {
  name: 'SQL in the headers that are read or kept',
  after: 'CWE-89, CWE-644',
  run: async (scene) => {
    const sku = await scene.sells();
    for (const sql of SQL) {
      const named = {
        'x-request-id': sql,
        'accept-language': sql,
        'user-agent': sql,
        'x-forwarded-for': sql,
        referer: sql,
        cookie: `session=${sql}`,
      };
      const answer = await scene.shop.post(
        '/v1/orders',
        { customerId: 'c', items: [{ sku, quantity: 1 }] },
        { headers: named, key: `${sql} ${scene.newName('k')}` },
      );
      const unknown = await scene.stranger.get('/v1/orders', { authorization: `Bearer ${sql.replaceAll(' ', '_')}` });
      same(unknown.status, 401, `the key ${sql}`);
      await clean(scene, `headers with ${sql}`, [answer, unknown]);
    }
  },
};

const notices: Attack = {
  name: 'SQL in the notices of every gateway, which anybody may send',
  after: 'CWE-89, CWE-306',
  run: async (scene) => {
    for (const sql of SQL) {
      const form = new URLSearchParams({
        out_trade_no: sql,
        orderId: sql,
        merId: sql,
        app_id: sql,
        trade_no: sql,
        notify_id: sql,
        sign: sql,
        queryId: sql,
      });
      const json = JSON.stringify({ id: sql, event_type: sql, resource: { ciphertext: sql, nonce: sql, associated_data: sql } });
      const letters = [
        ['alipay', 'application/x-www-form-urlencoded', form.toString()],
        ['unionpay', 'application/x-www-form-urlencoded', form.toString()],
        ['wechatpay', 'application/json', json],
      ] as const;
      for (const [gateway, type, body] of letters) {
        const letter = {
          headers: { 'content-type': type, 'wechatpay-serial': sql.replaceAll('\n', ''), 'wechatpay-nonce': sql },
          body: Buffer.from(body),
        };
        const answer = await scene.leavesNoTrace(`a notice with ${sql}`, () => scene.post(gateway, letter, encodeURIComponent(sql)));
        const listed = await scene.shop.get(`/v1/callbacks?outTradeNo=${encodeURIComponent(sql)}`);
        await clean(scene, `a notice of ${gateway} with ${sql}`, [answer, listed]);
      }
    }
  },
};

const secondOrder: Attack = {
  name: 'SQL that is stored first and used later',
  after: 'CWE-89 (second order)',
  run: async (scene) => {
    const sql = `'; CREATE TABLE injected (x int); -- ${scene.newName('x')}`;
    const sku = scene.newName('SKU');
    await scene.shop.post('/v1/products', { sku, name: sql, price: 100, stock: 5 });
    const placed = await scene.shop.post('/v1/orders', {
      customerId: sql,
      items: [{ sku, quantity: 1 }],
      note: sql,
      metadata: { [sql]: sql },
    });
    const id = String(placed.body?.id);
    const begun = await scene.shop.post(`/v1/orders/${id}/payments`, { gateway: 'alipay', method: 'page' });
    await scene.gateways.pays(begun.body as never);
    const answers = [
      await scene.shop.get(`/v1/orders?customerId=${encodeURIComponent(sql)}`),
      await scene.shop.post(`/v1/orders/${id}/shipments`, { carrier: sql, trackingNumber: sql }),
      await scene.shop.post(`/v1/orders/${id}/refunds`, { amount: 1, reason: sql, restock: [{ sku, quantity: 1 }] }),
      await scene.shop.get(`/v1/orders/${id}/timeline`),
    ];
    same(((answers[0]?.body?.data ?? []) as unknown[]).length, 1, 'the orders of that customer');
    await clean(scene, 'what was stored', answers);
  },
};

const logLines: Attack = {
  name: 'line ends and lookups that would write lines of their own into the log',
  after: 'CWE-117 (log injection), CVE-2021-44228 (Log4Shell)',
  run: async (scene) => {
    const mark = scene.newName('FORGED');
    const line = `x\r\n{"level":60,"msg":"${mark} ${'${jndi:ldap://127.0.0.1/a}'}"}\r\n`;
    const escaped = line.replaceAll('\r\n', '\u001b[2K\u2028');
    await scene.shop.post('/v1/products', { sku: scene.newName('SKU'), name: line, price: 1, stock: 1 });
    await scene.shop.get(`/v1/orders/${encodeURIComponent(line)}`);
    await scene.shop.get(`/v1/orders?customerId=${encodeURIComponent(line)}`);
    await scene.post('alipay', {
      headers: { 'content-type': 'text/plain' },
      body: Buffer.from(`out_trade_no=${encodeURIComponent(line)}&sign=${encodeURIComponent(escaped)}`),
    });
    await scene.post('wechatpay', { headers: { 'wechatpay-serial': '${jndi:ldap://127.0.0.1/a}' }, body: Buffer.from(line) });
    const honest = await scene.shop.get('/v1/orders?limit=1', { 'x-request-id': `${mark}.ok` });
    same(honest.headers.get('x-request-id'), `${mark}.ok`, 'an honest request id');
    for (const entry of scene.program.said().split(/\r?\n/)) {
      must(!entry.startsWith('{"level":60') || !entry.includes(mark), `the log has a line of the attacker’s: ${entry}`);
      must(entry === '' || !entry.startsWith('{') || isJson(entry), `the log has a line that is torn: ${entry.slice(0, 200)}`);
    }
  },
};

const headerSplit: Attack = {
  name: 'line ends that would part an answer in two',
  after: 'CWE-113 (response splitting), CWE-93',
  run: async (scene) => {
    for (const path of ['/v1/orders/%0d%0aset-cookie:%20x=1', '/docs/%0d%0aset-cookie:%20x=1', '/v1/orders?cursor=%0d%0aset-cookie:x=1']) {
      const answer = await scene.shop.get(path, { 'x-request-id': 'a%0d%0aset-cookie: x=1' });
      must(!answer.headers.has('set-cookie'), `${path} set a header`);
    }
    const origin = await scene.shop.get('/v1/orders?limit=1', { origin: 'https://evil.example' });
    must(!origin.headers.has('access-control-allow-origin'), 'any site may read answers in a browser');
  },
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export const INJECTION: Family = {
  name: 'Injection',
  attacks: [everyField, everyAddress, headers, notices, secondOrder, logLines, headerSplit],
};
