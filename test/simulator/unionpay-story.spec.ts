import { useInbox, useSimulator } from './support.js';
import { UnionPayMerchant } from './unionpay-merchant.js';

const MINUTE_MS = 60_000;

describe("A merchant's story with UnionPay", () => {
  const world = useSimulator();
  const inbox = useInbox();
  const merchant = new UnionPayMerchant(world);
  const noon = new Date('2026-03-01T04:00:00.000Z'); // In Beijing.

  beforeEach(() => {
    world.now = noon;
  });

  async function refundState(orderId: string): Promise<unknown> {
    return (await world.log()).refunds.find(({ outRequestNo }) => outRequestNo === orderId)?.state;
  }

  async function untilEnded(orderId = ''): Promise<void> {
    while ((await refundState(orderId)) === 'processing');
  }

  it('takes a payment: the form makes the trade, the card pays it, the notice and the query say so', async () => {
    const form = merchant.consumeFields({ backUrl: inbox.url, reqReserved: '透传-1', frontUrl: 'http://shop.example/return?a=1&b=2' });
    const { orderId = '', txnTime = '' } = form;
    expect((await merchant.query(form)).fields).toMatchObject({ respCode: '34' });

    const opened = await merchant.submit(form);
    expect([opened.status, opened.headers.get('location')]).toEqual([302, `${world.simulator.url}/pay/${orderId}`]);
    const page = await (await fetch(`${world.simulator.url}/pay/${orderId}`)).text();
    expect(page).toContain('茶叶');
    expect(page).toContain('88.88');
    // Nobody has tried to pay yet, so there is no transaction to be found.
    expect((await merchant.query(form)).fields).toMatchObject({ respCode: '34' });
    expect((await merchant.query(form)).fields).not.toHaveProperty('origRespCode');

    const paid = await world.control('POST', `/control/trades/${orderId}/pay`);
    expect(paid.json).toMatchObject({
      trade: { outTradeNo: orderId, status: '00', totalAmount: 8888, paidAmount: 8888, subject: '茶叶' },
      notices: [{ state: 'delivered', status: 200, tradeStatus: '00' }],
    });
    const answer = await merchant.query(form);
    expect(answer).toMatchObject({ httpStatus: 200, trusted: 'valid' });
    const transaction = {
      merId: merchant.account.merId,
      orderId,
      txnTime,
      txnType: '01',
      txnSubType: '01',
      txnAmt: '8888',
      currencyCode: '156',
      queryId: expect.stringMatching(/^\d{21}$/) as unknown,
      settleAmt: '8888',
      settleCurrencyCode: '156',
      settleDate: '0301',
      traceNo: expect.stringMatching(/^\d{6}$/) as unknown,
      traceTime: '0301120000',
      accNo: expect.stringMatching(/^\d{6}\*+\d{4}$/) as unknown,
      reqReserved: '透传-1',
      version: '5.1.0',
      signMethod: '01',
      encoding: 'UTF-8',
    };
    expect(answer.fields).toMatchObject({ ...transaction, respCode: '00', respMsg: '成功[0000000]', origRespCode: '00' });
    const [notice = {}] = inbox.received;
    expect(notice).toMatchObject({ ...transaction, respCode: '00', respMsg: 'success', queryId: answer.fields.queryId });
    expect(merchant.trusts(notice)).toBe('valid');
    expect(inbox.contentTypes.at(-1)).toContain('application/x-www-form-urlencoded');
  });

  it('answers in text that is not URL-encoded, with real line ends in the certificate', async () => {
    const { text } = await merchant.query(await merchant.paidOrder({ reqReserved: '测试' }));
    expect(text).toContain('&reqReserved=测试&');
    expect(text).toMatch(
      /&signPubKeyCert=-----BEGIN CERTIFICATE-----\r\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----&signature=[A-Za-z0-9+/=]+$/,
    );
    expect(text).not.toContain('%');
  });

  it('is queried by its own number as well', async () => {
    const { orderId, queryId } = await merchant.paidOrder();
    const changes = { orderId: undefined, txnTime: undefined, txnSubType: '02', queryId };
    expect((await merchant.query({}, changes)).fields).toMatchObject({ respCode: '00', origRespCode: '00', orderId, queryId });
    expect((await merchant.query({}, { ...changes, queryId: '2'.repeat(21) })).fields).toMatchObject({ respCode: '34' });
  });

  it('lets a payer whose card was declined take another one, and tells the merchant nothing but when asked', async () => {
    const form = await merchant.openOrder({ backUrl: inbox.url });
    await world.control('POST', `/control/trades/${form.orderId}/refuse`);
    const declined = (await merchant.query(form)).fields;
    expect(declined).toMatchObject({ respCode: '00', origRespCode: '60', txnAmt: '8888' });
    expect(declined).not.toHaveProperty('settleDate');
    expect(inbox.received).toEqual([]);
    await world.control('POST', `/control/trades/${form.orderId}/pay`);
    expect((await merchant.query(form)).fields).toMatchObject({ origRespCode: '00' });
    expect(inbox.received).toHaveLength(1);
  });

  it('ends with payTimeout, and money that comes late all the same is told of', async () => {
    const form = await merchant.openOrder({ backUrl: inbox.url, payTimeout: merchant.time(10 * MINUTE_MS) });
    world.pass(10 * MINUTE_MS);
    expect((await world.control('POST', `/control/trades/${form.orderId}/pay`)).httpStatus).toBe(409);
    expect((await merchant.query(form)).fields).toMatchObject({ respCode: '34' });
    expect((await world.log(form.orderId)).trades).toMatchObject([{ state: 'closed' }]);

    expect((await world.control('POST', `/control/trades/${form.orderId}/pay`, { late: true })).httpStatus).toBe(200);
    expect((await merchant.query(form)).fields).toMatchObject({ origRespCode: '00' });
    expect(inbox.received).toMatchObject([{ orderId: form.orderId, respCode: '00' }]);
  });

  it('gives an order that names no end a quarter of an hour', async () => {
    const { orderId } = await merchant.openOrder({ payTimeout: undefined });
    expect((await world.log(orderId)).trades).toMatchObject([{ expiresAt: '2026-03-01T04:15:00.000Z' }]);
  });

  it('takes the form from a payer who is played by the control API, and from a phone', async () => {
    const fields = merchant.consumeFields({ channelType: '08' });
    const form = { url: `${merchant.account.gatewayUrl}/gateway/api/frontTransReq.do`, fields };
    const paid = await world.control('POST', `/control/trades/${fields.orderId}/pay`, { form });
    expect(paid.json.trade).toMatchObject({ status: '00', product: 'wap' });
    const stranger = merchant.consumeFields();
    expect((await world.control('POST', `/control/trades/${fields.orderId}/pay`, { form: { ...form, fields: stranger } })).httpStatus).toBe(
      400,
    );
    const wrong = { ...form, fields: { ...stranger, txnAmt: '1' } };
    expect((await world.control('POST', `/control/trades/${stranger.orderId}/pay`, { form: wrong })).httpStatus).toBe(409);
  });

  it('leads the payer back by a form that the gateway signed', async () => {
    const { orderId } = await merchant.paidOrder({ frontUrl: 'http://shop.example/return?a=1&b=2' });
    const page = await (await fetch(`${world.simulator.url}/pay/${orderId}`)).text();
    expect(page).toMatch(/action="http:\/\/shop\.example\/return\?a=1&#38;b=2"/);
    const fields = Object.fromEntries(
      [...page.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, unescaped(value)]),
    );
    expect(fields).toMatchObject({ orderId, respCode: '00' });
    expect(merchant.trusts(fields)).toBe('valid');
  });

  it('says the amount that the payer paid, where a test had another one paid', async () => {
    const paid = await merchant.paidOrder({ backUrl: inbox.url }, { amount: 8887 });
    expect((await merchant.query(paid)).fields).toMatchObject({ txnAmt: '8887', settleAmt: '8887' });
    expect(inbox.received).toMatchObject([{ txnAmt: '8887' }]);
  });

  describe('gives money back', () => {
    it('in parts, by accepting first; the end is announced to the address of that refund', async () => {
      const { queryId } = await merchant.paidOrder();
      await world.control('POST', '/control/refunds', { hold: true });
      const first = { orderId: merchant.number(), txnTime: merchant.time(), txnAmt: '1000', backUrl: inbox.url, reqReserved: 'r1' };
      const accepted = await merchant.refund(queryId, first);
      expect(accepted).toMatchObject({ httpStatus: 200, trusted: 'valid' });
      expect(accepted.fields).toMatchObject({
        respCode: '00',
        txnType: '04',
        txnSubType: '00',
        orderId: first.orderId,
        txnTime: first.txnTime,
        txnAmt: '1000',
        origQryId: queryId,
        queryId: expect.stringMatching(/^\d{21}$/) as unknown,
      });
      const underWay = (await merchant.query(first)).fields;
      expect(underWay).toMatchObject({ respCode: '00', origRespCode: '05', txnType: '04', txnAmt: '1000' });
      expect(underWay).not.toHaveProperty('settleDate');
      expect(inbox.received).toEqual([]);

      await settle(first.orderId);
      expect((await merchant.query(first)).fields).toMatchObject({
        origRespCode: '00',
        queryId: accepted.fields.queryId,
        origQryId: queryId,
        settleAmt: '1000',
        settleDate: '0301',
        reqReserved: 'r1',
      });
      expect(inbox.received).toMatchObject([{ txnType: '04', respCode: '00', orderId: first.orderId, origQryId: queryId, txnAmt: '1000' }]);
      expect(merchant.trusts(inbox.received[0] ?? {})).toBe('valid');
    });

    it('up to the whole, where what is under way counts', async () => {
      const { orderId, queryId } = await merchant.paidOrder();
      await world.control('POST', '/control/refunds', { hold: true });
      const part = { orderId: merchant.number(), txnAmt: '8000' };
      expect((await merchant.refund(queryId, part)).fields).toMatchObject({ respCode: '00' });
      expect((await merchant.refund(queryId, { txnAmt: '889' })).fields).toMatchObject({ respCode: '36' });
      await settle(part.orderId);
      expect((await merchant.refund(queryId, { txnAmt: '889' })).fields).toMatchObject({ respCode: '36' });
      const rest = { orderId: merchant.number(), txnAmt: '888' };
      expect((await merchant.refund(queryId, rest)).fields).toMatchObject({ respCode: '00' });
      await settle(rest.orderId);
      expect((await world.log(orderId)).trades).toMatchObject([{ state: 'refunded', refundedAmount: 8888, status: '00' }]);
      expect((await merchant.refund(queryId, { txnAmt: '1' })).fields).toMatchObject({ respCode: '36' });
    });

    it('by itself, soon after the answer', async () => {
      const { queryId } = await merchant.paidOrder();
      const { fields } = await merchant.refund(queryId, { backUrl: inbox.url });
      expect(fields).toMatchObject({ respCode: '00' });
      await inbox.count(1);
      expect(inbox.received).toMatchObject([{ orderId: fields.orderId, respCode: '00' }]);
    });

    it('or fails to, and says that too; then there is as much left as before', async () => {
      const { orderId, queryId } = await merchant.paidOrder();
      await world.control('POST', '/control/refunds', { outcome: 'failed' });
      const refund = { orderId: merchant.number(), txnTime: merchant.time(), backUrl: inbox.url };
      expect((await merchant.refund(queryId, refund)).fields).toMatchObject({ respCode: '00' });
      await inbox.count(1);
      expect(inbox.received).toMatchObject([{ orderId: refund.orderId, respCode: '60', txnAmt: '8888' }]);
      expect(merchant.trusts(inbox.received[0] ?? {})).toBe('valid');
      expect((await merchant.query(refund)).fields).toMatchObject({ respCode: '00', origRespCode: '60' });
      expect((await world.log(orderId)).trades).toMatchObject([{ state: 'paid', refundedAmount: 0, refundingAmount: 0 }]);
      await world.control('POST', '/control/refunds', {});
      const again = { orderId: merchant.number() };
      expect((await merchant.refund(queryId, again)).fields).toMatchObject({ respCode: '00' });
      await untilEnded(again.orderId);
      expect(await refundState(again.orderId)).toBe('succeeded');
    });

    it('for eleven months', async () => {
      const { queryId } = await merchant.paidOrder();
      world.now = new Date('2027-02-01T04:00:00.000Z');
      expect((await merchant.refund(queryId, { txnAmt: '1' })).fields).toMatchObject({ respCode: '00' });
      world.now = new Date('2027-02-01T04:00:01.000Z');
      expect((await merchant.refund(queryId, { txnAmt: '1' })).fields).toMatchObject({ respCode: '39' });
    });

    it('in its own portal, which the merchant hears nothing of', async () => {
      const { orderId, queryId } = await merchant.paidOrder({ backUrl: inbox.url });
      const answer = await world.control('POST', `/control/trades/${orderId}/refunds`, { amount: 8000 });
      expect(answer.httpStatus).toBe(200);
      const [portal] = (await world.log(orderId)).refunds;
      await untilEnded(String(portal?.outRequestNo));
      expect((await merchant.refund(queryId, { txnAmt: '889' })).fields).toMatchObject({ respCode: '36' });
      expect(inbox.received).toHaveLength(1);
    });
  });

  describe('cancels', () => {
    it('the whole payment within its settlement day', async () => {
      const { orderId, queryId } = await merchant.paidOrder();
      const cancel = { orderId: merchant.number(), txnTime: merchant.time(), backUrl: inbox.url };
      const accepted = await merchant.cancel(queryId, cancel);
      expect(accepted).toMatchObject({ trusted: 'valid', fields: { respCode: '00', txnType: '31', origQryId: queryId } });
      await inbox.count(1);
      expect(inbox.received).toMatchObject([{ txnType: '31', respCode: '00', orderId: cancel.orderId, txnAmt: '8888' }]);
      expect((await merchant.query(cancel)).fields).toMatchObject({ origRespCode: '00', txnType: '31' });
      expect((await world.log(orderId)).trades).toMatchObject([{ state: 'refunded' }]);
      expect((await merchant.cancel(queryId)).fields).toMatchObject({ respCode: '35' });
    });

    it('not a part of it, and not after a refund, unless that failed', async () => {
      const { queryId } = await merchant.paidOrder();
      expect((await merchant.cancel(queryId, { txnAmt: '8887' })).fields).toMatchObject({ respCode: '36' });
      await world.control('POST', '/control/refunds', { hold: true });
      const refund = { orderId: merchant.number(), txnAmt: '1' };
      await merchant.refund(queryId, refund);
      expect((await merchant.cancel(queryId)).fields).toMatchObject({ respCode: '35' });
      await settle(refund.orderId, 'failed');
      expect((await merchant.cancel(queryId)).fields).toMatchObject({ respCode: '00' });
    });

    it.each([
      ['22:59:59', '2026-03-01T14:59:59.000Z', '00'],
      ['23:00:00', '2026-03-01T15:00:00.000Z', '39'],
      ['noon of the next day', '2026-03-02T04:00:00.000Z', '39'],
    ])('until 23:00 in Beijing: at %s', async (_when, now, respCode) => {
      const { queryId } = await merchant.paidOrder();
      world.now = new Date(now);
      expect((await merchant.cancel(queryId)).fields).toMatchObject({ respCode });
    });

    it('a payment of late in the evening until 23:00 of the next day, which is its settlement day', async () => {
      world.now = new Date('2026-03-01T15:30:00.000Z');
      const paid = await merchant.paidOrder();
      expect((await merchant.query(paid)).fields).toMatchObject({ settleDate: '0302', traceTime: '0301233000' });
      world.now = new Date('2026-03-02T14:59:59.000Z');
      expect((await merchant.cancel(paid.queryId)).fields).toMatchObject({ respCode: '00' });
    });
  });

  async function settle(outRequestNo: string, outcome = 'succeeded'): Promise<void> {
    const answer = await world.control('POST', '/control/refunds/settle', { outRequestNo, outcome });
    if (answer.httpStatus !== 200) throw new Error(answer.json.message);
  }
});

function unescaped(text: string): string {
  return text.replace(/&#(\d+);/g, (_whole, code: string) => String.fromCharCode(Number(code)));
}
