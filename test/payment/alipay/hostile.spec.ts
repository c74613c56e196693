import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import {
  alipays,
  answerBody,
  attempt,
  FakeAlipay,
  gatewayAt,
  nodeName,
  ours,
  OUT_TRADE_NO,
  refund,
  REFUND_NO,
  strangers,
  TRADE_NO,
} from './support.js';
import type { Node, Received } from './support.js';

/** What would be a success of every call, if it were to be believed. */
const success: Node = {
  code: '10000',
  msg: 'Success',
  out_trade_no: OUT_TRADE_NO,
  trade_no: TRADE_NO,
  trade_status: 'TRADE_SUCCESS',
  total_amount: '88.88',
  send_pay_date: '2026-01-05 10:12:30',
  qr_code: 'https://qr.alipay.com/bax',
  fund_change: 'Y',
  refund_fee: '10.00',
  refund_status: 'REFUND_SUCCESS',
  refund_amount: '10.00',
  out_request_no: REFUND_NO,
};

const genuine = ({ method }: Received) => answerBody(nodeName(method), success);

type BadAnswer = readonly [string, (response: ServerResponse, received: Received) => void];

const silences: readonly BadAnswer[] = [
  ['says nothing', () => undefined],
  ['stops in the middle', (response, received) => response.write(genuine(received).slice(0, 40))],
];

const badAnswers: readonly BadAnswer[] = [
  ['resets the connection', (response) => response.socket?.resetAndDestroy()],
  [
    'resets after half of a success',
    (response, received) => {
      response.writeHead(200, { 'content-length': String(genuine(received).length) });
      response.write(genuine(received).slice(0, 40), () => response.socket?.resetAndDestroy());
    },
  ],
  ['answers 500', (response) => response.writeHead(500).end('<html>')],
  ['answers 502 with a success that is signed', (response, received) => response.writeHead(502).end(genuine(received))],
  ['answers 404 with a success that is signed', (response, received) => response.writeHead(404).end(genuine(received))],
  ['redirects to itself', (response) => response.writeHead(302, { location: '/gateway.do' }).end()],
  ['answers with nothing', (response) => response.end()],
  ['answers with garbage', (response) => response.end('<html>系统繁忙</html>')],
  ['answers with a list', (response) => response.end('[]')],
  ['answers with half of the JSON', (response, received) => response.end(genuine(received).slice(0, -20))],
  [
    'answers in bytes that are no UTF-8',
    (response, received) => response.end(Buffer.from(genuine(received).replace('Success', '\u00ff'), 'latin1')),
  ],
  ['answers without end', (response, received) => response.end(genuine(received) + ' '.repeat(300 * 1024))],
  ['signs with the key of a stranger', (response, { method }) => response.end(answerBody(nodeName(method), success, strangers.privateKey))],
  ["signs with the merchant's own key", (response, { method }) => response.end(answerBody(nodeName(method), success, ours.privateKey))],
  ['does not sign', (response, { method }) => response.end(answerBody(nodeName(method), success, null))],
  [
    'leaves the signature empty',
    (response, { method }) => response.end(answerBody(nodeName(method), success, null).replace(/\}$/, ',"sign":""}')),
  ],
  [
    'gives a signature that is no text',
    (response, { method }) => response.end(answerBody(nodeName(method), success, null).replace(/\}$/, ',"sign":1}')),
  ],
  ['alters what was signed', (response, received) => response.end(genuine(received).replace('88.88', '88.89'))],
  ['moves a space in what was signed', (response, received) => response.end(genuine(received).replace('"code":', '"code": '))],
  ['answers another question', (response) => response.end(answerBody('alipay_trade_pay_response', success))],
  [
    'answers twice',
    (response, received) => response.end(genuine(received).replace(/^\{/, `{"${nodeName(received.method)}":{"code":"10000"},`)),
  ],
  ['succeeds and fails at once', (response, received) => response.end(genuine(received).replace(/^\{/, '{"error_response":{},'))],
  ['answers with a text for a node', (response, { method }) => response.end(`{"${nodeName(method)}":"10000","sign":"x"}`)],
  ['answers with null for a node', (response, { method }) => response.end(`{"${nodeName(method)}":null}`)],
];

const calls = ['pay', 'query', 'close', 'refund', 'queryRefund'] as const;

describe('When Alipay, or somebody on the way,', () => {
  let fake: FakeAlipay;
  beforeAll(async () => void (fake = await FakeAlipay.start()));
  beforeEach(() => fake.forget());
  afterAll(() => fake.stop());

  /** All five calls at once. `total` is short only where the test waits for it to pass. */
  async function all({ url = fake.url, total = 10_000 } = {}) {
    const gateway = gatewayAt(url, { totalTimeout: total });
    const outcomes = await Promise.all([
      gateway.pay({ ...attempt, method: 'qr' }),
      gateway.query(attempt),
      gateway.close(attempt),
      gateway.refund(refund),
      gateway.queryRefund(refund),
    ]);
    await gateway.disconnect();
    return outcomes;
  }

  it('answers as it should, every call succeeds: the cases below differ in one thing each', async () => {
    fake.does('*', (response, received) => response.end(genuine(received)));
    expect((await all()).map(({ kind }) => kind)).toEqual(['action', 'succeeded', 'closed', 'succeeded', 'succeeded']);
  });

  it.each(silences)('%s, the outcome of every call is unknown, and in time', async (_, reply) => {
    fake.does('*', reply);
    expect(await all({ total: 300 })).toEqual(calls.map(() => ({ kind: 'unknown', cause: 'no answer from Alipay (TimeoutError)' })));
    expect(fake.received.length).toBeLessThanOrEqual(calls.length);
  });

  it.each(badAnswers)('%s, the outcome of every call is unknown', async (_, reply) => {
    fake.does('*', reply);
    const outcomes = await all();
    expect(outcomes.map(({ kind }) => kind)).toEqual(calls.map(() => 'unknown'));
    // No second try and no redirect: whether to ask again is for the caller to decide.
    expect(fake.received).toHaveLength(calls.length);
  });

  it('is not there, the outcome of every call is unknown', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));

    const outcomes = await all({ url: `http://127.0.0.1:${port}/gateway.do` });
    expect(outcomes).toEqual(calls.map(() => ({ kind: 'unknown', cause: 'no answer from Alipay (ECONNREFUSED)' })));
  });

  it('refuses in an error_response that is signed, the refusal counts', async () => {
    const node = { code: '40004', sub_code: 'ACQ.TRADE_NOT_EXIST', sub_msg: '交易不存在' };
    fake.does('*', (response) => response.end(answerBody('error_response', node)));
    expect((await all()).map(({ kind }) => kind)).toEqual(['unknown', 'never_happened', 'never_happened', 'declined', 'never_happened']);
  });

  it('refuses without a signature, no refusal counts that would settle anything', async () => {
    for (const sub_code of ['ACQ.TRADE_NOT_EXIST', 'ACQ.TRADE_HAS_CLOSE', 'ACQ.TRADE_NOT_ALLOW_REFUND', 'ACQ.NEW']) {
      fake.does('*', (response, { method }) => response.end(answerBody(nodeName(method), { code: '40004', sub_code }, null)));
      expect((await all()).map(({ kind }) => kind)).toEqual(calls.map(() => 'unknown'));
    }
  });

  it('does not know the app and so cannot sign, the call waits for a person', async () => {
    const node = { code: '40002', msg: 'Invalid Arguments', sub_code: 'isv.invalid-app-id', sub_msg: '无效的AppID参数' };
    fake.does('*', (response) => response.end(answerBody('error_response', node, null)));
    expect(await all()).toEqual(calls.map(() => ({ kind: 'not_now', reason: 'isv.invalid-app-id: 无效的AppID参数 (unsigned)' })));
  });

  it('puts much into its words, an outcome keeps little of them and none of our secrets', async () => {
    const node = { code: '40002', sub_code: 'isv.invalid-signature', sub_msg: `line\nbreak ${'长'.repeat(1_000)}` };
    fake.does('*', (response) => response.end(answerBody('error_response', node)));
    for (const outcome of await all()) {
      const text = JSON.stringify(outcome);
      expect([...text].length).toBeLessThan(260);
      expect(text).not.toContain('\\n');
    }
  });

  it('answers or not, no outcome carries a key or a signature', async () => {
    const secret = ours.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().slice(40, 80);
    for (const [, reply] of badAnswers) {
      fake.forget();
      fake.does('*', reply);
      const text = JSON.stringify(await all());
      expect(text).not.toContain(secret);
      for (const { query } of fake.received) expect(text).not.toContain((query.get('sign') ?? '').slice(0, 20));
    }
  });

  it('keeps failing, it is left in peace: nothing is sent, and what was not sent is not unknown', async () => {
    fake.does('*', (response) => response.writeHead(500).end());
    const gateway = gatewayAt(fake.url, { failuresUntilRest: 2, rest: 60_000 });
    expect(gateway.reachability()).toBe('reachable');
    for (const expected of ['unknown', 'unknown', 'not_now', 'not_now']) expect((await gateway.refund(refund)).kind).toBe(expected);
    expect((await gateway.pay({ ...attempt, method: 'qr' })).kind).toBe('not_now');
    expect([fake.received.length, gateway.reachability()]).toEqual([2, 'resting']);
    // What needs no call goes on.
    expect((await gateway.pay(attempt)).kind).toBe('action');
    await gateway.disconnect();
  });

  it('has been left, a call is unknown and leaving again is harmless', async () => {
    const gateway = gatewayAt(fake.url);
    await gateway.disconnect();
    await gateway.disconnect();
    expect((await gateway.query(attempt)).kind).toBe('unknown');
  });

  it('is asked by two hundred at once, it sees at most sixteen connections', async () => {
    const sockets = new Set<unknown>();
    fake.does('*', (response, received) => {
      sockets.add(response.socket);
      response.end(genuine(received));
    });
    const gateway = gatewayAt(fake.url);
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => gateway.query(attempt)));
    await gateway.disconnect();
    expect(outcomes.filter(({ kind }) => kind === 'succeeded')).toHaveLength(200);
    expect(sockets.size).toBeLessThanOrEqual(16);
  });
});

it('The keys of the two sides differ, or the cases above would prove nothing', () => {
  expect(ours.publicKey.equals(alipays.publicKey)).toBe(false);
});
