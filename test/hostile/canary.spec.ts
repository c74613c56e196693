import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DataSource } from 'typeorm';

import { createSimulator, type Simulator, type SimulatorKeys } from '../../simulator/server.js';
import { speak, type RawRequest } from '../api/support.js';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import type { PayerAction } from '../../bench/world/simulator-control.js';
import { Payer } from '../support/payer.js';
import { simulatedAccounts, WAYS } from '../support/world.js';
import { apiKey, cardNumber, found, inGroups, inOneLine, privateKey, type Canary } from './canaries.js';
import { CompiledProgram, type RunningProgram } from './program.js';

type Body = Record<string, unknown>;
type Headers = Readonly<Record<string, string>>;
const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('No secret', () => {
  let compiled: CompiledProgram;
  let program: RunningProgram;
  let simulator: Simulator;
  let database: TestDatabase;
  let db: DataSource;
  let payer: Payer;
  let url = '';
  /** What came back to each request: status line, headers and body. */
  let heard = '';
  let keys: { alipay: string; wechatpay: string; unionpay: string; apiV3: string };
  const operator = apiKey();
  const secretsKey = randomBytes(32).toString('base64');
  const standing: Canary[] = [
    { what: 'the first API key', secret: operator },
    { what: 'SECRETS_KEY', secret: secretsKey },
  ];
  /** Of every test so far: the log is looked through when all is done. */
  const planted: Canary[] = [];

  beforeAll(async () => {
    compiled = CompiledProgram.compile();
    const simulatorKeys = JSON.parse(process.env.TEST_SIMULATOR_KEYS ?? '{}') as SimulatorKeys;
    [database, simulator] = await Promise.all([createDatabase(), createSimulator({ keys: simulatorKeys })]);
    payer = new Payer(simulator.url);
    db = await new DataSource({ type: 'postgres', url: database.url }).initialize();
    const { alipay, wechatpay, unionpay } = simulator;
    keys = {
      alipay: alipay.appPrivateKey,
      wechatpay: wechatpay.privateKey,
      unionpay: unionpay.certificate,
      apiV3: wechatpay.apiV3Key,
    };
    for (const [what, secret] of Object.entries(keys)) standing.push({ what: `the key of ${what}`, secret });
    program = compiled.start({ ...(await environment()), LOG_LEVEL: 'trace' });
    url = await program.url();
  });

  afterAll(async () => {
    await compiled.remove();
    await db.destroy();
    await simulator.close();
    await database.drop();
  });

  beforeEach(() => void (heard = ''));

  async function environment(): Promise<Record<string, string>> {
    const { alipay, wechatpay, unionpay } = simulator;
    return Promise.resolve({
      NODE_ENV: 'test',
      PORT: '0',
      DATABASE_URL: database.url,
      BOOTSTRAP_API_KEY: operator,
      SECRETS_KEY: secretsKey,
      ALIPAY_GATEWAY_URL: alipay.gatewayUrl,
      ALIPAY_APP_ID: alipay.appId,
      ALIPAY_SELLER_ID: alipay.sellerId,
      ALIPAY_PRIVATE_KEY_FILE: compiled.write('alipay.pem', alipay.appPrivateKey),
      ALIPAY_PUBLIC_KEY_FILE: compiled.write('alipay-public.pem', alipay.alipayPublicKey),
      WECHATPAY_BASE_URL: wechatpay.baseUrl,
      WECHATPAY_MCH_ID: wechatpay.mchId,
      WECHATPAY_APP_ID: wechatpay.appId,
      WECHATPAY_SERIAL_NO: wechatpay.serialNo,
      WECHATPAY_PRIVATE_KEY_FILE: compiled.write('wechatpay.pem', wechatpay.privateKey),
      WECHATPAY_API_V3_KEY: wechatpay.apiV3Key,
      WECHATPAY_PUBLIC_KEY_ID: wechatpay.publicKeyId,
      WECHATPAY_PUBLIC_KEY_FILE: compiled.write('wechatpay-public.pem', wechatpay.publicKey),
      UNIONPAY_GATEWAY_URL: unionpay.gatewayUrl,
      UNIONPAY_MER_ID: unionpay.merId,
      UNIONPAY_CERT_FILE: compiled.write('unionpay.pem', unionpay.certificate),
      UNIONPAY_ROOT_CERT_FILE: compiled.write('unionpay-root.pem', unionpay.rootCertificate),
      UNIONPAY_MIDDLE_CERT_FILE: compiled.write('unionpay-middle.pem', unionpay.middleCertificate),
    });
  }

  async function send<Answer = Body>(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${operator}`, ...(body === undefined ? {} : JSON_TYPE), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    heard += `${response.status} ${JSON.stringify([...response.headers])}\n${text}\n`;
    return (/json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text) as Answer;
  }

  /** Past the client library, which would tidy up. */
  async function raw(request: RawRequest): Promise<void> {
    const { status, headers, body } = await speak(url, request);
    heard += `${status} ${JSON.stringify([...headers])}\n${typeof body === 'string' ? body : JSON.stringify(body)}\n`;
  }

  /** A callback, and the inbox as an operator then reads it. */
  async function callBack(gateway: string, body: string | Buffer, headers: Headers = FORM): Promise<void> {
    await raw({ method: 'POST', path: `/v1/callbacks/${gateway}/payments`, headers, body });
    await readInbox();
  }

  async function readInbox(): Promise<void> {
    const { data } = await send<{ data: { id: string }[] }>('GET', '/v1/callbacks?limit=5');
    for (const { id } of data) {
      const { body, bodyEncoding } = await send<{ body: string; bodyEncoding: BufferEncoding }>('GET', `/v1/callbacks/${id}`);
      heard += `${Buffer.from(body, bodyEncoding).toString('latin1')}\n`;
    }
  }

  /** Rows that earlier tests have answered for. */
  const lookedAt = new Set<string>();

  /** Every new or changed row of every table as text; bytes stand in it in hexadecimal, and also as the text that they may be. */
  async function everythingKept(): Promise<string> {
    const tables = await db.query<{ name: string }[]>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const rows: string[] = [];
    for (const { name } of tables) {
      for (const { row } of await db.query<{ row: string }[]>(`SELECT t::text AS row FROM ${name} t`)) {
        if (lookedAt.has(`${name} ${row}`)) continue;
        lookedAt.add(`${name} ${row}`);
        rows.push(
          `${name} ${row} ${[...row.matchAll(/\\x([0-9a-f]+)/g)].map(([, hex]) => Buffer.from(hex ?? '', 'hex').toString('latin1')).join(' ')}`,
        );
      }
    }
    return rows.join('\n');
  }

  async function expectNowhere(...canaries: readonly Canary[]): Promise<void> {
    planted.push(...canaries);
    const all = [...standing, ...canaries];
    expect({ answered: found(all, heard), kept: found(all, await everythingKept()) }).toEqual({ answered: [], kept: [] });
  }

  /** Whoever sends a name that there is none of is told which. Nobody else is. */
  async function expectNotKept(canary: Canary): Promise<void> {
    planted.push(canary);
    expect(found([...standing, canary], await everythingKept())).toEqual([]);
  }

  let orders = 0;
  async function order(): Promise<{ id: string }> {
    orders += 1;
    const sku = `CANARY-${orders}`;
    await send('POST', '/v1/products', { sku, name: 'Tea', price: 15_000, stock: 10 });
    return send<{ id: string }>('POST', '/v1/orders', { customerId: 'c-1', items: [{ sku, quantity: 1 }] });
  }

  type Started = { id: string; outTradeNo: string; action: PayerAction | null };
  async function start(way: Body = WAYS.alipay): Promise<{ order: { id: string }; attempt: Started }> {
    const placed = await order();
    return { order: placed, attempt: await send<Started>('POST', `/v1/orders/${placed.id}/payments`, way) };
  }

  async function waitForRefund(id: string, until: (refund: { status: string; failureReason: string | null }) => boolean): Promise<void> {
    for (;;) {
      const refund = await send<{ status: string; failureReason: string | null }>('GET', `/v1/refunds/${id}`);
      if (until(refund)) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('could hide: what is planted to be found is found', async () => {
    const canary = { what: 'the control', secret: randomBytes(16).toString('hex') };
    const { id } = await order();
    await send('POST', `/v1/orders/${id}/cancel`, { reason: canary.secret });
    expect(found([canary], heard)).toHaveLength(1);
    expect(found([canary], await everythingKept())).toHaveLength(1);
  });

  it('is in what the whole life of an order leaves, at any gateway', async () => {
    const ways: Body[] = [
      ...['page', 'wap', 'app', 'qr'].map((method) => ({ gateway: 'alipay', method })),
      ...['native', 'app'].map((method) => ({ gateway: 'wechatpay', method })),
      { gateway: 'wechatpay', method: 'jsapi', openId: 'o-1' },
      { gateway: 'wechatpay', method: 'h5', clientIp: '203.0.113.7' },
      WAYS.unionpay,
    ];
    for (const way of ways) {
      const { order: placed, attempt } = await start(way);
      await send('POST', `/v1/payments/${attempt.id}/sync`);
      await payer.pays(attempt);
      const refund = await send<{ id: string }>('POST', `/v1/orders/${placed.id}/refunds`, { amount: 100, reason: 'r' });
      await waitForRefund(refund.id, ({ status }) => status === 'succeeded' || status === 'processing');
      for (const path of ['', '/timeline', '/refunds']) await send('GET', `/v1/orders/${placed.id}${path}`);
    }
    for (const path of [
      '/v1/admin/gateway-accounts',
      '/v1/api-keys',
      '/docs/openapi.json',
      '/docs',
      '/metrics',
      '/health/ready',
      '/nowhere',
    ]) {
      await send('GET', path);
    }
    await readInbox();
    await expectNowhere();
  });

  it('is in what failing gateways leave', async () => {
    for (const [gateway, way] of Object.entries(WAYS)) {
      for (const kind of ['http_500', 'garbage', 'reset', 'wrong_signature', 'unsigned', 'system_error']) {
        const { attempt } = await start(way);
        await payer.breaks({ gateway, kind });
        await send('POST', `/v1/payments/${attempt.id}/sync`);
        await send('GET', `/v1/payments/${attempt.id}`);
        await payer.isMended();
      }
    }
    await expectNowhere();
  });

  it('is in what forged notices leave', async () => {
    for (const way of Object.values(WAYS)) {
      const { attempt } = await start(way);
      await payer.pays(attempt, { notify: false });
      for (const forge of ['other_key', 'no_signature', 'empty_signature']) await payer.notifies(attempt, { forge });
      const { data } = await send<{ data: { id: string }[] }>('GET', '/v1/callbacks?limit=1');
      await send('POST', `/v1/callbacks/${data[0]?.id}/replay?dryRun=true`);
      await send('POST', `/v1/callbacks/${data[0]?.id}/replay`);
    }
    await readInbox();
    await expectNowhere();
  });

  describe('that is an API key is kept or repeated', () => {
    const plant = (): Canary => ({ what: `an API key, ${expect.getState().currentTestName?.slice(-60)}`, secret: apiKey() });

    const places: readonly (readonly [string, (secret: string) => Promise<unknown>])[] = [
      ['as the credentials of nobody', (secret) => send('GET', '/v1/orders', undefined, { authorization: `Bearer ${secret}` })],
      [
        'as a password',
        (secret) => send('GET', '/v1/orders', undefined, { authorization: `Basic ${Buffer.from(`u:${secret}`).toString('base64')}` }),
      ],
      ['as a field that nobody knows', (secret) => send('POST', '/v1/orders', { apiKey: secret, customerId: 'c-1', items: [] })],
      ['as an amount', (secret) => send('POST', '/v1/products', { sku: 'X', name: 'X', price: secret, stock: 1 })],
      ['as JSON that ends too soon', (secret) => send('POST', '/v1/orders', `{"customerId":"${secret}`)],
      ['as a body that is no JSON', (secret) => send('POST', '/v1/orders', secret)],
      ['in a query', (secret) => send('GET', `/v1/orders?cursor=${secret}&status=${secret}&apiKey=${secret}`)],
      ['in a query of the inbox', (secret) => send('GET', `/v1/callbacks?outTradeNo=${secret}&verdict=${secret}`)],
      ['in a cookie', (secret) => send('GET', '/v1/orders', undefined, { cookie: `session=${secret}` })],
      ['as the name of a client', (secret) => send('GET', '/v1/orders', undefined, { 'user-agent': secret })],
      [
        'as a content type',
        (secret) =>
          raw({ method: 'POST', path: '/v1/orders', headers: { authorization: `Bearer ${operator}`, 'content-type': secret }, body: 'a' }),
      ],
      ['as a method', (secret) => raw({ method: secret.toUpperCase(), path: '/v1/orders' })],
      ['in a callback’s form', (secret) => callBack('alipay', `out_trade_no=${secret}&sign=${secret}&key=${secret}`)],
      [
        'in a callback’s JSON',
        (secret) => callBack('wechatpay', JSON.stringify({ id: secret, resource: { ciphertext: secret } }), JSON_TYPE),
      ],
      ['in a callback’s bytes', (secret) => callBack('unionpay', Buffer.concat([Buffer.of(0, 255), Buffer.from(secret), Buffer.of(255)]))],
      [
        'in a callback’s headers',
        (secret) => callBack('alipay', 'a=1', { ...FORM, authorization: `Bearer ${secret}`, 'x-api-key': secret, cookie: secret }),
      ],
      [
        'in a callback’s signature',
        (secret) =>
          callBack('wechatpay', '{}', {
            ...JSON_TYPE,
            'wechatpay-signature': secret,
            'wechatpay-serial': secret,
            'wechatpay-nonce': secret,
            'wechatpay-timestamp': secret,
          }),
      ],
    ];

    it.each(places)('%s', async (_, leave) => {
      const canary = plant();
      await leave(canary.secret);
      await expectNowhere(canary);
    });

    it.each<readonly [string, (secret: string) => Promise<unknown>]>([
      ['as the name of a field', (secret) => send('POST', '/v1/orders', { [secret]: 1, customerId: 'c-1', items: [] })],
      ['as a SKU', (secret) => send('POST', '/v1/orders', { customerId: 'c-1', items: [{ sku: secret, quantity: 1 }] })],
      ['as an address', (secret) => send('GET', `/v1/${secret}/${secret}`)],
      ['as a gateway', (secret) => callBack(secret, 'a=1')],
    ])('%s, but to who sent it', async (_, leave) => {
      const canary = plant();
      await leave(canary.secret);
      await expectNotKept(canary);
    });

    it.each<readonly [string, Headers]>([
      ['X-Request-Id', { 'x-request-id': 'KEY' }],
      ['Idempotency-Key', { 'idempotency-key': 'KEY' }],
    ])('as the %s of a request', async (_, headers) => {
      const canary = plant();
      const named = Object.fromEntries(Object.entries(headers).map(([name]) => [name, canary.secret]));
      const { id } = await order();
      await send('POST', `/v1/orders/${id}/cancel`, { reason: 'no more' }, named);
      await send('POST', '/v1/orders', { customerId: 'c-1', items: [] }, named);
      await send('GET', `/v1/orders/${id}/timeline`);
      await expectNowhere(canary);
    });
  });

  describe('that is a card number is kept or repeated', () => {
    const plant = (): Canary => ({ what: `a card, ${expect.getState().currentTestName?.slice(-60)}`, secret: cardNumber() });
    const asPrinted = (canary: Canary): Canary[] =>
      [' ', '-', '+', '%20'].map((between) => ({ what: `${canary.what} (${between})`, secret: inGroups(canary.secret, between) }));

    it('of a genuine notice of UnionPay', async () => {
      const canaries = [plant(), { what: 'the card of the examples', secret: '6226388000000095' }];
      for (const { secret } of canaries) {
        const { attempt } = await start(WAYS.unionpay);
        await payer.pays(attempt, { notify: false });
        expect(await payer.notifies(attempt, { fields: { accNo: secret } })).toMatchObject({ notices: [{ status: 200 }] });
      }
      await readInbox();
      await expectNowhere(...canaries);
    });

    it('of a genuine notice of Alipay or of WeChat Pay', async () => {
      const canary = plant();
      for (const [gateway, fields] of [
        ['alipay', { body: `card ${canary.secret}`, buyer_logon_id: canary.secret }],
        ['wechatpay', { 'envelope.summary': `card ${canary.secret}`, attach: canary.secret }],
      ] as const) {
        const { attempt } = await start(WAYS[gateway]);
        await payer.pays(attempt, { notify: false });
        expect(await payer.notifies(attempt, { fields: { ...fields } })).toMatchObject({ notices: [{ status: 200 }] });
      }
      await readInbox();
      await expectNowhere(canary);
    });

    const places: readonly (readonly [string, (card: string) => Promise<unknown>])[] = [
      ['in a form', (card) => callBack('unionpay', `accNo=${card}&orderId=${card}&signature=x`)],
      ['in a form, as printed', (card) => callBack('alipay', `subject=${inGroups(card, ' ')}&body=${inGroups(card, '-')}`)],
      [
        'in a form, as printed and written for a form',
        (card) => callBack('alipay', new URLSearchParams({ subject: inGroups(card, ' ') }).toString()),
      ],
      [
        'in a form, as printed and written for an address',
        (card) => callBack('alipay', `subject=${encodeURIComponent(inGroups(card, ' '))}`),
      ],
      ['in a form, beside letters', (card) => callBack('alipay', `subject=card${card}x&out_trade_no=x${card}`)],
      ['in JSON', (card) => callBack('wechatpay', JSON.stringify({ accNo: card, note: inGroups(card, ' ') }), JSON_TYPE)],
      ['in JSON, as a number', (card) => callBack('wechatpay', `{"card":${card},"pan":${card}}`, JSON_TYPE)],
      ['in bytes', (card) => callBack('unionpay', Buffer.concat([Buffer.of(255, 0), Buffer.from(card), Buffer.of(254)]))],
      [
        'in headers',
        (card) =>
          callBack('alipay', 'a=1', {
            ...FORM,
            'x-card': card,
            'x-printed': inGroups(card, ' '),
            referer: `https://shop.example/?pan=${card}`,
          }),
      ],
      ['as a trade’s number', (card) => callBack('alipay', `out_trade_no=${card}&sign=x&sign_type=RSA2`)],
      ['as an order’s number of UnionPay', (card) => callBack('unionpay', `orderId=${card}&signature=x&signPubKeyCert=x`)],
    ];

    it.each(places)('%s', async (_, leave) => {
      const canary = plant();
      await leave(canary.secret);
      await expectNowhere(canary, ...asPrinted(canary));
    });

    it.each([
      ['alipay', 'alipay.trade.refund'],
      ['wechatpay', 'refund'],
    ] as const)('that %s repeats in its own words', async (gateway, method) => {
      const canary = plant();
      const { order: placed, attempt } = await start(WAYS[gateway]);
      await payer.pays(attempt);
      await payer.breaks({ gateway, method, kind: 'declined', subCode: `NOT_ENOUGH ${canary.secret}`, times: 0 });
      const { id } = await send<{ id: string }>('POST', `/v1/orders/${placed.id}/refunds`, { amount: 100, reason: 'r' });
      await waitForRefund(id, ({ failureReason }) => failureReason !== null);
      await send('GET', `/v1/orders/${placed.id}/timeline`);
      await payer.isMended();
      await expectNowhere(canary);
    });
  });

  describe('that is a private key is kept or repeated', () => {
    const plant = (): Canary => ({ what: `a private key, ${expect.getState().currentTestName?.slice(-60)}`, secret: privateKey() });
    const stranger = (pem: string): Body => ({
      gateway: 'alipay',
      name: 'pasted',
      settings: {
        gatewayUrl: 'https://openapi.alipay.com/gateway.do',
        appId: '2021000000000001',
        sellerId: '2088000000000009',
        privateKey: pem,
      },
    });
    const add = (changes: Body, base: Body = stranger('')) =>
      send('POST', '/v1/admin/gateway-accounts', { ...base, settings: { ...(base.settings as Body), ...changes } });

    const places: readonly (readonly [string, (pem: string) => Promise<unknown>])[] = [
      ['as a setting, cut short', (pem) => add({ privateKey: pem.slice(0, -200) })],
      ['as a setting, in one line', (pem) => add({ privateKey: inOneLine(pem) })],
      ['as a setting, with the other key missing', (pem) => add({ privateKey: pem })],
      ['as the public key', (pem) => add({ privateKey: pem, alipayPublicKey: pem })],
      ['as a number', (pem) => add({ privateKey: pem, appId: pem })],
      ['as an address', (pem) => add({ gatewayUrl: pem, privateKey: pem })],
      ['as a certificate', (pem) => add({ privateKey: pem, appCertificate: pem, alipayCertificate: pem, rootCertificates: pem })],
      ['as a setting of another gateway', (pem) => add({ merId: pem, privateKey: pem })],
      ['as the name of a setting', (pem) => add({ [pem]: 'privateKey' })],
      ['as the name of the account', (pem) => add({}, { ...stranger(pem), name: pem })],
      ['as a list', (pem) => add({ privateKey: [pem] })],
      ['in a form', (pem) => callBack('alipay', `privateKey=${pem}&a=1`)],
      ['written for a form', (pem) => callBack('alipay', new URLSearchParams({ privateKey: pem }).toString())],
      ['written for an address', (pem) => callBack('alipay', `privateKey=${encodeURIComponent(pem)}`)],
      ['in JSON', (pem) => callBack('wechatpay', JSON.stringify({ privateKey: pem }), JSON_TYPE)],
      ['in a header', (pem) => callBack('alipay', 'a=1', { ...FORM, 'x-key': pem.replaceAll('\n', ' ') })],
      [
        'in a header, with its line ends written out',
        (pem) => callBack('alipay', 'a=1', { ...FORM, 'x-key': pem.replaceAll('\n', '\\n') }),
      ],
      ['in an order', (pem) => send('POST', '/v1/orders', { customerId: { key: pem }, items: [] })],
      ['in JSON that ends too soon', (pem) => send('POST', '/v1/orders', `{"key":${JSON.stringify(pem)}`)],
    ];

    it.each(places)('%s', async (_, leave) => {
      const canary = plant();
      await leave(canary.secret);
      await send('GET', '/v1/admin/gateway-accounts');
      await expectNowhere(canary);
    });

    it.each(['rootCertificate', 'middleCertificate'])('before the certificate that %s is', async (name) => {
      const canary = plant();
      const [, , unionpay] = simulatedAccounts(simulator);
      const settings = {
        ...unionpay?.fields,
        merId: name === 'rootCertificate' ? '777290000000077' : '777290000000078',
        [name]: canary.secret + (unionpay?.fields[name] ?? ''),
      };
      await send('POST', '/v1/admin/gateway-accounts', { gateway: 'unionpay', name: 'bundled', settings });
      await send('GET', '/v1/admin/gateway-accounts');
      await expectNowhere(canary);
    });

    it.each(['before', 'after'])('%s the public key that it is pasted with', async (where) => {
      const canary = plant();
      const { alipayPublicKey = '', ...others } = simulatedAccounts(simulator)[0]?.fields ?? {};
      const bundle = where === 'before' ? canary.secret + alipayPublicKey : alipayPublicKey + canary.secret;
      const settings = { ...others, appId: where === 'before' ? '2021000000000077' : '2021000000000078', alipayPublicKey: bundle };
      await send('POST', '/v1/admin/gateway-accounts', { gateway: 'alipay', name: 'bundled', settings });
      await send('GET', '/v1/admin/gateway-accounts');
      await expectNowhere(canary);
    });
  });

  describe('of our own accounts is kept or repeated', () => {
    const ours = (): (readonly [string, string])[] => [
      ...Object.entries(keys),
      ...Object.entries(keys).map(
        ([name, pem]) => [`${name} in one line`, inOneLine(/-----BEGIN[^-]*PRIVATE KEY[^]*?END[^-]*-----/.exec(pem)?.[0] ?? pem)] as const,
      ),
    ];

    const places: readonly (readonly [string, (secret: string) => Promise<unknown>])[] = [
      ['in a query', (secret) => send('GET', `/v1/orders?cursor=${encodeURIComponent(secret)}`)],
      ['in a body', (secret) => send('POST', '/v1/orders', { customerId: { secret }, items: [secret] })],
      ['in a callback’s form', (secret) => callBack('alipay', new URLSearchParams({ body: secret, sign: secret }).toString())],
      ['in a callback’s form, as it is', (secret) => callBack('unionpay', `body=${secret}`)],
      ['in a callback’s JSON', (secret) => callBack('wechatpay', JSON.stringify({ summary: secret }), JSON_TYPE)],
      ['in a callback’s header', (secret) => callBack('wechatpay', '{}', { ...JSON_TYPE, 'x-secret': secret.replace(/\s+/g, ' ') })],
    ];

    it.each(places)('%s', async (_, leave) => {
      for (const [, secret] of ours()) await leave(secret);
      const lines = ours().map(([what, secret]) => ({ what, secret }));
      await expectNowhere(...lines);
    });

    it('where a gateway repeats it in its own words', async () => {
      const gateway = createServer((_, response) => {
        response.writeHead(400, JSON_TYPE).end(JSON.stringify({ code: 'PARAM_ERROR', message: `${keys.apiV3} is not the key` }));
      });
      await new Promise<void>((resolve) => gateway.listen(0, '127.0.0.1', resolve));
      const baseUrl = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`;
      const settings = { ...simulator.wechatpay, baseUrl, mchId: '1900000077' };
      const account = await send<{ id: string }>('POST', '/v1/admin/gateway-accounts', { gateway: 'wechatpay', name: 'chatty', settings });
      const { attempt } = await start({ ...WAYS.wechatpay, accountId: account.id });
      await send('GET', `/v1/payments/${attempt.id}`);
      await new Promise((resolve) => gateway.close(resolve));
      await expectNowhere();
    });
  });

  describe('is in the one line that a wrong setting leaves', () => {
    const pem = privateKey();
    const password = randomBytes(12).toString('hex');
    const wrong: readonly (readonly [string, Record<string, string>])[] = [
      ['a key instead of the file that holds it', { WECHATPAY_PRIVATE_KEY_FILE: pem }],
      ['a key in one line instead of the file', { ALIPAY_PRIVATE_KEY_FILE: inOneLine(pem) }],
      ['a key and a certificate instead of the file', { UNIONPAY_CERT_FILE: pem }],
      ['a secrets key that is too short', { SECRETS_KEY: password }],
      ['an API v3 key that is too short', { WECHATPAY_API_V3_KEY: password }],
      ['a password in a gateway’s address', { ALIPAY_GATEWAY_URL: `https://shop:${password}@openapi.alipay.com/gateway.do` }],
      ['a password of a database that nobody can reach', { DATABASE_URL: `postgres://shop:${password}@127.0.0.1:1/shop` }],
      ['an address of a database that is none', { DATABASE_URL: `//shop:${password}@127.0.0.1/shop` }],
      ['an API key of another kind', { BOOTSTRAP_API_KEY: `pk_${password}` }],
    ];

    it.each(wrong)('%s', async (_, settings) => {
      const said = await compiled.start({ ...(await environment()), ...settings, LOG_LEVEL: 'trace' }).lastWords();
      expect(said).not.toBe('');
      const canaries = [
        { what: 'the password', secret: password },
        { what: 'the pasted key', secret: pem },
        { what: 'the pasted key in one line', secret: inOneLine(pem) },
      ];
      expect(found([...standing, ...canaries], said)).toEqual([]);
    });
  });

  it('is in the log, whatever has happened so far', async () => {
    const said = await program.stop();
    // In development the banner tells the newcomer the key to try with, and nothing else does.
    const log = said.replace(/Suanpan 算盘 is ready[\s\S]*?the data stays\.\n/, '');
    expect(said).not.toBe(log);
    expect(log).toContain('"level"');
    expect(found([...standing, ...planted], log)).toEqual([]);
  });
});
