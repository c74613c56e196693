import { money } from '../../../src/kernel/money.js';
import type { RefundRequest } from '../../../src/payment/gateway/gateway.js';
import { cancellableAt } from '../../../src/payment/gateway/unionpay/times.js';
import type { UnionpayGateway } from '../../../src/payment/gateway/unionpay/unionpay.gateway.js';
import { authority } from './authority.js';
import {
  FakeUnionpay,
  gatewayAt,
  MER_ID,
  MovableClock,
  QUERY_ID,
  refund,
  REFUND_NO,
  REFUND_QUERY_ID,
  wholeRefund,
  type Changes,
} from './support.js';

const CANCEL_NO = `${REFUND_NO}C`;
const ASK_REFUND = `00 ${REFUND_NO}`;
const ASK_CANCEL = `00 ${CANCEL_NO}`;

const accepted = { respCode: '00', queryId: REFUND_QUERY_ID };
const refused = { respCode: '36', respMsg: '与原交易信息不符[2050001]' };
const duplicate = { respCode: '12', respMsg: '重复交易[3020001]' };
const absent = { respCode: '34', respMsg: '查无此交易[2040004]' };

function result(origRespCode: string, txnType = '04', txnAmt = '1000'): Changes {
  return { respCode: '00', origRespCode, origRespMsg: '说明', txnType, txnAmt, queryId: REFUND_QUERY_ID, traceTime: '0105123100' };
}

describe('Giving money back at UnionPay', () => {
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
    clock.moveTo(refund.sentAt);
  });
  afterAll(async () => {
    await gateway.disconnect();
    await fake.stop();
  });

  describe('in part', () => {
    it('is a refund, which is accepted and not yet done', async () => {
      fake.answers('04', accepted);
      expect(await gateway.refund(refund)).toEqual({ kind: 'pending' });
      expect(fake.received).toEqual([
        {
          path: '/gateway/api/backTransReq.do',
          fields: {
            version: '5.1.0',
            encoding: 'UTF-8',
            signMethod: '01',
            bizType: '000201',
            accessType: '0',
            txnType: '04',
            txnSubType: '00',
            channelType: '07',
            merId: MER_ID,
            orderId: REFUND_NO,
            txnTime: '20260105123000',
            txnAmt: '1000',
            currencyCode: '156',
            origQryId: QUERY_ID,
            backUrl: refund.notifyUrl,
            certId: String(0x1002653215),
            signature: expect.any(String) as unknown,
          },
        },
      ]);
    });

    it.each(['00', '03', '04', '05', 'A6'])('is pending after %s', async (respCode) => {
      fake.answers('04', { respCode });
      expect(await gateway.refund(refund)).toEqual({ kind: 'pending' });
    });

    it.each(['01', '02', '06', '09', '99', ''])('is unknown after %j, and nothing is sent again', async (respCode) => {
      fake.answers('04', { respCode });
      expect((await gateway.refund(refund)).kind).toBe('unknown');
      expect(fake.calls).toEqual(['04']);
    });

    it.each(['11', '31', '32', '37'])('waits for a person after %s', async (respCode) => {
      fake.answers('04', { respCode });
      expect((await gateway.refund(refund)).kind).toBe('not_now');
    });

    it('is declined once the query agrees with the refusal', async () => {
      fake.answers('04', refused).answers(ASK_REFUND, absent).answers(ASK_CANCEL, absent);
      expect(await gateway.refund(refund)).toEqual({ kind: 'declined', reason: '36: 与原交易信息不符[2050001]' });
    });

    it.each([
      ['00', 'succeeded'],
      ['05', 'pending'],
      ['60', 'declined'],
    ])('refused, but found with %s, is %s', async (origRespCode, kind) => {
      fake.answers('04', refused).answers(ASK_REFUND, result(origRespCode)).answers(ASK_CANCEL, absent);
      expect((await gateway.refund(refund)).kind).toBe(kind);
    });

    it('sent twice, is asked about', async () => {
      fake.answers('04', duplicate).answers(ASK_REFUND, result('00'));
      expect(await gateway.refund(refund)).toMatchObject({ kind: 'succeeded', settled: money(1_000) });
      fake.answers(ASK_REFUND, absent).answers(ASK_CANCEL, absent);
      expect((await gateway.refund(refund)).kind).toBe('unknown');
    });

    it('keeps its name however late it is sent again', async () => {
      clock.moveTo('2026-02-01T00:00:00Z');
      fake.answers('04', accepted);
      await gateway.refund(refund);
      expect(fake.received[0]?.fields).toMatchObject({ orderId: REFUND_NO, txnTime: '20260105123000' });
    });

    it('is a defect without the number of the payment', async () => {
      const withoutRef = Object.fromEntries(Object.entries(refund).filter(([name]) => name !== 'gatewayRef'));
      await expect(gateway.refund(withoutRef as unknown as RefundRequest)).rejects.toThrow('is missing');
      expect(fake.calls).toEqual([]);
    });

    it('believes no answer that is about something else', async () => {
      for (const changes of [{ orderId: CANCEL_NO }, { txnTime: '20260105123001' }, { merId: '700000000000001' }, { orderId: undefined }]) {
        fake.answers('04', { ...accepted, ...changes });
        expect((await gateway.refund(refund)).kind).toBe('unknown');
      }
    });
  });

  describe('whole, on the day of the payment', () => {
    it('is a cancel under a number of its own', async () => {
      fake.answers('31', accepted);
      expect(await gateway.refund(wholeRefund)).toEqual({ kind: 'pending' });
      expect(fake.calls).toEqual(['31']);
      expect(fake.received[0]).toMatchObject({
        path: '/gateway/api/backTransReq.do',
        fields: { orderId: CANCEL_NO, txnTime: '20260105123000', txnAmt: '8888', origQryId: QUERY_ID, txnSubType: '00' },
      });
    });

    it.each<[string, Changes, Changes]>([
      ['refused', refused, absent],
      ['refused, and found failed', refused, result('36', '31', '8888')],
      ['sent before, and found failed', duplicate, result('36', '31', '8888')],
    ])('is refunded at once where the cancel is %s', async (_, answer, asked) => {
      fake.answers('31', answer).answers(ASK_CANCEL, asked).answers('04', accepted);
      expect(await gateway.refund(wholeRefund)).toEqual({ kind: 'pending' });
      expect(fake.calls).toEqual(['31', ASK_CANCEL, '04']);
    });

    it.each<[string, Changes, Changes, string]>([
      ['refused, but has succeeded', refused, result('00', '31', '8888'), 'succeeded'],
      ['sent before, and under way', duplicate, result('05', '31', '8888'), 'pending'],
      ['sent before, and succeeded', duplicate, result('00', '31', '8888'), 'succeeded'],
      ['sent before, and not known', duplicate, absent, 'unknown'],
      ['refused, and the question is not answered', refused, { respCode: '02' }, 'unknown'],
      ['unclear', { respCode: '01' }, absent, 'unknown'],
      ['not executed, for a setting', { respCode: '11' }, absent, 'not_now'],
    ])('is not refunded beside a cancel that is %s', async (_, answer, asked, kind) => {
      fake.answers('31', answer).answers(ASK_CANCEL, asked).answers('04', accepted);
      expect((await gateway.refund(wholeRefund)).kind).toBe(kind);
      expect(fake.calls).not.toContain('04');
    });

    it('is not refunded beside a cancel whose answer was lost', async () => {
      fake.does('31', (response) => response.socket?.resetAndDestroy()).answers('04', accepted);
      expect((await gateway.refund(wholeRefund)).kind).toBe('unknown');
      expect(fake.calls).toEqual(['31']);
    });

    it('asks what became of the cancel before it refunds on a later day', async () => {
      clock.moveTo('2026-01-06T02:00:00Z');
      fake.answers(ASK_CANCEL, result('05', '31', '8888')).answers('04', accepted);
      expect(await gateway.refund(wholeRefund)).toEqual({ kind: 'pending' });
      expect(fake.calls).toEqual([ASK_CANCEL]);

      fake.answers(ASK_CANCEL, absent);
      expect(await gateway.refund(wholeRefund)).toEqual({ kind: 'pending' });
      expect(fake.calls.slice(1)).toEqual([ASK_CANCEL, '04']);
    });
  });

  it('whole, on a later day, is a refund', async () => {
    const sentAt = new Date('2026-01-06T02:00:00Z');
    clock.moveTo(sentAt);
    fake.answers('04', accepted);
    await gateway.refund({ ...wholeRefund, sentAt });
    expect(fake.calls).toEqual(['04']);
  });

  it.each<[string, string, boolean]>([
    ['at once', '2026-01-05T10:12:31+08:00', true],
    ['half an hour and a second before the day ends', '2026-01-05T22:29:59+08:00', true],
    ['less than half an hour before the day ends', '2026-01-05T22:30:00+08:00', false],
    ['on the next settlement day, which is the same of the calendar', '2026-01-05T23:00:00+08:00', false],
    ['on the next day', '2026-01-06T10:12:31+08:00', false],
    ['before it was paid, on the day before', '2026-01-04T22:00:00+08:00', false],
  ])('a payment of the morning can be cancelled %s: %s, %s', (_, instant, can) => {
    expect(cancellableAt(refund.paidAt, new Date(instant))).toBe(can);
  });

  it('a payment of late in the evening belongs to the next day', () => {
    const paidAt = new Date('2026-01-05T23:00:00+08:00');
    expect(cancellableAt(paidAt, new Date('2026-01-06T22:29:00+08:00'))).toBe(true);
    expect(cancellableAt(new Date(paidAt.getTime() - 1), new Date('2026-01-05T23:00:00+08:00'))).toBe(false);
  });

  describe('asked about', () => {
    const ask = (request: RefundRequest = refund) => gateway.queryRefund(request);

    it('succeeds with what went back, and its own number and time', async () => {
      fake.answers(ASK_REFUND, result('00'));
      const at = new Date('2026-01-05T04:31:00Z');
      expect(await ask()).toEqual({ kind: 'succeeded', gatewayRef: REFUND_QUERY_ID, settled: money(1_000), at });
      expect(fake.received[0]?.fields).toMatchObject({ txnType: '00', orderId: REFUND_NO, txnTime: '20260105123000' });
      expect(fake.calls).toEqual([ASK_REFUND]);
    });

    it.each<[string, Changes, Changes, string]>([
      ['under way', result('05'), absent, 'pending'],
      ['failed', result('60'), absent, 'declined'],
      ['failed, after a cancel that failed', result('60'), result('36', '31'), 'declined'],
      ['failed, but the cancel has succeeded', result('60'), result('00', '31'), 'succeeded'],
      ['not known, and cancelled', absent, result('00', '31'), 'succeeded'],
      ['not known, and being cancelled', absent, result('03', '31'), 'pending'],
      ['not known, and its cancel failed', absent, result('36', '31'), 'never_happened'],
      ['not known at all', absent, absent, 'never_happened'],
      ['not known, and its cancel neither here nor there', absent, { respCode: '02' }, 'unknown'],
      ['neither here nor there', { respCode: '02' }, absent, 'unknown'],
      ['asked about too often', { respCode: '37' }, absent, 'not_now'],
      ['answered as a payment', result('00', '01'), absent, 'unknown'],
    ])('when it is %s', async (_, ofRefund, ofCancel, kind) => {
      fake.answers(ASK_REFUND, ofRefund).answers(ASK_CANCEL, ofCancel);
      expect((await ask()).kind).toBe(kind);
    });

    it('declines with what UnionPay said', async () => {
      fake.answers(ASK_REFUND, result('60')).answers(ASK_CANCEL, absent);
      expect(await ask()).toEqual({ kind: 'declined', reason: '60: 说明' });
    });
  });
});
