import { money } from '../../../src/kernel/money.js';
import type { UnionpayGateway } from '../../../src/payment/gateway/unionpay/unionpay.gateway.js';
import { authority } from './authority.js';
import {
  attempt,
  FakeUnionpay,
  gatewayAt,
  MER_ID,
  MovableClock,
  NOW,
  OUT_TRADE_NO,
  paidAnswer,
  QUERY_ID,
  type Changes,
} from './support.js';

const LATER = '2026-01-05T02:41:13Z';
const succeeded = { kind: 'succeeded', gatewayRef: QUERY_ID, settled: money(8_888), at: new Date('2026-01-05T02:12:30.000Z') };
const failed = { ...paidAnswer, origRespCode: '64', origRespMsg: '卡上的余额不足[1000064]' };
const absent = { respCode: '34', respMsg: '查无此交易[2040004]' };

describe('Asking UnionPay about a payment', () => {
  let fake: FakeUnionpay;
  let gateway: UnionpayGateway;
  const clock = new MovableClock();

  beforeAll(async () => {
    const world = await authority();
    fake = await FakeUnionpay.start(world);
    gateway = gatewayAt(world, fake.url, clock);
  });
  beforeEach(() => {
    fake.forget();
    clock.moveTo(NOW);
  });
  afterAll(async () => {
    await gateway.disconnect();
    await fake.stop();
  });

  it('names it by both its numbers, and signs', async () => {
    fake.answers('*', paidAnswer);
    expect(await gateway.query(attempt)).toEqual(succeeded);
    expect(fake.received).toEqual([
      {
        path: '/gateway/api/queryTrans.do',
        fields: {
          version: '5.1.0',
          encoding: 'UTF-8',
          signMethod: '01',
          bizType: '000201',
          accessType: '0',
          txnType: '00',
          txnSubType: '00',
          merId: MER_ID,
          orderId: OUT_TRADE_NO,
          txnTime: '20260105101112',
          certId: String(0x1002653215),
          signature: expect.any(String) as unknown,
        },
      },
    ]);
  });

  const pending = { kind: 'pending' };
  const closed = { kind: 'closed' };
  const never = { kind: 'never_happened' };

  it.each<[string, Changes, { query: object; queryLater: object; close: object; closeLater: object }]>([
    ['paid', paidAnswer, { query: succeeded, queryLater: succeeded, close: succeeded, closeLater: succeeded }],
    [
      'paid, with a defect',
      { ...paidAnswer, origRespCode: 'A6' },
      { query: succeeded, queryLater: succeeded, close: succeeded, closeLater: succeeded },
    ],
    ...['03', '04', '05']
      .map(
        (code) =>
          [
            `under way (${code})`,
            { ...paidAnswer, origRespCode: code },
            { query: pending, queryLater: pending, close: pending, closeLater: pending },
          ] as const,
      )
      .map(([title, answer, outcomes]) => [title, answer, outcomes] as [string, Changes, typeof outcomes]),
    ['not paid, for want of money', failed, { query: pending, queryLater: closed, close: never, closeLater: closed }],
    [
      'not paid, for a reason that is not listed',
      { ...failed, origRespCode: 'Z9' },
      { query: pending, queryLater: closed, close: never, closeLater: closed },
    ],
    ['not known', absent, { query: never, queryLater: never, close: never, closeLater: closed }],
  ])('that is %s', async (_, answer, outcomes) => {
    fake.answers('*', answer);
    expect(await gateway.query(attempt)).toEqual(outcomes.query);
    expect(await gateway.close(attempt)).toEqual(outcomes.close);
    clock.moveTo(LATER);
    expect(await gateway.query(attempt)).toEqual(outcomes.queryLater);
    expect(await gateway.close(attempt)).toEqual(outcomes.closeLater);
    expect(new Set(fake.calls)).toEqual(new Set([`00 ${OUT_TRADE_NO}`]));
  });

  it.each<[string, Changes]>([
    ['another merchant', { merId: '700000000000001' }],
    ['another number', { orderId: 'another1' }],
    ['another time', { txnTime: '20260105101113' }],
    ['another kind of trade', { txnType: '04' }],
    ['nobody', { merId: undefined }],
    ['no number', { orderId: undefined }],
    ['no time', { txnTime: undefined }],
  ])('believes nothing that is about %s', async (_, changes) => {
    fake.answers('*', { ...paidAnswer, ...changes });
    expect((await gateway.query(attempt)).kind).toBe('unknown');
    fake.answers('*', { ...failed, ...changes });
    expect((await gateway.close(attempt)).kind).toBe('unknown');
    clock.moveTo(LATER);
    expect((await gateway.query(attempt)).kind).toBe('unknown');
  });

  it.each(['merId', 'orderId', 'txnTime'])('believes no "no such trade" that is not about ours by its %s', async (name) => {
    fake.answers('*', { ...absent, [name]: '20260105101113' });
    expect(await gateway.query(attempt)).toEqual({ kind: 'unknown', cause: 'the answer is about another trade' });
  });

  it.each<[string, Changes]>([
    ['no number of its own', { queryId: undefined }],
    ['no amount', { txnAmt: undefined }],
    ['an amount with decimals', { txnAmt: '88.88' }],
    ['an amount with a zero before it', { txnAmt: '08888' }],
    ['a negative amount', { txnAmt: '-8888' }],
    ['an amount of thirteen digits', { txnAmt: '1000000000000' }],
    ['no currency', { currencyCode: undefined }],
    ['no result', { origRespCode: undefined }],
  ])('takes a success with %s for unknown', async (_, changes) => {
    fake.answers('*', { ...paidAnswer, ...changes });
    expect((await gateway.query(attempt)).kind).toBe('unknown');
  });

  it('reports what was paid, for the caller to compare', async () => {
    fake.answers('*', { ...paidAnswer, txnAmt: '1' });
    expect(await gateway.query(attempt)).toMatchObject({ settled: money(1) });
    fake.answers('*', { ...paidAnswer, currencyCode: '840' });
    expect(await gateway.query(attempt)).toMatchObject({ settled: money(8_888, 'USD') });
    fake.answers('*', { ...paidAnswer, currencyCode: '643' });
    expect(await gateway.query(attempt)).toMatchObject({ settled: money(8_888, '643') });
  });

  it('finds the year that UnionPay leaves out, and the time where it does', async () => {
    const newYear = { ...attempt, startedAt: new Date('2025-12-31T15:58:00Z'), expiresAt: new Date('2025-12-31T16:28:00Z') };
    fake.answers('*', { ...paidAnswer, traceTime: '0101000102' });
    expect(await gateway.query(newYear)).toMatchObject({ at: new Date('2025-12-31T16:01:02Z') });
    for (const traceTime of [undefined, '', '1301000102', '0230101010', 'yesterday']) {
      fake.answers('*', { ...paidAnswer, traceTime });
      expect(await gateway.query(attempt)).toMatchObject({ kind: 'succeeded', at: NOW });
    }
  });

  it.each<[string, string]>([
    ['01', 'unknown'],
    ['02', 'unknown'],
    ['03', 'unknown'],
    ['06', 'unknown'],
    ['10', 'unknown'],
    ['12', 'unknown'],
    ['30', 'unknown'],
    ['', 'unknown'],
    ['000', 'unknown'],
    ['11', 'not_now'],
    ['31', 'not_now'],
    ['32', 'not_now'],
    ['37', 'not_now'],
  ])('when the question itself is answered with %j, is %s', async (respCode, kind) => {
    fake.answers('*', { ...paidAnswer, respCode });
    expect((await gateway.query(attempt)).kind).toBe(kind);
    expect((await gateway.close(attempt)).kind).toBe(kind);
  });
});
