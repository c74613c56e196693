import { money } from '../../../src/kernel/money.js';
import { bareSubCode } from '../../../src/payment/gateway/alipay/codes.js';
import type { Outcome } from '../../../src/payment/gateway/gateway.js';
import { attempt, FakeAlipay, gatewayAt, NOW, OUT_TRADE_NO, refund, REFUND_NO, TRADE_NO, type Node } from './support.js';

const QUERY = 'alipay.trade.query';
const CLOSE = 'alipay.trade.close';
const REFUND = 'alipay.trade.refund';
const REFUND_QUERY = 'alipay.trade.fastpay.refund.query';

const trade = { code: '10000', msg: 'Success', out_trade_no: OUT_TRADE_NO, trade_no: TRADE_NO, total_amount: '88.88' };
const zeros = { buyer_pay_amount: '0.00', receipt_amount: '0.00', invoice_amount: '0.00', point_amount: '0.00' };
const sent = { send_pay_date: '2026-01-05 10:12:30' };
const bills = { fund_bill_list: [{ amount: '88.88', fund_channel: 'ALIPAYACCOUNT' }] };
const refusal = (sub_code: string, code = '40004'): Node => ({ code, msg: 'Business Failed', sub_code, sub_msg: '原因' });
const paid: Outcome = { kind: 'succeeded', gatewayRef: TRADE_NO, settled: money(8_888), at: new Date('2026-01-05T02:12:30Z') };
const returned: Outcome = { kind: 'returned', gatewayRef: TRADE_NO, settled: money(8_888) };

let fake: FakeAlipay;
beforeAll(async () => void (fake = await FakeAlipay.start()));
beforeEach(() => fake.forget());
afterAll(() => fake.stop());

async function ask(call: 'query' | 'close' | 'refund' | 'queryRefund'): Promise<Outcome> {
  const gateway = gatewayAt(fake.url);
  const calls = {
    query: () => gateway.query(attempt),
    close: () => gateway.close(attempt),
    refund: () => gateway.refund(refund),
    queryRefund: () => gateway.queryRefund(refund),
  };
  const outcome = await calls[call]();
  await gateway.disconnect();
  return outcome;
}

const methods = () => fake.received.map(({ method }) => method);

describe('Asking Alipay about a trade', () => {
  it.each<[string, Node, Outcome | Outcome['kind']]>([
    ['paid', { ...trade, ...sent, trade_status: 'TRADE_SUCCESS' }, paid],
    ['paid and past refunding', { ...trade, ...sent, trade_status: 'TRADE_FINISHED' }, paid],
    ['paid, the amount written as a number', { ...trade, ...sent, total_amount: 88.88, trade_status: 'TRADE_SUCCESS' }, paid],
    ['paid, with no time of payment', { ...trade, trade_status: 'TRADE_SUCCESS' }, { ...paid, at: NOW }],
    ['waiting', { ...trade, ...zeros, trade_status: 'WAIT_BUYER_PAY' }, 'pending'],
    ['closed, never paid', { ...trade, ...zeros, trade_status: 'TRADE_CLOSED' }, 'closed'],
    ['closed, said in the fewest words', { ...trade, trade_status: 'TRADE_CLOSED' }, 'closed'],
    ['closed, an empty list of funds', { ...trade, ...zeros, fund_bill_list: [], trade_status: 'TRADE_CLOSED' }, 'closed'],
    ['refunded, by its funds', { ...trade, ...zeros, ...sent, ...bills, trade_status: 'TRADE_CLOSED' }, returned],
    ['refunded, its funds as text', { ...trade, ...sent, fund_bill_list: '[{"amount":"88.88"}]', trade_status: 'TRADE_CLOSED' }, returned],
    ['refunded, by what the buyer paid', { ...trade, ...sent, buyer_pay_amount: '88.88', trade_status: 'TRADE_CLOSED' }, returned],
    ['refunded, by its time alone', { ...trade, ...sent, trade_status: 'TRADE_CLOSED' }, returned],
    ['refunded, without a trade number', { ...trade, ...sent, ...bills, trade_no: '', trade_status: 'TRADE_CLOSED' }, 'unknown'],
    ['closed, in contradiction with itself', { ...trade, ...zeros, ...sent, trade_status: 'TRADE_CLOSED' }, 'unknown'],
    ['in a state nobody knows', { ...trade, trade_status: 'TRADE_PENDING' }, 'unknown'],
    ['without a state', trade, 'unknown'],
    ['of another number', { ...trade, ...sent, out_trade_no: 'B2', trade_status: 'TRADE_SUCCESS' }, 'unknown'],
    ['of no number', { ...trade, ...sent, out_trade_no: undefined, trade_status: 'TRADE_SUCCESS' }, 'unknown'],
    ['paid with three decimals', { ...trade, ...sent, total_amount: '88.888', trade_status: 'TRADE_SUCCESS' }, 'unknown'],
    ['paid without a trade number', { ...trade, ...sent, trade_no: '', trade_status: 'TRADE_SUCCESS' }, 'unknown'],
    ['that does not exist', refusal('ACQ.TRADE_NOT_EXIST'), 'never_happened'],
    ['while it is limited', refusal('isv.app-call-limited', '40005'), 'not_now'],
    ['while it has an outage', refusal('isp.unknow-error', '20000'), 'unknown'],
    ['with a wrong parameter', refusal('ACQ.INVALID_PARAMETER'), 'unknown'],
    ['with a code from the future', { code: '50001' }, 'unknown'],
    ['with no code at all', {}, 'unknown'],
  ])('%s', async (_, node, expected) => {
    fake.answers(QUERY, node);
    const outcome = await ask('query');
    if (typeof expected === 'string') expect(outcome.kind).toBe(expected);
    else expect(outcome).toEqual(expected);
  });

  it('asks by our number, and for what the buyer paid with', async () => {
    fake.answers(QUERY, trade);
    await ask('query');
    expect(fake.received[0]?.content).toEqual({ out_trade_no: OUT_TRADE_NO, query_options: ['fund_bill_list'] });
  });

  it.each(['ACQ.', 'aop.', 'aop.ACQ.', 'AQC.', ''])('knows a code with the prefix "%s"', async (prefix) => {
    fake.answers(QUERY, refusal(`${prefix}TRADE_NOT_EXIST`));
    expect((await ask('query')).kind).toBe('never_happened');
  });

  it('strips the prefixes of the gateway as well', () => {
    expect(['isv.app-call-limited', 'isp.unknow-error', 'ACQ.ACQ_X', 'constructor'].map(bareSubCode)).toEqual([
      'APP_CALL_LIMITED',
      'UNKNOW_ERROR',
      'ACQ_X',
      'CONSTRUCTOR',
    ]);
  });
});

describe('Closing a trade at Alipay', () => {
  it.each<[string, Node, Outcome['kind']]>([
    ['that waits', { ...trade, total_amount: undefined }, 'closed'],
    ['that answers without a number', { code: '10000' }, 'closed'],
    ['that turns out to be another', { ...trade, out_trade_no: 'B2' }, 'unknown'],
    ['that nobody opened', refusal('ACQ.TRADE_NOT_EXIST'), 'never_happened'],
    ['while it has an outage', refusal('ACQ.SYSTEM_ERROR'), 'unknown'],
    ['without permission', refusal('isv.insufficient-isv-permissions', '40006'), 'not_now'],
  ])('%s', async (_, node, kind) => {
    fake.answers(CLOSE, node);
    expect((await ask('close')).kind).toBe(kind);
    expect(methods()).toEqual([CLOSE]);
  });

  it.each([
    'ACQ.TRADE_STATUS_ERROR',
    'ACQ.REASON_TRADE_STATUS_INVALID',
    'ACQ.REASON_ILLEGAL_STATUS',
    'ACQ.TRADE_HAS_SUCCESS',
    'ACQ.TRADE_HAS_FINISHED',
    'ACQ.TRADE_HAS_CLOSE',
  ])('asks whether it was paid on %s', async (subCode) => {
    fake.answers(CLOSE, refusal(subCode)).answers(QUERY, { ...trade, ...sent, trade_status: 'TRADE_SUCCESS' });
    expect(await ask('close')).toEqual(paid);
    expect(methods()).toEqual([CLOSE, QUERY]);
  });
});

const refunded = { ...trade, total_amount: undefined, fund_change: 'Y', refund_fee: '30.00', gmt_refund_pay: '2026-01-05 11:00:00' };
const found = { ...trade, out_request_no: REFUND_NO, refund_amount: '10.00', refund_status: 'REFUND_SUCCESS' };
const moved: Outcome = { kind: 'succeeded', gatewayRef: TRADE_NO, settled: money(1_000), at: new Date('2026-01-05T03:00:00Z') };
const nothing: Node = { code: '10000', msg: 'Success' };

describe('Refunding at Alipay', () => {
  it('counts this refund and not all of them', async () => {
    fake.answers(REFUND, refunded);
    expect(await ask('refund')).toEqual(moved);
    expect(fake.received[0]?.content).toEqual({
      out_trade_no: OUT_TRADE_NO,
      out_request_no: REFUND_NO,
      refund_amount: '10.00',
      refund_reason: '少发一件',
    });
  });

  it.each<[string, Node, Outcome['kind']]>([
    ['of another trade', { ...refunded, out_trade_no: 'B2' }, 'unknown'],
    ['of no trade', { ...refunded, out_trade_no: undefined }, 'unknown'],
    ['that gave back less than it should', { ...refunded, refund_fee: '9.99' }, 'unknown'],
    ['from an empty balance', refusal('ACQ.SELLER_BALANCE_NOT_ENOUGH'), 'not_now'],
    ['too often', refusal('isv.method-call-limited', '40005'), 'not_now'],
    ['while the fee cannot be taken', refusal('ACQ.REFUND_CHARGE_ERROR'), 'not_now'],
    ['with a key that does not fit', refusal('isv.invalid-signature', '40002'), 'not_now'],
    ['for an app that does not exist', refusal('isv.invalid-app-id', '40002'), 'not_now'],
    ['without permission', refusal('ACQ.ACCESS_FORBIDDEN'), 'not_now'],
    ['while Alipay has an error', refusal('aop.ACQ.SYSTEM_ERROR'), 'unknown'],
    ['while Alipay misspells its error', refusal('AQC.SYSTEM_ERROR'), 'unknown'],
    ['while the gateway has an outage', refusal('aop.unknow-error', '20000'), 'unknown'],
  ])('%s, without asking further', async (_, node, kind) => {
    fake.answers(REFUND, node);
    expect((await ask('refund')).kind).toBe(kind);
    expect(methods()).toEqual([REFUND]);
  });

  const finals = [
    'ACQ.REASON_TRADE_REFUND_FEE_ERR',
    'ACQ.TRADE_HAS_FINISHED',
    'ACQ.TRADE_HAS_CLOSE',
    'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL',
    'ACQ.TRADE_NOT_ALLOW_REFUND',
    'ACQ.NOT_ALLOW_PARTIAL_REFUND',
    'ACQ.TRADE_STATUS_ERROR',
    'ACQ.TRADE_NOT_EXIST',
    'ACQ.DISCORDANT_REPEAT_REQUEST',
    'ACQ.INVALID_PARAMETER',
    'ACQ.NEVER_SEEN_BEFORE',
  ];

  it.each(finals)('is declined on %s once the query knows of no refund either', async (subCode) => {
    fake.answers(REFUND, refusal(subCode)).answers(REFUND_QUERY, nothing);
    expect(await ask('refund')).toEqual({ kind: 'declined', reason: `${subCode}: 原因` });
  });

  it.each(finals)('is not declined on %s when an earlier try went through', async (subCode) => {
    fake.answers(REFUND, refusal(subCode)).answers(REFUND_QUERY, { ...found, refund_amount: '12.00' });
    expect(await ask('refund')).toMatchObject({ kind: 'succeeded', settled: money(1_200) });
  });

  it('is not declined while the query gives no clear answer', async () => {
    fake.answers(REFUND, refusal('ACQ.TRADE_HAS_FINISHED')).answers(REFUND_QUERY, refusal('ACQ.SYSTEM_ERROR'));
    expect((await ask('refund')).kind).toBe('unknown');
  });

  it.each([['N'], [undefined]])('asks the query where fund_change is %s', async (fund_change) => {
    fake.answers(REFUND, { ...refunded, fund_change }).answers(REFUND_QUERY, found);
    expect(await ask('refund')).toEqual({ ...moved, at: NOW });

    fake.answers(REFUND_QUERY, nothing);
    expect((await ask('refund')).kind).toBe('unknown');
  });
});

describe('Asking Alipay about a refund', () => {
  it.each<[string, Node, Outcome | Outcome['kind']]>([
    ['that went through', { ...found, gmt_refund_pay: '2026-01-05 11:00:00' }, moved],
    ['that went through at a time kept back', found, { ...moved, at: NOW }],
    ['that is not there', nothing, 'never_happened'],
    ['of a trade that is not there', refusal('ACQ.TRADE_NOT_EXIST'), 'never_happened'],
    ['that has an amount and no status', { ...found, refund_status: undefined }, 'unknown'],
    ['in a state nobody knows', { ...found, refund_status: 'REFUND_PROCESSING' }, 'unknown'],
    ['of another trade', { ...found, out_trade_no: 'B2' }, 'unknown'],
    ['of another number', { ...found, out_request_no: 'B2' }, 'unknown'],
    ['of no number', { ...found, out_request_no: undefined }, 'unknown'],
    ['without an amount', { ...found, refund_amount: undefined }, 'unknown'],
    ['while Alipay has an error', refusal('ACQ.SYSTEM_ERROR'), 'unknown'],
    ['too often', refusal('isv.app-call-limited', '40005'), 'not_now'],
  ])('%s', async (_, node, expected) => {
    fake.answers(REFUND_QUERY, node);
    const outcome = await ask('queryRefund');
    if (typeof expected === 'string') expect(outcome.kind).toBe(expected);
    else expect(outcome).toEqual(expected);
  });

  it('asks by both numbers, and for the time', async () => {
    fake.answers(REFUND_QUERY, nothing);
    await ask('queryRefund');
    expect(fake.received[0]?.content).toEqual({ out_trade_no: OUT_TRADE_NO, out_request_no: REFUND_NO, query_options: ['gmt_refund_pay'] });
  });
});
