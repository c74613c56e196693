import { createPublicKey, createVerify } from 'node:crypto';
import { textOf, useInbox, useSimulator, type Json } from './support.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('Notices to the merchant', () => {
  const world = useSimulator();
  const inbox = useInbox();
  const order = (): Promise<string> => world.openOrder({}, { notifyUrl: inbox.url });
  const act = async (outTradeNo: string, action: string, body: Json = {}): Promise<Json[]> =>
    (await world.control('POST', `/control/trades/${outTradeNo}/${action}`, body)).json.notices;
  const verifies = (notice: Record<string, string> | undefined): boolean => world.sdk.checkNotifySignV2(notice);

  it('are signed over everything but sign and sign_type', async () => {
    await act(await order(), 'pay');
    const [notice = {}] = inbox.received;
    const verifier = createVerify('RSA-SHA256').update(textOf(notice, ['sign', 'sign_type']));
    expect(verifier.verify(createPublicKey(world.simulator.alipay.alipayPublicKey), notice.sign ?? '', 'base64')).toBe(true);
    expect(Object.values(notice)).not.toContain('');
  });

  it('come again after 4m, 10m, 10m, 1h, 2h, 6h and 15h, under one id, until the answer is success', async () => {
    inbox.answer = { status: 200, body: 'fail' };
    const outTradeNo = await order();
    expect(await act(outTradeNo, 'pay')).toMatchObject([{ state: 'pending', status: 200, body: 'fail' }]);
    for (const pause of [4 * MINUTE, 10 * MINUTE, 10 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, 15 * HOUR]) {
      const [{ nextAttemptAt } = {}] = (await world.log(outTradeNo)).notices;
      expect(nextAttemptAt).toBe(new Date(world.now.getTime() + pause).toISOString());
      world.pass(pause);
      await world.control('POST', '/control/notices/retry');
    }
    expect((await world.log(outTradeNo)).notices).toMatchObject([{ state: 'given_up', nextAttemptAt: null }]);
    expect(inbox.received).toHaveLength(8);
    expect(new Set(inbox.received.map(({ notify_id }) => notify_id)).size).toBe(1);
    expect(new Set(inbox.received.map(({ notify_time }) => notify_time)).size).toBe(8);
    expect(inbox.received.every(verifies)).toBe(true);
    expect((await world.control('POST', '/control/notices/retry')).json.notices).toEqual([]);
  });

  it.each([
    [200, 'success', 'delivered'],
    [200, 'SUCCESS', 'pending'],
    [200, 'success\n', 'pending'],
    [200, '"success"', 'pending'],
    [200, '', 'pending'],
    [201, 'success', 'pending'],
    [302, 'success', 'pending'],
    [500, 'success', 'pending'],
  ])('answered with %s %j are %s', async (status, body, state) => {
    inbox.answer = { status, body };
    expect(await act(await order(), 'pay')).toMatchObject([{ state, status, body }]);
  });

  it('that meet nobody are tried again', async () => {
    const outTradeNo = await world.openOrder({}, { notifyUrl: 'http://127.0.0.1:9/notify' });
    expect(await act(outTradeNo, 'pay')).toMatchObject([
      { state: 'pending', status: null, body: null, error: expect.any(String) as unknown },
    ]);
  });

  it('are not sent to a merchant who left no address, or when a test says so', async () => {
    expect(await act(await world.openOrder(), 'pay')).toEqual([]);
    expect(await act(await order(), 'pay', { notify: false })).toEqual([]);
    expect(inbox.received).toEqual([]);
  });

  it('announce a payment twice, as two messages', async () => {
    expect(await act(await order(), 'pay', { times: 3, concurrent: true })).toMatchObject(Array(3).fill({ state: 'delivered' }));
    expect(new Set(inbox.received.map(({ notify_id }) => notify_id)).size).toBe(3);
  });

  it('can be lost, held, and let go in either order', async () => {
    await world.control('POST', '/control/notices', { mode: 'drop' });
    expect(await act(await order(), 'pay')).toMatchObject([{ state: 'dropped', status: null }]);
    await world.control('POST', '/control/notices', { mode: 'hold' });
    const numbers = [await order(), await order(), await order()];
    for (const number of numbers) expect(await act(number, 'pay')).toMatchObject([{ state: 'held' }]);
    expect(inbox.received).toEqual([]);
    const released = await world.control('POST', '/control/notices/release', { order: 'reversed' });
    expect(released.json.notices).toMatchObject([{ state: 'delivered' }, { state: 'delivered' }, { state: 'delivered' }]);
    expect(inbox.received.map(({ out_trade_no }) => out_trade_no)).toEqual([...numbers].reverse());
    expect((await world.control('POST', '/control/notices/release')).json.notices).toEqual([]);
  });

  it('can be late, and a retry by hand does not make them come twice', async () => {
    await world.control('POST', '/control/notices', { delayMs: 600_000 });
    const outTradeNo = await order();
    const paying = act(outTradeNo, 'pay');
    while ((await world.log(outTradeNo)).notices.length === 0);
    expect(inbox.received).toEqual([]);
    await world.control('POST', '/control/notices/retry');
    expect(await paying).toMatchObject([{ state: 'delivered' }]);
    expect(inbox.received).toHaveLength(1);
    await world.control('POST', '/control/notices', { delayMs: 20 });
    expect(await act(await order(), 'pay')).toMatchObject([{ state: 'delivered' }]);
  });

  it('are forgotten by a reset while they are under way', async () => {
    let answer: () => void = () => {};
    inbox.answer = { status: 500, body: '', hold: new Promise<void>((release) => (answer = release)) };
    const paying = act(await order(), 'pay');
    await inbox.count(1);
    await world.control('POST', '/control/reset');
    answer();
    await paying;
    expect(await world.log()).toMatchObject({ trades: [], notices: [], refunds: [], requests: [], unopened: [] });
  });

  it('tell of refunds only where that was asked for', async () => {
    const outTradeNo = await order();
    await act(outTradeNo, 'pay');
    const refund = (amount: string, number: string): Promise<Json> =>
      world.exec('alipay.trade.refund', { out_trade_no: outTradeNo, refund_amount: amount, out_request_no: number });
    await refund('0.88', 'R1');
    await world.control('POST', '/control/notices', { refunds: true });
    await refund('8.00', 'R2');
    await inbox.count(2);
    await refund('80.00', 'R3');
    await inbox.count(3);
    expect(inbox.received).toMatchObject([
      { trade_status: 'TRADE_SUCCESS' },
      { trade_status: 'TRADE_SUCCESS', refund_fee: '8.88', out_biz_no: 'R2', gmt_refund: '2026-03-02 12:24:00.000' },
      { trade_status: 'TRADE_CLOSED', refund_fee: '88.88', out_biz_no: 'R3' },
    ]);
  });

  it('are sent by hand: one message many times at once, or many messages', async () => {
    const outTradeNo = await order();
    await act(outTradeNo, 'pay', { notify: false });
    expect(await act(outTradeNo, 'notify', { times: 15, concurrent: true })).toHaveLength(15);
    expect(new Set(inbox.received.map(({ notify_id, sign }) => `${notify_id} ${sign}`)).size).toBe(1);
    await act(outTradeNo, 'notify', { times: 2, newIds: true });
    expect(new Set(inbox.received.map(({ notify_id }) => notify_id)).size).toBe(3);
    expect(inbox.received.every(verifies)).toBe(true);
    expect((await world.log(outTradeNo)).notices.map(({ attempts }) => (attempts as unknown[]).length)).toEqual([15, 1, 1]);
  });

  it('say what is wrong under a right signature, where a test wants that', async () => {
    const outTradeNo = await order();
    const fields = { total_amount: '0.01', app_id: '2021', seller_id: '2088', out_trade_no: 'OTHER', gmt_create: null };
    await act(outTradeNo, 'notify', { tradeStatus: 'TRADE_SUCCESS', fields });
    const [notice = {}] = inbox.received;
    expect(notice).toMatchObject({
      total_amount: '0.01',
      app_id: '2021',
      seller_id: '2088',
      out_trade_no: 'OTHER',
      trade_status: 'TRADE_SUCCESS',
    });
    expect(notice).not.toHaveProperty('gmt_create');
    expect(verifies(notice)).toBe(true);
    expect((await world.log(outTradeNo)).trades).toMatchObject([{ status: 'WAIT_BUYER_PAY' }]);
  });

  it.each<[string, Json]>([
    ['other_key', { forge: 'other_key' }],
    ['no_signature', { forge: 'no_signature' }],
    ['empty_signature', { forge: 'empty_signature' }],
    ['tampered', { tamper: { total_amount: '0.01' } }],
    ['with a field more', { tamper: { extra: '1' } }],
    ['with a field less', { tamper: { subject: null } }],
  ])('are forged where a test wants that: %s', async (_what, wish) => {
    await act(await order(), 'notify', { tradeStatus: 'TRADE_SUCCESS', ...wish });
    expect(inbox.received).toHaveLength(1);
    expect(verifies(inbox.received[0])).toBe(false);
  });

  it('are signed with SHA-1 under sign_type RSA, which a careless verifier accepts', async () => {
    await act(await order(), 'notify', { forge: 'sign_type_rsa' });
    const [notice = {}] = inbox.received;
    const sha1 = createVerify('RSA-SHA1').update(textOf(notice, ['sign', 'sign_type']));
    expect(notice.sign_type).toBe('RSA');
    expect(sha1.verify(createPublicKey(world.simulator.alipay.alipayPublicKey), notice.sign ?? '', 'base64')).toBe(true);
  });

  it('go elsewhere, and run ahead of a code that nobody scanned', async () => {
    const outTradeNo = world.number();
    await world.exec('alipay.trade.precreate', { out_trade_no: outTradeNo, total_amount: '5.00', subject: '茶' });
    expect((await world.control('POST', `/control/trades/${outTradeNo}/notify`)).httpStatus).toBe(400);
    expect(await act(outTradeNo, 'notify', { to: inbox.url, tradeStatus: 'TRADE_SUCCESS' })).toMatchObject([
      { state: 'once', status: 200 },
    ]);
    expect(inbox.received).toMatchObject([{ total_amount: '5.00', receipt_amount: '5.00' }]);
    expect((await world.log(outTradeNo)).trades).toEqual([]);
  });

  it.each<[string, Json]>([
    ['pay', { times: 0 }],
    ['pay', { amount: 0 }],
    ['pay', { amount: 1.5 }],
    ['pay', { notify: 'no' }],
    ['pay', { url: 'gateway.do' }],
    ['notify', { forge: 'well' }],
    ['notify', { fields: ['a'] }],
    ['notify', { tamper: { a: 1 } }],
    ['notify', { to: 'ftp://a' }],
    ['refuse', { times: 1 }],
  ])('are not sent for input that makes no sense: %s %j', async (action, body) => {
    const outTradeNo = await order();
    const answer = await world.control('POST', `/control/trades/${outTradeNo}/${action}`, body);
    expect([answer.httpStatus, typeof answer.json.message]).toEqual([400, 'string']);
    expect((await world.log(outTradeNo)).trades).toMatchObject([{ status: 'WAIT_BUYER_PAY', refusedAt: null }]);
    expect(inbox.received).toEqual([]);
  });
});
