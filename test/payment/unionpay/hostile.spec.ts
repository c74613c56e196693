import type { ServerResponse } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { money } from '../../../src/kernel/money.js';
import { authority, type Authority } from './authority.js';
import {
  attempt,
  FakeUnionpay,
  gatewayAt,
  MovableClock,
  OUT_TRADE_NO,
  paidAnswer,
  rawBody,
  refund,
  REFUND_NO,
  type Changes,
  type Received,
  type Values,
} from './support.js';

/** What would be a success of every call, if it were to be believed. */
function successOf({ fields }: Received): Changes {
  if (fields['txnType'] !== '00') return { respCode: '00' };
  return { ...paidAnswer, txnType: fields['orderId'] === OUT_TRADE_NO ? '01' : '04' };
}

type Bad = (world: Authority, fake: FakeUnionpay) => (response: ServerResponse, received: Received) => void;
type BadAnswer = readonly [string, Bad];

const genuine = (fake: FakeUnionpay, received: Received) => fake.answer(received.fields, successOf(received));
const altered =
  (alter: (body: string) => string): Bad =>
  (_, fake) =>
  (response, received) =>
    response.end(alter(genuine(fake, received)));
const signedBy =
  (signer: 'forger' | 'merchant' | 'stranger' | 'selfSigned' | 'tester' | 'expired' | 'middle' | 'short'): Bad =>
  (world, fake) =>
  (response, { fields, path }) =>
    response.end(fake.answer(fields, successOf({ fields, path }), world[signer]));
const withStatus =
  (status: number): Bad =>
  (_, fake) =>
  (response, received) =>
    response.writeHead(status).end(genuine(fake, received));
const says =
  (body: string | Buffer): Bad =>
  () =>
  (response) =>
    response.end(body);

const silences: readonly BadAnswer[] = [
  ['says nothing', () => () => undefined],
  ['stops in the middle', (_, fake) => (response, received) => response.write(genuine(fake, received).slice(0, 40))],
];

const badAnswers: readonly BadAnswer[] = [
  ['resets the connection', () => (response) => response.socket?.resetAndDestroy()],
  [
    'resets after half of a success',
    (_, fake) => (response, received) => {
      const body = Buffer.from(genuine(fake, received));
      response.writeHead(200, { 'content-length': String(body.length) });
      response.write(body.subarray(0, 40), () => response.socket?.resetAndDestroy());
    },
  ],
  ['answers 500', () => (response) => response.writeHead(500).end('<html>')],
  ['answers 502 with a success that is signed', withStatus(502)],
  ['answers 404 with a success that is signed', withStatus(404)],
  ['redirects to itself', () => (response) => response.writeHead(302, { location: '/gateway/api/queryTrans.do' }).end()],
  ['answers with nothing', says('')],
  ['answers with garbage', says('<html>系统繁忙</html>')],
  ['answers with ampersands', says('&'.repeat(10_000))],
  ['answers with braces that never close', says('a={'.repeat(10_000))],
  ['answers with JSON', says('{"respCode":"00"}')],
  ['answers in bytes that are no UTF-8', (_, fake) => (response, received) => response.end(Buffer.from(genuine(fake, received), 'latin1'))],
  ['answers without end', altered((body) => `${body}&x=${' '.repeat(300 * 1024)}`)],
  ['answers with half of it', altered((body) => body.slice(0, -40))],
  [
    'answers URL-encoded',
    (_, fake) =>
      (response, { fields, path }) => {
        const body = fake.answer(fields, successOf({ fields, path }));
        response.end(body.replaceAll('+', '%2B').replaceAll('/', '%2F'));
      },
  ],
  ['loses the plus signs', altered((body) => body.replaceAll('+', ' '))],
  ['signs as another merchant of the same authority', signedBy('forger')],
  ["signs with the merchant's own key", signedBy('merchant')],
  ['signs as a stranger under a root of the same name', signedBy('stranger')],
  ['signs as a stranger who certified himself', signedBy('selfSigned')],
  ['signs as the test environment', signedBy('tester')],
  ['signs with a certificate that has run out', signedBy('expired')],
  ['signs as the authority', signedBy('middle')],
  ['signs with a key that is too short', signedBy('short')],
  ['does not sign', altered((body) => body.replace(/&signature=[^&]+/, ''))],
  ['leaves the signature empty', altered((body) => body.replace(/&signature=[^&]+/, '&signature='))],
  ['brings no certificate', altered((body) => body.replace(/&signPubKeyCert=[^&]+/, ''))],
  ['alters the amount', altered((body) => body.replace(/txnAmt=\d+/, 'txnAmt=1').replace('respCode=00', 'respCode=0'))],
  ['alters the result', altered((body) => body.replace('respCode=00', 'respCode=05'))],
  ['adds a field', altered((body) => `${body}&extra=1`)],
  ['says a thing twice', altered((body) => `${body}&respCode=00`)],
  [
    'signs as version 5.0.0',
    (_, fake) => (response, received) => response.end(fake.answer(received.fields, { ...successOf(received), version: '5.0.0' })),
  ],
  [
    'signs with a method of its own',
    (_, fake) => (response, received) => response.end(fake.answer(received.fields, { ...successOf(received), signMethod: '11' })),
  ],
];

const calls = ['query', 'close', 'refund', 'queryRefund'] as const;

describe('When UnionPay, or somebody on the way,', () => {
  let world: Authority;
  let fake: FakeUnionpay;
  beforeAll(async () => {
    world = await authority();
    fake = await FakeUnionpay.start(world);
  });
  beforeEach(() => fake.forget());
  afterAll(() => fake.stop());

  /** All four calls at once. `totalTimeout` is short only where the test waits for it to pass. */
  async function all({ url = fake.url, totalTimeout = 10_000 } = {}) {
    const gateway = gatewayAt(world, url, new MovableClock(), { totalTimeout });
    const outcomes = await Promise.all([
      gateway.query(attempt),
      gateway.close(attempt),
      gateway.refund(refund),
      gateway.queryRefund(refund),
    ]);
    await gateway.disconnect();
    return outcomes;
  }

  it('answers as it should, every call succeeds: the cases below differ in one thing each', async () => {
    fake.does('*', (response, received) => response.end(genuine(fake, received)));
    expect((await all()).map(({ kind }) => kind)).toEqual(['succeeded', 'succeeded', 'pending', 'succeeded']);
  });

  it.each(silences)('%s, the outcome of every call is unknown, and in time', async (_, bad) => {
    fake.does('*', bad(world, fake));
    expect(await all({ totalTimeout: 300 })).toEqual(
      calls.map(() => ({ kind: 'unknown', cause: 'no answer from UnionPay (TimeoutError)' })),
    );
    expect(fake.received.length).toBeLessThanOrEqual(calls.length);
  });

  it.each(badAnswers)('%s, the outcome of every call is unknown', async (_, bad) => {
    fake.does('*', bad(world, fake));
    expect((await all()).map(({ kind }) => kind)).toEqual(calls.map(() => 'unknown'));
    // No second try and no redirect: whether to ask again is for the caller to decide.
    expect(fake.received).toHaveLength(calls.length);
  });

  it('is not there, the outcome of every call is unknown', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const outcomes = await all({ url: `http://127.0.0.1:${port}` });
    expect(outcomes).toEqual(calls.map(() => ({ kind: 'unknown', cause: 'no answer from UnionPay (ECONNREFUSED)' })));
  });

  it('keeps failing, it is left in peace, and nothing was sent', async () => {
    fake.does('*', (response) => response.writeHead(503).end());
    const gateway = gatewayAt(world, fake.url, new MovableClock(), { failuresUntilRest: 2, rest: 60_000 });
    expect(gateway.reachability()).toBe('reachable');
    await gateway.query(attempt);
    await gateway.query(attempt);
    expect(gateway.reachability()).toBe('resting');
    expect((await gateway.refund(refund)).kind).toBe('not_now');
    expect((await gateway.query(attempt)).kind).toBe('not_now');
    expect(fake.received).toHaveLength(2);
    await gateway.disconnect();
  });

  it('does not know the merchant and so does not sign, a person is told what it says', async () => {
    const answer: Values = { respCode: '31', respMsg: '商户状态不正确[5000031]' };
    fake.does('*', (response) => response.end(rawBody(answer)));
    const cause = 'the answer is not to be believed, because signature is missing (it says 31: 商户状态不正确[5000031])';
    expect(await all()).toEqual(calls.map(() => ({ kind: 'unknown', cause })));
  });

  it('puts much into its words, an outcome keeps little of them, and no number of a card', async () => {
    const respMsg = `line\nbreak 6226090000000048 622609******0048 ${'长'.repeat(1_000)}`;
    const tellsAll = [
      { respCode: '11', respMsg },
      { respCode: '02', respMsg },
      { respCode: '36', respMsg },
    ];
    for (const changes of tellsAll) {
      fake.answers('*', changes).answers(`00 ${REFUND_NO}`, { respCode: '34' }).answers(`00 ${REFUND_NO}C`, { respCode: '34' });
      for (const outcome of await all()) {
        const text = JSON.stringify(outcome);
        expect([...text].length).toBeLessThan(260);
        expect(text).not.toMatch(/\\n|6226|0048/);
      }
    }
    fake.does('*', (response) => response.end(rawBody({ respCode: '9'.repeat(1_000), respMsg })));
    for (const outcome of await all()) expect([...JSON.stringify(outcome)].length).toBeLessThan(400);
  });

  it('answers or not, no outcome carries a key or a signature', async () => {
    const secret = world.merchant.privateKey.slice(60, 100);
    for (const [, bad] of badAnswers) {
      fake.forget();
      fake.does('*', bad(world, fake));
      const text = JSON.stringify(await all());
      expect(text).not.toContain(secret);
      for (const { fields } of fake.received) expect(text).not.toContain((fields['signature'] ?? '').slice(0, 20));
    }
  });

  it('repeats an answer of another day, it is not about ours', async () => {
    const old = fake.answer(
      { txnType: '01', merId: '777290058110048', orderId: OUT_TRADE_NO, txnTime: '20260104101112', version: '5.1.0', signMethod: '01' },
      paidAnswer,
    );
    fake.does('*', (response) => response.end(old));
    expect((await all()).map(({ kind }) => kind)).toEqual(calls.map(() => 'unknown'));
  });

  it('has been left, a call is unknown and leaving again is harmless', async () => {
    const gateway = gatewayAt(world, fake.url, new MovableClock());
    await gateway.disconnect();
    await gateway.disconnect();
    expect((await gateway.query(attempt)).kind).toBe('unknown');
  });

  it('is asked by two hundred at once, it sees at most sixteen connections', async () => {
    const sockets = new Set<unknown>();
    fake.does('*', (response, received) => {
      sockets.add(response.socket);
      response.end(genuine(fake, received));
    });
    const gateway = gatewayAt(world, fake.url, new MovableClock());
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => gateway.query(attempt)));
    await gateway.disconnect();
    expect(outcomes.filter((outcome) => outcome.kind === 'succeeded' && outcome.settled.amount === money(8_888).amount)).toHaveLength(200);
    expect(sockets.size).toBeLessThanOrEqual(16);
  });
});
