import { useInbox, useSimulator, type Json } from './support.js';
import { UnionPayMerchant, type Fields } from './unionpay-merchant.js';

const MINUTE_MS = 60_000;

describe("UnionPay's notices", () => {
  const world = useSimulator();
  const inbox = useInbox();
  const merchant = new UnionPayMerchant(world);

  it.each([
    [200, 'delivered'],
    [302, 'delivered'],
    [201, 'pending'],
    [500, 'pending'],
  ])('count as taken by the status alone: %s', async (status, state) => {
    inbox.answer = { status, body: 'whatever' };
    await world.control('POST', '/control/notices', { mode: 'hold' });
    await merchant.paidOrder({ backUrl: inbox.url });
    const released = await world.control('POST', '/control/notices/release', {});
    expect(released.json.notices).toMatchObject([{ state, status }]);
  });

  it('are sent five times in all, after 0, 1, 2 and 4 minutes, each the same byte for byte', async () => {
    inbox.answer = { status: 503, body: '' };
    const { orderId } = await merchant.paidOrder({ backUrl: inbox.url });
    const notice = async (): Promise<Json & { attempts: Json[] }> => (await world.log(orderId)).notices[0] as Json & { attempts: Json[] };
    // The second try follows by itself.
    while ((await notice()).attempts.length < 2);
    for (const minutes of [1, 2, 4]) {
      expect(Date.parse(String((await notice()).nextAttemptAt)) - world.now.getTime()).toBe(minutes * MINUTE_MS);
      world.pass(minutes * MINUTE_MS);
      await world.control('POST', '/control/notices/retry');
    }
    expect(await notice()).toMatchObject({ state: 'given_up', nextAttemptAt: null });
    // A try of an earlier test's notice may still arrive.
    const received = inbox.received.filter((each) => each.orderId === orderId);
    expect(received).toHaveLength(5);
    expect(new Set(received.map((each) => JSON.stringify(each))).size).toBe(1);
  });

  it.each<[string, Json, string]>([
    ['other_key', {}, 'signature'],
    ['no_signature', {}, 'missing'],
    ['empty_signature', {}, 'missing'],
    ['sign_type', {}, 'missing'],
    ['sign_type_rsa', {}, 'downgraded'],
    ['other_cert', {}, 'chain'],
    ['wrong_cn', {}, 'cn'],
    ['expired_cert', {}, 'expired'],
    ['another amount after signing', { tamper: { txnAmt: '1' } }, 'signature'],
    ['a field less after signing', { tamper: { currencyCode: null } }, 'signature'],
    ['another amount before signing', { fields: { txnAmt: '1' } }, 'valid'],
    ['nothing', {}, 'valid'],
  ])('are forged, %s, as a careful merchant finds out', async (forge, changes, verdict) => {
    const { orderId } = await merchant.paidOrder({}, { notify: false });
    const known = forge.includes(' ') || forge === 'nothing' ? {} : { forge };
    const sent = await world.control('POST', `/control/trades/${orderId}/notify`, { ...known, ...changes, to: inbox.url });
    expect(sent.json.notices).toMatchObject([{ state: 'once', status: 200 }]);
    const [notice = {}] = inbox.received;
    expect(merchant.trusts(notice)).toBe(verdict);
    expect(notice).toMatchObject({ orderId, respCode: '00', ...(changes.fields as Json | undefined) });
  });

  it('that are forged with a stranger’s certificate are signed well otherwise: only the chain gives them away', async () => {
    const { orderId } = await merchant.paidOrder({}, { notify: false });
    await world.control('POST', `/control/trades/${orderId}/notify`, { forge: 'other_cert', to: inbox.url });
    const [notice = {}] = inbox.received;
    expect(merchant.trusts(notice)).toBe('chain');
    expect(merchant.believesBlindly(notice)).toBe(true);
  });

  it('know nothing of forgeries that are others’', async () => {
    const { orderId } = await merchant.paidOrder({}, { notify: false });
    const sent = await world.control('POST', `/control/trades/${orderId}/notify`, { forge: 'signtest', to: inbox.url });
    expect(sent.httpStatus).toBe(400);
  });

  it('tell of a payment that nobody made, or of one that failed, only when a test has them do so', async () => {
    const { orderId } = await merchant.openOrder({ backUrl: inbox.url });
    await world.control('POST', `/control/trades/${orderId}/refuse`);
    expect(inbox.received).toEqual([]);
    await world.control('POST', `/control/trades/${orderId}/notify`, { tradeStatus: '00' });
    await world.control('POST', `/control/trades/${orderId}/notify`, { tradeStatus: 'A6' });
    await world.control('POST', `/control/trades/${orderId}/notify`, {});
    expect(inbox.received).toMatchObject([{ respCode: '00', settleAmt: '8888' }, { respCode: 'A6' }, { respCode: '60' }]);
    expect(inbox.received.map((notice) => merchant.trusts(notice))).toEqual(['valid', 'valid', 'valid']);
    expect((await world.log(orderId)).trades).toMatchObject([{ state: 'unpaid' }]);
  });

  it('of a refund can be made up as well', async () => {
    const { orderId, queryId } = await merchant.paidOrder();
    await world.control('POST', '/control/refunds', { hold: true });
    const refund = { orderId: merchant.number(), txnAmt: '100', backUrl: inbox.url };
    await merchant.refund(queryId, refund);
    const sent = await world.control('POST', `/control/trades/${orderId}/notify`, { refund: refund.orderId, tradeStatus: '00' });
    expect(sent.json.notices).toMatchObject([{ status: 200, tradeStatus: '00' }]);
    const said: Fields = { txnType: '04', orderId: refund.orderId, respCode: '00', txnAmt: '100', origQryId: queryId };
    expect(inbox.received).toMatchObject([said]);
    expect(merchant.trusts(inbox.received[0] ?? {})).toBe('valid');
  });
});
