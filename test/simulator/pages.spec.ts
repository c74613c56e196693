import { useInbox, useSimulator } from './support.js';

describe("The payer's pages", () => {
  const world = useSimulator();
  const inbox = useInbox();
  const get = async (path: string): Promise<string> => (await fetch(`${world.simulator.url}${path}`)).text();
  const press = (outTradeNo: string, button: string): Promise<Response> =>
    fetch(`${world.simulator.url}/pay/${outTradeNo}/${button}`, { method: 'POST', body: new URLSearchParams() });

  it('show the order, take the payment, tell the merchant, and lead back with signed parameters', async () => {
    const outTradeNo = await world.openOrder(
      { subject: '茶叶 500克' },
      { notifyUrl: inbox.url, returnUrl: 'https://shop.example/back?order=1' },
    );
    const order = await get(`/pay/${outTradeNo}`);
    for (const shown of ['茶叶 500克', '¥88.88', '付款', '拒绝', 'Pay', 'Refuse', 'WAIT_BUYER_PAY']) expect(order).toContain(shown);
    expect(order).not.toContain('shop.example');

    const paid = await press(outTradeNo, 'pay');
    const page = await paid.text();
    expect([paid.status, paid.url]).toEqual([200, `${world.simulator.url}/pay/${outTradeNo}`]);
    expect(page).toContain('付款成功');
    expect(page).not.toContain('<button');
    await inbox.count(1);

    const back = new URL((/href="([^"]+)"/.exec(page)?.[1] ?? '').replaceAll('&#38;', '&'));
    const { order: own, ...returned } = Object.fromEntries(back.searchParams);
    expect([back.origin, own]).toEqual(['https://shop.example', '1']);
    expect(returned).toMatchObject({ method: 'alipay.trade.page.pay.return', out_trade_no: outTradeNo, total_amount: '88.88' });
    expect(world.sdk.checkNotifySignV2(returned)).toBe(true);
  });

  it('let the payer refuse, and think again', async () => {
    const outTradeNo = await world.openOrder();
    expect(await (await press(outTradeNo, 'refuse')).text()).toContain('您已拒绝付款');
    expect(await world.exec('alipay.trade.query', { out_trade_no: outTradeNo })).toMatchObject({ trade_status: 'WAIT_BUYER_PAY' });
    expect(await (await press(outTradeNo, 'pay')).text()).toContain('付款成功');
    expect(await (await press(outTradeNo, 'refuse')).text()).toContain('付款成功');
  });

  it('say that an order is closed, expired, refunded or unknown', async () => {
    const closed = await world.openOrder();
    await world.exec('alipay.trade.close', { out_trade_no: closed });
    expect(await (await press(closed, 'pay')).text()).toContain('订单已关闭');
    const refunded = await world.paidOrder({ total_amount: '2.00' });
    const refund = { out_trade_no: refunded, refund_amount: '1.00' };
    await world.exec('alipay.trade.refund', { ...refund, out_request_no: 'R1' });
    expect(await get(`/pay/${refunded}`)).toContain('已退 ¥1.00');
    await world.exec('alipay.trade.refund', { ...refund, out_request_no: 'R2' });
    expect(await get(`/pay/${refunded}`)).toContain('已全额退款');
    const expired = await world.openOrder({ timeout_express: '1m' });
    world.pass(60_000);
    expect(await get(`/pay/${expired}`)).toContain('订单已关闭');
    for (const path of ['/pay/NOBODY', '/qr/nothing']) expect((await fetch(`${world.simulator.url}${path}`)).status).toBe(404);
    expect((await press('NOBODY', 'pay')).status).toBe(404);
  });

  it('say that a code has expired', async () => {
    const order = { out_trade_no: world.number(), total_amount: '5.00', subject: '茶' };
    const { qr_code } = await world.exec('alipay.trade.precreate', order);
    world.pass(2 * 3_600_000);
    expect(await (await fetch(String(qr_code))).text()).toContain('已过期');
    expect((await world.log(order.out_trade_no)).trades).toEqual([]);
  });

  it('escape whatever a merchant writes', async () => {
    const outTradeNo = await world.paidOrder({ subject: `<b>"'` }, { returnUrl: `http://a/?q="><b>` });
    for (const path of [`/pay/${outTradeNo}`, '/']) {
      expect(await get(path)).toContain('&#60;b&#62;&#34;&#39;');
      expect(await get(path)).not.toContain('<b>');
    }
  });

  it('begin with a list of the newest orders', async () => {
    expect(await get('/')).toContain('还没有交易');
    const outTradeNo = await world.openOrder();
    const code = world.number();
    await world.exec('alipay.trade.precreate', { out_trade_no: code, total_amount: '5.00', subject: '茶' });
    const index = await get('/');
    expect(index).toContain(`href="/pay/${outTradeNo}"`);
    expect(index).toMatch(new RegExp(`href="/qr/[0-9a-f]+">${code}<`));
  });
});
