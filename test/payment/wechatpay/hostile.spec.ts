import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { reasonOf } from '../../../src/payment/gateway/wechatpay/texts.js';
import {
  answer,
  API_V3_KEY,
  attempt,
  authorizationOf,
  callOf,
  FakeWechatPay,
  gatewayAt,
  noContent,
  NOW,
  order,
  ours,
  refund,
  refunded,
  refuse,
  signedHeaders,
  strangers,
  wechat,
  type Node,
  type Received,
  type Signer,
} from './support.js';

/** What would be a success of every call, if it were to be believed. */
const success: Node = {
  ...order,
  ...refunded,
  code_url: 'weixin://wxpay/bizpayurl?pr=1',
  amount: { total: 8_888, refund: 1_000, currency: 'CNY' },
};

function genuine(response: ServerResponse, received: Received, signer: Signer = wechat, at = NOW): void {
  if (callOf(received) === 'close') noContent(response, signer, at);
  else answer(response, success, signer, at);
}

type BadAnswer = readonly [string, (response: ServerResponse, received: Received) => void];

/** A success whose headers were changed after it was signed. */
function withHeaders(change: (headers: Record<string, string>) => Record<string, string | string[]>) {
  return (response: ServerResponse): void => {
    const body = JSON.stringify(success);
    response.writeHead(200, change(signedHeaders(body))).end(body);
  };
}

const badAnswers: readonly BadAnswer[] = [
  ['resets the connection', (response) => response.socket?.resetAndDestroy()],
  [
    'resets after half of a success',
    (response) => {
      const body = JSON.stringify(success);
      response.writeHead(200, { ...signedHeaders(body), 'content-length': String(body.length) });
      response.write(body.slice(0, 40), () => response.socket?.resetAndDestroy());
    },
  ],
  ['answers 500', (response) => response.writeHead(500).end('<html>')],
  [
    'answers 502 with a success that is signed',
    (response) => response.writeHead(502, signedHeaders(JSON.stringify(success))).end(JSON.stringify(success)),
  ],
  [
    'answers 202 with a success that is signed',
    (response) => response.writeHead(202, signedHeaders(JSON.stringify(success))).end(JSON.stringify(success)),
  ],
  [
    'answers 403 with a success that is signed',
    (response) => response.writeHead(403, signedHeaders(JSON.stringify(success))).end(JSON.stringify(success)),
  ],
  ['redirects to itself', (response, { url }) => response.writeHead(302, { location: url }).end()],
  ['answers with nothing', (response) => response.end()],
  ['answers with nothing, and 204', (response) => response.writeHead(204).end()],
  ['answers with garbage', (response) => response.end('<html>系统繁忙</html>')],
  ['signs garbage', (response) => response.writeHead(200, signedHeaders('<html>')).end('<html>')],
  ['signs a list', (response) => response.writeHead(200, signedHeaders('[]')).end('[]')],
  ['answers without end', (response) => response.end(JSON.stringify(success) + ' '.repeat(300 * 1024))],
  [
    'does not sign',
    (response, received) => (callOf(received) === 'close' ? response.writeHead(204).end() : response.end(JSON.stringify(success))),
  ],
  ['signs with the key of a stranger', (response, received) => genuine(response, received, { ...wechat, key: strangers.privateKey })],
  ["signs with the merchant's own key", (response, received) => genuine(response, received, { ...wechat, key: ours.privateKey })],
  ['names a key that is not known', (response, received) => genuine(response, received, { ...wechat, serial: 'PUB_KEY_ID_1' })],
  ['names a certificate that is not to be had', (response, received) => genuine(response, received, { ...wechat, serial: '5'.repeat(40) })],
  ['signed six minutes ago', (response, received) => genuine(response, received, wechat, new Date(NOW.getTime() - 360_000))],
  ['signed for in six minutes', (response, received) => genuine(response, received, wechat, new Date(NOW.getTime() + 360_000))],
  ['probes with a signature of its own', withHeaders((headers) => ({ ...headers, 'wechatpay-signature': 'WECHATPAY/SIGNTEST/aGVsbG8=' }))],
  ['changes the nonce', withHeaders((headers) => ({ ...headers, 'wechatpay-nonce': 'other' }))],
  ['signs twice', withHeaders((headers) => ({ ...headers, 'wechatpay-signature': [headers['wechatpay-signature'] ?? '', 'x'] }))],
  ['names another kind of signature', withHeaders((headers) => ({ ...headers, 'wechatpay-signature-type': 'WECHATPAY2-SM2-WITH-SM3' }))],
  ['changes the body', (response) => response.writeHead(200, signedHeaders('{}')).end(JSON.stringify(success))],
];

const calls = ['pay', 'query', 'close', 'refund', 'queryRefund'] as const;

describe('When WeChat Pay, or somebody on the way,', () => {
  let fake: FakeWechatPay;
  beforeAll(async () => void (fake = await FakeWechatPay.start()));
  beforeEach(() => fake.forget());
  afterAll(() => fake.stop());

  /** All five calls at once. `totalTimeout` is short only where the test waits for it to pass. */
  async function all({ url = fake.url, totalTimeout = 10_000 } = {}) {
    const gateway = gatewayAt(url, { totalTimeout, failuresUntilRest: 1_000 });
    const outcomes = await Promise.all([
      gateway.pay(attempt),
      gateway.query(attempt),
      gateway.close(attempt),
      gateway.refund(refund),
      gateway.queryRefund(refund),
    ]);
    await gateway.disconnect();
    return outcomes;
  }

  it('answers as it should, every call succeeds: the cases below differ in one thing each', async () => {
    fake.does('*', genuine);
    expect((await all()).map(({ kind }) => kind)).toEqual(['action', 'succeeded', 'closed', 'succeeded', 'succeeded']);
  });

  it('says nothing, the outcome of every call is unknown, and in time', async () => {
    fake.does('*', () => undefined);
    const started = performance.now();
    const outcomes = await all({ totalTimeout: 300 });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(outcomes).toEqual(calls.map(() => ({ kind: 'unknown', cause: 'no answer from WeChat Pay (TimeoutError)' })));
  });

  it.each(badAnswers)('%s, the outcome of every call is unknown', async (_, reply) => {
    fake.does('*', reply).refuses('certificates', 500, 'SYSTEM_ERROR');
    const outcomes = await all();
    expect(outcomes.map(({ kind }) => kind)).toEqual(calls.map(() => 'unknown'));
    // No call is made again; only a close and a refund are followed by a question.
    expect(fake.calls.filter((call) => call !== 'certificates').sort()).toEqual(
      ['close', 'pay', 'query', 'query', 'queryRefund', 'queryRefund', 'refund'].sort(),
    );
  });

  it.each(badAnswers)('%s, and then tells the truth, a close and a refund are found out', async (_, reply) => {
    fake
      .refuses('certificates', 500, 'SYSTEM_ERROR')
      .does('close', reply)
      .does('refund', reply)
      .does('query', genuine)
      .does('queryRefund', genuine);
    const gateway = gatewayAt(fake.url, { failuresUntilRest: 1_000 });
    expect((await gateway.close(attempt)).kind).toBe('succeeded');
    expect((await gateway.refund(refund)).kind).toBe('succeeded');
    await gateway.disconnect();
  });

  it('is not there, the outcome of every call is unknown', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const outcomes = await all({ url: `http://127.0.0.1:${port}` });
    expect(outcomes).toEqual(calls.map(() => ({ kind: 'unknown', cause: 'no answer from WeChat Pay (ECONNREFUSED)' })));
  });

  it('keeps failing, it is left in peace, and a call says so', async () => {
    fake.does('*', (response) => response.writeHead(500).end());
    const gateway = gatewayAt(fake.url, { failuresUntilRest: 3, rest: 60_000 });
    for (let time = 0; time < 3; time += 1) expect((await gateway.query(attempt)).kind).toBe('unknown');
    expect(gateway.reachability()).toBe('resting');
    const outcomes = await Promise.all([
      gateway.pay(attempt),
      gateway.query(attempt),
      gateway.close(attempt),
      gateway.refund(refund),
      gateway.queryRefund(refund),
    ]);
    await gateway.disconnect();
    expect(outcomes.map(({ kind }) => kind)).toEqual(calls.map(() => 'not_now'));
    expect(fake.calls).toHaveLength(3);
  });

  it('does not know us, every call waits for a person', async () => {
    fake.does('*', (response) => refuse(response, 401, 'SIGN_ERROR', '签名错误'));
    expect(await all()).toEqual(calls.map(() => ({ kind: 'not_now', reason: 'SIGN_ERROR: 签名错误' })));
  });

  it('puts much into its words, an outcome keeps little of them', async () => {
    fake.does('*', (response) => refuse(response, 401, 'SIGN_ERROR', `line\nbreak\u0000 ${'长'.repeat(1_000)}`));
    for (const outcome of await all()) {
      const text = JSON.stringify(outcome);
      expect([...text].length).toBeLessThan(260);
      expect(text).not.toMatch(/\\n|\\u0000/);
    }
    expect(reasonOf(404, '', '')).toBe('HTTP status 404');
  });

  it('answers or not, no outcome carries a key or a signature', async () => {
    const secret = ours.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().slice(40, 80);
    for (const [, reply] of badAnswers) {
      fake.forget();
      fake.does('*', reply);
      const text = JSON.stringify(await all());
      expect(text).not.toContain(secret);
      expect(text).not.toContain(API_V3_KEY);
      for (const received of fake.received) expect(text).not.toContain((authorizationOf(received)['signature'] ?? '').slice(0, 20));
    }
  });

  it('has been left, a call is unknown and leaving again is harmless', async () => {
    const gateway = gatewayAt(fake.url);
    await gateway.disconnect();
    await gateway.disconnect();
    expect((await gateway.query(attempt)).kind).toBe('unknown');
  });
});
