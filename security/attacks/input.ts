import type { Attack, Family } from '../attack.js';
import { must, refused, same } from '../findings.js';
import { operationsOf } from '../world/api-document.js';
import { addressOf, estateOf } from '../world/estate.js';
import type { Scene } from '../world/scene.js';

const PRIVILEGED = [
  'id',
  'merchantId',
  'merchant_id',
  'status',
  'amountPaid',
  'amount_paid',
  'amountDue',
  'scopes',
  'isAdmin',
  'createdAt',
  'paidAt',
  'role',
];

/** Writes that the first merchant may make, each with a body that would be good. */
async function writes(scene: Scene) {
  const estate = await estateOf(scene);
  const operations = (await operationsOf(scene.shop)).filter(
    ({ method, isOpen, body }) => method !== 'GET' && !isOpen && body !== undefined,
  );
  must(operations.length >= 12, `the document names only ${operations.length} writes`);
  return operations.map((operation) => ({ ...operation, body: operation.body ?? {}, address: addressOf(estate, operation) }));
}

const massAssignment: Attack = {
  name: 'fields that only the program may set, at every address that writes',
  after: 'CWE-915 (mass assignment; GitHub 2012)',
  run: async (scene) => {
    for (const { method, address, body, fields } of await writes(scene)) {
      for (const field of PRIVILEGED.filter((one) => !fields.includes(one))) {
        const more = { ...body, [field]: field === 'scopes' ? ['admin'] : 'paid' };
        const answer = await scene.leavesNoTrace(`${field} at ${method} ${address}`, () => scene.shop.send(method, address, more));
        refused(answer, `${field} at ${method} ${address}`);
      }
    }
    await scene.order();
  },
};

const POLLUTIONS = [
  '{"__proto__":{"scopes":["admin"],"status":"paid","polluted":true}',
  '{"constructor":{"prototype":{"scopes":["admin"],"polluted":true}}',
  '{"\\u005f_proto__":{"polluted":true}',
];

const pollution: Attack = {
  name: 'a prototype in the body of every write, and in the merchant’s own JSON',
  after: 'CVE-2019-10744 (lodash), CWE-1321 (prototype pollution)',
  run: async (scene) => {
    const weak = await scene.keyWith(['orders:read']);
    for (const { method, address, body } of await writes(scene)) {
      for (const pollution of POLLUTIONS) {
        const text = `${pollution},${JSON.stringify(body).slice(1)}`;
        refused(
          await scene.leavesNoTrace(`a prototype at ${address}`, () => scene.shop.send(method, address, text)),
          `a prototype at ${address}`,
        );
      }
    }
    const sku = await scene.sells();
    for (const pollution of POLLUTIONS) {
      await scene.shop.post('/v1/orders', `{"customerId":"c","items":[{"sku":"${sku}","quantity":1}],"metadata":${pollution}}}`);
    }
    same((await weak.post('/v1/orders', { customerId: 'c', items: [{ sku, quantity: 1 }] })).status, 403, 'a weak key afterwards');
    const { body } = await scene.shop.post('/v1/orders', { customerId: 'c', items: [{ sku, quantity: 1 }] });
    same([body?.status, body?.polluted], ['pending_payment', undefined], 'an honest order afterwards');
  },
};

const OTHER_TYPES: readonly unknown[] = [
  [],
  {},
  [[]],
  { $gt: '' },
  { $ne: null },
  { toString: 'x', length: 1 },
  true,
  0,
  -1,
  '',
  'x'.repeat(20_000),
];

const confusion: Attack = {
  name: 'lists, objects, operators and numbers in the place of every field',
  after: 'CWE-843 (type confusion), CWE-943 (operator injection)',
  run: async (scene) => {
    for (const { method, address, body, fields } of await writes(scene)) {
      for (const field of fields) {
        for (const value of OTHER_TYPES) {
          const answer = await scene.shop.send(method, address, { ...body, [field]: value });
          must(
            answer.status < 500 || answer.status === 503,
            `${field} = ${JSON.stringify(value).slice(0, 60)} at ${method} ${address}: ${answer.status} ${answer.text}`,
          );
          must(!/node_modules|TypeError|QueryFailed/.test(answer.text), `${field} at ${address} tells of the code: ${answer.text}`);
        }
      }
      for (const whole of ['[]', '"text"', '1', 'null', 'true', '[{}]']) {
        const answer = await scene.leavesNoTrace(`${whole} at ${address}`, () => scene.shop.send(method, address, whole));
        refused(answer, `${whole} at ${method} ${address}`);
      }
    }
    await scene.order();
  },
};

const duplicateKeys: Attack = {
  name: 'a field that stands there twice',
  after: 'CVE-2017-12635 (CouchDB, duplicate JSON keys), CWE-436',
  run: async (scene) => {
    const { secret: none, ...key } = { secret: undefined, name: 'k' };
    must(none === undefined, 'nothing is secret here');
    const keeper = await scene.keyWith(['keys:write', 'orders:read']);
    for (const body of [
      `{"name":"${key.name}","scopes":["orders:read"],"scopes":["admin"]}`,
      `{"name":"${key.name}","scopes":["admin"],"scopes":["orders:read"]}`,
    ]) {
      const { status, body: made } = await keeper.post('/v1/api-keys', body);
      const scopes = (made?.scopes ?? []) as readonly string[];
      must(status >= 400 || !scopes.includes('admin'), 'a key has a scope that its maker has not');
    }
    same(await scene.books.count("FROM api_keys WHERE name = 'k' AND 'admin' = ANY(scopes)"), 0, 'keys that may do everything');
    const sku = await scene.sells({ price: 500 });
    const twice = `{"customerId":"c","items":[{"sku":"${sku}","quantity":1,"quantity":2}]}`;
    const { body } = await scene.shop.post('/v1/orders', twice);
    if (body?.id !== undefined) {
      const [line] = await scene.books.rows<{ quantity: number; amount: string }>(
        'SELECT quantity, amount FROM order_lines WHERE order_id = $1',
        [body.id],
      );
      same(Number(line?.amount), 500 * (line?.quantity ?? 0), 'what is paid and what is sent');
    }
  },
};

const deep: Attack = {
  name: 'JSON that is deeper than any stack, and wider than any loop',
  after: 'CVE-2022-42004 (Jackson, nested arrays), CWE-674 (recursion)',
  run: async (scene) => {
    const sku = await scene.sells();
    const nests = ['['.repeat(100_000), `${'['.repeat(100_000)}${']'.repeat(100_000)}`, `${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`];
    const bombs = [
      ...nests,
      `{"metadata":${'{"a":'.repeat(60)}1${'}'.repeat(60)}}`,
      `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join(',')}}`,
    ];
    for (const bomb of bombs) {
      const answer = await scene.leavesNoTrace('a bomb', () => scene.shop.post('/v1/orders', bomb));
      refused(answer, 'a bomb');
      must(answer.took < 3_000, `a bomb took ${Math.round(answer.took)} ms`);
    }
    same((await scene.shop.post('/v1/orders', { customerId: 'c', items: [{ sku, quantity: 1 }] })).status, 201, 'an honest order');
  },
};

const unicode: Attack = {
  name: 'names that look alike, turn around, or are half a character',
  after: 'CVE-2021-42574 (Trojan Source), CWE-176, CWE-1007 (homoglyphs)',
  run: async (scene) => {
    const sku = await scene.sells();
    const alike = [
      sku.replace('S', '\u0405'),
      sku.replace('K', '\u212a'),
      sku.toLowerCase(),
      `${sku}\u200b`,
      `\u202e${sku}`,
      `${sku}\u0000`,
      `${sku} `,
      sku.normalize('NFD') + '\u0301',
    ];
    for (const name of alike) {
      const answer = await scene.shop.post('/v1/orders', { customerId: 'c', items: [{ sku: name, quantity: 1 }] });
      must(answer.status === 400 || answer.body?.code === 'unknown_sku', `${JSON.stringify(name)} was taken for ${sku}`);
    }
    for (const text of ['\ud800', 'a\udc00b', '\u0000']) {
      const body = `{"sku":"${scene.newName('ODD')}","name":${JSON.stringify(text)},"price":1,"stock":1}`;
      refused(
        await scene.leavesNoTrace('half a character', () => scene.shop.post('/v1/products', body)),
        `the name ${JSON.stringify(text)}`,
      );
    }
    const overlong = Buffer.from([...Buffer.from('{"sku":"X","name":"'), 0xc0, 0xaf, 0xed, 0xa0, 0x80, ...Buffer.from('","price":1}')]);
    refused(await scene.shop.post('/v1/products', overlong), 'bytes that are no UTF-8');
    const honest = await scene.shop.post('/v1/products', { sku: scene.newName('SKU'), name: '龙井 🍵 عربي', price: 1, stock: 1 });
    same([honest.status, honest.body?.name], [201, '龙井 🍵 عربي'], 'honest characters');
  },
};

const patterns: Attack = {
  name: 'texts that make a pattern think for ever',
  after: 'CWE-1333 (inefficient regular expression)',
  run: async (scene) => {
    const sku = await scene.sells();
    const texts = [
      'a'.repeat(200_000),
      `http://${'a.'.repeat(50_000)}`,
      `${'0'.repeat(100_000)}x`,
      '-----BEGIN PRIVATE KEY-----'.repeat(5_000),
      '4111 '.repeat(30_000),
      `bearer ${'a'.repeat(100_000)}`,
    ];
    for (const text of texts) {
      const bodies = [
        ['POST', '/v1/orders', { customerId: text, items: [{ sku, quantity: 1 }] }],
        ['POST', '/v1/products', { sku: text, name: text, price: 1, stock: 1 }],
        ['POST', '/v1/callbacks/alipay/payments', text],
        ['POST', '/v1/callbacks/wechatpay/payments', text],
        ['POST', '/v1/callbacks/unionpay/payments', `signPubKeyCert=${text}&signature=${text.slice(0, 50_000)}`],
      ] as const;
      for (const [method, path, body] of bodies) {
        const answer = await scene.shop.send(method, path, body);
        must(answer.took < 3_000, `${text.slice(0, 20)}… at ${path} took ${Math.round(answer.took)} ms`);
      }
    }
  },
};

export const INPUT: Family = {
  name: 'What a body can hold',
  attacks: [massAssignment, pollution, confusion, duplicateKeys, deep, unicode, patterns],
};
