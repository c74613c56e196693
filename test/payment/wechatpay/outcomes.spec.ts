import { money } from '../../../src/kernel/money.js';
import {
  attempt,
  FakeWechatPay,
  gatewayAt,
  MCH_ID,
  noContent,
  NOW,
  order,
  OUT_TRADE_NO,
  refund,
  REFUND_ID,
  refunded,
  TRANSACTION_ID,
  type Node,
} from './support.js';

const at = new Date('2026-01-05T02:12:30.000Z');
const succeeded = { kind: 'succeeded', gatewayRef: TRANSACTION_ID, settled: money(8_888), at };
const backAt = new Date('2026-01-05T03:00:03.000Z');
const wentBack = { kind: 'succeeded', gatewayRef: REFUND_ID, settled: money(1_000), at: backAt };

describe('What WeChat Pay says', () => {
  let fake: FakeWechatPay;
  let gateway: ReturnType<typeof gatewayAt>;
  beforeAll(async () => {
    fake = await FakeWechatPay.start();
    // It answers 5xx in some of these cases, and must not be left in peace for it.
    gateway = gatewayAt(fake.url, { failuresUntilRest: 1_000 });
  });
  beforeEach(() => fake.forget());
  afterAll(async () => {
    await gateway.disconnect();
    await fake.stop();
  });

  const amount = (changes: Node) => ({ amount: { ...(order['amount'] as Node), ...changes } });

  describe('of an order', () => {
    it.each<[string, Node, object]>([
      ['paid', {}, succeeded],
      ['paid, and partly or wholly given back', { trade_state: 'REFUND' }, succeeded],
      ['unpaid', { trade_state: 'NOTPAY', transaction_id: undefined }, { kind: 'pending' }],
      ['being paid', { trade_state: 'USERPAYING' }, { kind: 'pending' }],
      ['closed', { trade_state: 'CLOSED' }, { kind: 'closed' }],
      ['revoked, which no method of ours can be', { trade_state: 'REVOKED' }, { kind: 'unknown' }],
      ['in a state nobody knows', { trade_state: 'PAID' }, { kind: 'unknown' }],
      ['in no state', { trade_state: undefined }, { kind: 'unknown' }],
      ['paid, by another app of the merchant', { appid: 'wx0000000000000000' }, succeeded],
      ['paid in another currency', amount({ currency: 'USD' }), { ...succeeded, settled: money(8_888, 'USD') }],
      ['paid, with another amount', amount({ total: 1 }), { ...succeeded, settled: money(1) }],
      ['paid, at a time that is kept back', { success_time: undefined }, { ...succeeded, at: NOW }],
      ['paid, without a number', { transaction_id: undefined }, { kind: 'unknown' }],
      ['paid, with a fraction of a fen', amount({ total: 88.5 }), { kind: 'unknown' }],
      ['paid, with an amount in words', amount({ total: '8888' }), { kind: 'unknown' }],
      ['paid, with nothing', amount({ total: 0 }), { kind: 'unknown' }],
      ['paid, with no amount', { amount: null }, { kind: 'unknown' }],
      ['of another number', { out_trade_no: 'another1' }, { kind: 'unknown', cause: 'the answer is about another order' }],
      ['of another merchant', { mchid: '1900000000' }, { kind: 'unknown', cause: 'the answer is about another order' }],
    ])('that is %s', async (_, changes, expected) => {
      fake.answers('query', { ...order, ...changes });
      expect(await gateway.query(attempt)).toMatchObject(expected);
    });

    it.each<[number, string, object]>([
      [404, 'ORDER_NOT_EXIST', { kind: 'never_happened' }],
      [404, 'ORDERNOTEXIST', { kind: 'never_happened' }],
      [404, 'MCH_NOT_EXISTS', { kind: 'not_now' }],
      [404, '', { kind: 'unknown', cause: 'HTTP status 404: 说明' }],
      [400, 'PARAM_ERROR', { kind: 'unknown', cause: 'PARAM_ERROR: 说明' }],
      [401, 'SIGN_ERROR', { kind: 'not_now', reason: 'SIGN_ERROR: 说明' }],
      [401, 'A_NEW_ONE', { kind: 'not_now' }],
      [403, 'NO_AUTH', { kind: 'not_now' }],
      [403, 'A_NEW_ONE', { kind: 'unknown' }],
      [429, 'FREQUENCY_LIMITED', { kind: 'not_now' }],
      [429, 'A_NEW_ONE', { kind: 'not_now' }],
      [500, 'SYSTEM_ERROR', { kind: 'unknown' }],
      [502, 'ORDER_NOT_EXIST', { kind: 'unknown' }],
      [202, 'ORDER_NOT_EXIST', { kind: 'unknown' }],
      [302, 'ORDER_NOT_EXIST', { kind: 'unknown' }],
    ])('with status %i and %s to a query', async (status, code, expected) => {
      fake.refuses('query', status, code);
      expect(await gateway.query(attempt)).toMatchObject(expected);
      expect(fake.calls).toEqual(['query']);
    });

    it('by its own number, and by ours where it does not know that one', async () => {
      const known = { ...attempt, gatewayRef: TRANSACTION_ID };
      const byId = `/v3/pay/transactions/id/${TRANSACTION_ID}?mchid=${MCH_ID}`;
      fake.answers('query', order);
      expect(await gateway.query(known)).toEqual(succeeded);
      expect(fake.received.map(({ url }) => url)).toEqual([byId]);

      fake.forget();
      fake.refuses('query', 404, 'ORDER_NOT_EXIST');
      expect(await gateway.query(known)).toEqual({ kind: 'never_happened' });
      expect(fake.received.map(({ url }) => url)).toEqual([byId, `/v3/pay/transactions/out-trade-no/${OUT_TRADE_NO}?mchid=${MCH_ID}`]);
    });
  });

  describe('to a payment', () => {
    it.each<[number, string, object]>([
      [400, 'PARAM_ERROR', { kind: 'declined', reason: 'PARAM_ERROR: 说明' }],
      [400, 'INVALID_REQUEST', { kind: 'declined' }],
      [403, 'RULE_LIMIT', { kind: 'declined' }],
      [403, 'RULELIMIT', { kind: 'declined' }],
      [403, 'TRADE_ERROR', { kind: 'declined' }],
      [400, 'APPID_MCHID_NOT_MATCH', { kind: 'not_now' }],
      [401, 'SIGN_ERROR', { kind: 'not_now' }],
      [403, 'NOAUTH', { kind: 'not_now' }],
      [429, 'RATELIMIT_EXCEEDED', { kind: 'not_now' }],
      [404, 'ORDER_NOT_EXIST', { kind: 'unknown' }],
      [500, 'SYSTEM_ERROR', { kind: 'unknown' }],
      [500, 'SYSTEMERROR', { kind: 'unknown' }],
      [503, 'SERVICE_UNAVAILABLE', { kind: 'unknown' }],
    ])('with status %i and %s', async (status, code, expected) => {
      fake.refuses('pay', status, code);
      expect(await gateway.pay(attempt)).toMatchObject(expected);
      expect(fake.calls).toEqual(['pay']);
    });

    it.each<[string, Node, object]>([
      ['OUT_TRADE_NO_USED', order, succeeded],
      ['ORDERPAID', order, succeeded],
      ['ORDER_CLOSED', { ...order, trade_state: 'CLOSED' }, { kind: 'closed' }],
      ['OUT_TRADE_NO_USED', { ...order, trade_state: 'NOTPAY' }, { kind: 'pending' }],
    ])('with %s: what has become of the number counts', async (code, found, expected) => {
      fake.refuses('pay', 403, code).answers('query', found);
      expect(await gateway.pay(attempt)).toEqual(expected);
      expect(fake.calls).toEqual(['pay', 'query']);
    });

    it('with a number that is taken and not to be found, nothing is settled', async () => {
      fake.refuses('pay', 403, 'OUT_TRADE_NO_USED').refuses('query', 404, 'ORDER_NOT_EXIST');
      expect(await gateway.pay(attempt)).toEqual({ kind: 'unknown', cause: 'OUT_TRADE_NO_USED: 说明' });
    });

    it.each<[string, Node]>([
      ['native', { prepay_id: 'x' }],
      ['jsapi', { code_url: 'x' }],
      ['app', {}],
      ['h5', { h5_url: 'javascript:alert(1)' }],
    ])('of %s with nothing to pay with, nothing is settled', async (method, node) => {
      fake.answers('pay', node);
      expect((await gateway.pay({ ...attempt, method })).kind).toBe('unknown');
    });
  });

  describe('to a close', () => {
    it('that it is done', async () => {
      fake.does('close', (response) => noContent(response));
      expect(await gateway.close(attempt)).toEqual({ kind: 'closed' });
      expect(fake.calls).toEqual(['close']);
    });

    it.each<[string, number, string, Node, object]>([
      ['paid in the meantime', 400, 'ORDER_PAID', order, succeeded],
      ['paid in the meantime, in an old spelling', 400, 'ORDERPAID', order, succeeded],
      ['paid in the meantime, in other words', 400, 'INVALID_REQUEST', order, succeeded],
      ['closed before', 400, 'ORDER_CLOSED', { ...order, trade_state: 'CLOSED' }, { kind: 'closed' }],
      ['closed, though the answer was an error', 500, 'SYSTEM_ERROR', { ...order, trade_state: 'CLOSED' }, { kind: 'closed' }],
      ['still open', 500, 'SYSTEM_ERROR', { ...order, trade_state: 'NOTPAY' }, { kind: 'unknown' }],
      ['still open, and refused', 400, 'PARAM_ERROR', { ...order, trade_state: 'NOTPAY' }, { kind: 'unknown' }],
    ])('of an order that is %s', async (_, status, code, found, expected) => {
      fake.refuses('close', status, code).answers('query', found);
      expect(await gateway.close(attempt)).toMatchObject(expected);
      expect(fake.calls).toEqual(['close', 'query']);
    });

    it.each<[number, string, object]>([
      [404, 'ORDER_NOT_EXIST', { kind: 'never_happened' }],
      [404, 'ORDERNOTEXIST', { kind: 'never_happened' }],
      [401, 'SIGN_ERROR', { kind: 'not_now' }],
      [429, 'FREQUENCY_LIMITED', { kind: 'not_now' }],
    ])('with status %i and %s, nobody need ask', async (status, code, expected) => {
      fake.refuses('close', status, code);
      expect(await gateway.close(attempt)).toMatchObject(expected);
      expect(fake.calls).toEqual(['close']);
    });
  });

  describe('of a refund', () => {
    const refundAmount = (changes: Node) => ({ amount: { ...(refunded['amount'] as Node), ...changes } });
    const cases: [string, Node, object][] = [
      ['done', {}, wentBack],
      ['done, at a time that is kept back', { success_time: undefined }, { ...wentBack, at: NOW }],
      ['done, with another amount, for the caller to see', refundAmount({ refund: 999 }), { ...wentBack, settled: money(999) }],
      ['done, in another currency', refundAmount({ currency: 'USD' }), { ...wentBack, settled: money(1_000, 'USD') }],
      ['under way', { status: 'PROCESSING' }, { kind: 'pending' }],
      ['under way, with another amount', { status: 'PROCESSING', ...refundAmount({ refund: 999 }) }, { kind: 'unknown' }],
      ['closed', { status: 'CLOSED' }, { kind: 'closed' }],
      ['closed, with another amount', { status: 'CLOSED', ...refundAmount({ refund: 999 }) }, { kind: 'unknown' }],
      ['abnormal', { status: 'ABNORMAL' }, { kind: 'not_now', reason: expect.stringMatching(/^ABNORMAL: .*merchant platform/) as string }],
      ['in a state nobody knows', { status: 'DONE' }, { kind: 'unknown' }],
      ['done, without a number', { refund_id: undefined }, { kind: 'unknown' }],
      ['of another number', { out_refund_no: 'other' }, { kind: 'unknown', cause: 'the answer is about another refund' }],
      ['of another order', { out_trade_no: 'other' }, { kind: 'unknown', cause: 'the answer is about another refund' }],
      ['with no amount', { amount: undefined }, { kind: 'unknown' }],
    ];

    it.each(cases)('that is %s', async (_, changes, expected) => {
      fake.answers('refund', { ...refunded, ...changes }).answers('queryRefund', { ...refunded, ...changes });
      expect(await gateway.refund(refund)).toMatchObject(expected);
      expect(await gateway.queryRefund(refund)).toMatchObject(expected);
      expect(fake.calls).toEqual(['refund', 'queryRefund']);
    });

    it.each<[number, string, object]>([
      [403, 'NOT_ENOUGH', { kind: 'not_now', reason: 'NOT_ENOUGH: 说明' }],
      [403, 'NOTENOUGH', { kind: 'not_now' }],
      [401, 'SIGN_ERROR', { kind: 'not_now' }],
      [404, 'MCH_NOT_EXISTS', { kind: 'not_now' }],
      [404, 'RESOURCE_NOT_EXISTS', { kind: 'never_happened' }],
    ])('with status %i and %s, nobody need ask', async (status, code, expected) => {
      fake.refuses('refund', status, code);
      expect(await gateway.refund(refund)).toMatchObject(expected);
      expect(fake.calls).toEqual(['refund']);
    });

    const asked: [number, string, object][] = [
      [429, 'FREQUENCY_LIMITED', { kind: 'not_now' }],
      [500, 'SYSTEM_ERROR', { kind: 'never_happened' }],
      [202, '', { kind: 'never_happened' }],
      [403, 'USER_ACCOUNT_ABNORMAL', { kind: 'declined', reason: 'USER_ACCOUNT_ABNORMAL: 说明' }],
      [400, 'TRADE_OVERDUE', { kind: 'declined' }],
      [400, 'REFUND_FEE_MISMATCH', { kind: 'declined' }],
      [400, 'INVALID_REQUEST', { kind: 'declined' }],
      [403, 'A_NEW_ONE', { kind: 'never_happened' }],
    ];

    it.each(asked)('with status %i and %s, a second look decides', async (status, code, withoutRefund) => {
      fake.refuses('refund', status, code).refuses('queryRefund', 404, 'RESOURCE_NOT_EXISTS');
      expect(await gateway.refund(refund)).toMatchObject(withoutRefund);

      fake.answers('queryRefund', { ...refunded, status: 'PROCESSING' });
      expect(await gateway.refund(refund)).toEqual({ kind: 'pending' });

      fake.answers('queryRefund', refunded);
      expect(await gateway.refund(refund)).toEqual(wentBack);

      fake.refuses('queryRefund', 500, 'SYSTEM_ERROR');
      expect((await gateway.refund(refund)).kind).toBe('unknown');
      expect(fake.calls).toEqual(Array.from({ length: 4 }, () => ['refund', 'queryRefund']).flat());
    });

    it.each<[number, string, object]>([
      [404, 'RESOURCE_NOT_EXISTS', { kind: 'never_happened' }],
      [429, 'FREQUENCY_LIMITED', { kind: 'not_now' }],
      [400, 'PARAM_ERROR', { kind: 'unknown' }],
      [500, 'SYSTEM_ERROR', { kind: 'unknown' }],
    ])('with status %i and %s to a query', async (status, code, expected) => {
      fake.refuses('queryRefund', status, code);
      expect(await gateway.queryRefund(refund)).toMatchObject(expected);
    });
  });
});
