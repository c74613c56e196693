import { useInbox, useSimulator, type Json } from './support.js';

describe("A merchant's calls, made by the official SDK", () => {
  const world = useSimulator();
  const inbox = useInbox();

  it('takes a payment by page: the trade exists from when the payer opens it, and is announced when paid', async () => {
    const outTradeNo = world.number();
    const order = { out_trade_no: outTradeNo, total_amount: '88.88', subject: '茶叶 100% + 茶具', passback_params: 'a%3D1%26b' };
    const url = world.pageUrl(order, { notifyUrl: inbox.url });
    const unknown = { code: '40004', sub_code: 'ACQ.TRADE_NOT_EXIST' };
    expect(await world.exec('alipay.trade.query', { out_trade_no: outTradeNo })).toMatchObject(unknown);

    const opened = await fetch(url, { redirect: 'manual' });
    expect([opened.status, opened.headers.get('location')]).toEqual([302, `${world.simulator.url}/pay/${outTradeNo}`]);
    const waiting = await world.exec('alipay.trade.query', { out_trade_no: outTradeNo });
    expect(waiting).toMatchObject({ code: '10000', trade_status: 'WAIT_BUYER_PAY', total_amount: '88.88', receipt_amount: '0.00' });

    const paid = await world.control('POST', `/control/trades/${outTradeNo}/pay`);
    expect(paid.json).toMatchObject({
      trade: { outTradeNo, status: 'TRADE_SUCCESS', totalAmount: 8888, paidAmount: 8888 },
      notices: [{ state: 'delivered', status: 200, body: 'success', tradeStatus: 'TRADE_SUCCESS' }],
    });
    const after = await world.exec('alipay.trade.query', { trade_no: waiting.trade_no });
    expect(after).toMatchObject({ trade_status: 'TRADE_SUCCESS', total_amount: '88.88', send_pay_date: '2026-03-01 12:00:00' });

    const [notice] = inbox.received;
    expect(inbox.contentTypes.at(-1)).toContain('application/x-www-form-urlencoded');
    expect(world.sdk.checkNotifySignV2(notice)).toBe(true);
    expect(notice).toMatchObject({
      notify_type: 'trade_status_sync',
      app_id: world.simulator.alipay.appId,
      auth_app_id: world.simulator.alipay.appId,
      seller_id: world.simulator.alipay.sellerId,
      out_trade_no: outTradeNo,
      trade_no: waiting.trade_no,
      trade_status: 'TRADE_SUCCESS',
      total_amount: '88.88',
      subject: '茶叶 100% + 茶具',
      passback_params: 'a%3D1%26b',
      gmt_payment: '2026-03-01 12:00:00',
      notify_time: '2026-03-01 12:00:00',
    });
  });

  it('leads the same order to the same trade, and has one page for a phone as well', async () => {
    const outTradeNo = await world.openOrder();
    const again = world.pageUrl({ out_trade_no: outTradeNo, total_amount: '88.88', subject: '茶叶' }, {}, 'alipay.trade.wap.pay');
    expect((await fetch(again, { redirect: 'manual' })).status).toBe(302);
    expect((await world.log(outTradeNo)).trades).toHaveLength(1);
  });

  it('takes the form that the SDK makes for a browser to post', async () => {
    const outTradeNo = world.number();
    const biz = { out_trade_no: outTradeNo, total_amount: '1', subject: '茶', product_code: 'FAST_INSTANT_TRADE_PAY' };
    const form = world.sdk.pageExecute('alipay.trade.page.pay', 'POST', { bizContent: biz });
    const action = /action="([^"]+)"/.exec(form)?.[1] ?? '';
    const fields = [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']): [string, string] => [
      name,
      value.replaceAll('&quot;', '"'),
    ]);
    const answer = await fetch(action, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
    expect(answer.status).toBe(302);
    expect((await world.log(outTradeNo)).trades).toMatchObject([{ totalAmount: 100 }]);
  });

  it('takes a payment by code: the trade exists once the code is scanned', async () => {
    const outTradeNo = world.number();
    const order = { out_trade_no: outTradeNo, total_amount: '0.01', subject: '茶' };
    const { code, qr_code } = await world.exec('alipay.trade.precreate', order, { notifyUrl: inbox.url });
    expect(code).toBe('10000');
    expect(await world.exec('alipay.trade.query', { out_trade_no: outTradeNo })).toMatchObject({ sub_code: 'ACQ.TRADE_NOT_EXIST' });
    expect((await world.log(outTradeNo)).unopened).toMatchObject([{ outTradeNo }]);

    const page = await fetch(String(qr_code));
    expect([page.status, page.url]).toEqual([200, `${world.simulator.url}/pay/${outTradeNo}`]);
    expect(await world.exec('alipay.trade.query', { out_trade_no: outTradeNo })).toMatchObject({ trade_status: 'WAIT_BUYER_PAY' });
    await world.control('POST', `/control/trades/${outTradeNo}/pay`);
    expect(inbox.received).toMatchObject([{ out_trade_no: outTradeNo, total_amount: '0.01' }]);
  });

  it('scans a code, or opens a page by its URL, for a payer who is played by the control API', async () => {
    const scanned = world.number();
    await world.exec('alipay.trade.precreate', { out_trade_no: scanned, total_amount: '5.00', subject: '茶' });
    expect((await world.control('POST', `/control/trades/${scanned}/pay`)).json.trade).toMatchObject({ status: 'TRADE_SUCCESS' });

    const paged = world.number();
    const url = world.pageUrl({ out_trade_no: paged, total_amount: '5.00', subject: '茶' });
    expect((await world.control('POST', `/control/trades/${paged}/pay`)).httpStatus).toBe(404);
    expect((await world.control('POST', `/control/trades/${paged}/pay`, { url })).json.trade).toMatchObject({ status: 'TRADE_SUCCESS' });
    const another = world.pageUrl({ out_trade_no: world.number(), total_amount: '5.00', subject: '茶' });
    expect((await world.control('POST', `/control/trades/${scanned}/pay`, { url: another })).httpStatus).toBe(400);
  });

  it('gives money back in parts and in full, and once for one number', async () => {
    const outTradeNo = await world.paidOrder({ total_amount: '10.00' });
    const refund = (amount: string, number: string): Promise<Json> =>
      world.exec('alipay.trade.refund', {
        out_trade_no: outTradeNo,
        refund_amount: amount,
        out_request_no: number,
        refund_reason: '不要了',
      });
    const status = async (): Promise<unknown> => (await world.exec('alipay.trade.query', { out_trade_no: outTradeNo })).trade_status;
    const ask = (number: string): Promise<Json> =>
      world.exec('alipay.trade.fastpay.refund.query', { out_trade_no: outTradeNo, out_request_no: number });

    expect(await ask('R1')).toEqual({ code: '10000', msg: 'Success' });
    expect(await refund('2.50', 'R1')).toMatchObject({ code: '10000', fund_change: 'Y', refund_fee: '2.50' });
    expect(await refund('3.00', 'R2')).toMatchObject({ fund_change: 'Y', refund_fee: '5.50' });
    expect(await status()).toBe('TRADE_SUCCESS');
    expect(await refund('2.50', 'R1')).toMatchObject({ code: '10000', fund_change: 'N', refund_fee: '5.50', send_back_fee: '2.50' });
    expect(await refund('4.51', 'R3')).toMatchObject({ sub_code: 'ACQ.REASON_TRADE_REFUND_FEE_ERR' });
    expect(await refund('2.51', 'R1')).toMatchObject({ code: '40004', sub_code: 'ACQ.DISCORDANT_REPEAT_REQUEST' });
    expect(await refund('4.50', 'R4')).toMatchObject({ fund_change: 'Y', refund_fee: '10.00' });
    expect(await status()).toBe('TRADE_CLOSED');
    expect(await refund('4.50', 'R4')).toMatchObject({ fund_change: 'N', refund_fee: '10.00' });
    expect(await refund('0.01', 'R5')).toMatchObject({ sub_code: 'ACQ.REASON_TRADE_REFUND_FEE_ERR' });
    expect(await ask('R2')).toMatchObject({ refund_status: 'REFUND_SUCCESS', refund_amount: '3.00', total_amount: '10.00' });

    const { refunds, trades } = await world.log(outTradeNo);
    expect(refunds.map(({ outRequestNo, amount }) => [outRequestNo, amount])).toEqual([
      ['R1', 250],
      ['R2', 300],
      ['R4', 450],
    ]);
    expect(trades).toMatchObject([{ state: 'refunded', paidAmount: 1000, refundedAmount: 1000 }]);
  });

  it('never gives back more than was paid, however many ask at once', async () => {
    const outTradeNo = await world.paidOrder({ total_amount: '10.00' });
    const asked = Array.from({ length: 20 }, (_, index) =>
      world.exec('alipay.trade.refund', { out_trade_no: outTradeNo, refund_amount: '1.50', out_request_no: `R${index}` }),
    );
    const codes = (await Promise.all(asked)).map(({ code }) => code);
    expect(codes.filter((code) => code === '10000')).toHaveLength(6);
    expect((await world.log(outTradeNo)).trades).toMatchObject([{ refundedAmount: 900 }]);
  });

  it('closes what waits for the payer, after which nobody can pay it', async () => {
    const outTradeNo = await world.openOrder();
    expect(await world.exec('alipay.trade.close', { out_trade_no: outTradeNo })).toMatchObject({ code: '10000', out_trade_no: outTradeNo });
    expect(await world.exec('alipay.trade.query', { out_trade_no: outTradeNo })).toMatchObject({ trade_status: 'TRADE_CLOSED' });
    expect((await world.control('POST', `/control/trades/${outTradeNo}/pay`)).httpStatus).toBe(409);
    expect(await world.exec('alipay.trade.close', { out_trade_no: outTradeNo })).toMatchObject({ sub_code: 'ACQ.TRADE_STATUS_ERROR' });
  });

  it('cannot close what nobody opened: the URL still works afterwards', async () => {
    const outTradeNo = world.number();
    const url = world.pageUrl({ out_trade_no: outTradeNo, total_amount: '5.00', subject: '茶' });
    expect(await world.exec('alipay.trade.close', { out_trade_no: outTradeNo })).toMatchObject({ sub_code: 'ACQ.TRADE_NOT_EXIST' });
    expect((await world.control('POST', `/control/trades/${outTradeNo}/pay`, { url })).json.trade).toMatchObject({
      status: 'TRADE_SUCCESS',
    });
  });

  it('lets an order expire', async () => {
    const late = world.number();
    const unopened = world.pageUrl({ out_trade_no: late, total_amount: '1.00', subject: '茶', time_expire: '2026-03-01 12:30:00' });
    const outTradeNo = await world.openOrder({ time_expire: '2026-03-01 12:30:00', timeout_express: '1d' });
    const relative = await world.openOrder({ timeout_express: '90m' });
    world.pass(29 * 60_000);
    expect(await world.exec('alipay.trade.query', { out_trade_no: outTradeNo })).toMatchObject({ trade_status: 'WAIT_BUYER_PAY' });
    world.pass(60_000);
    expect(await world.exec('alipay.trade.query', { out_trade_no: outTradeNo })).toMatchObject({ trade_status: 'TRADE_CLOSED' });
    expect(await world.exec('alipay.trade.query', { out_trade_no: relative })).toMatchObject({ trade_status: 'WAIT_BUYER_PAY' });
    expect((await world.control('POST', `/control/trades/${outTradeNo}/pay`)).httpStatus).toBe(409);
    const page = await fetch(unopened, { redirect: 'manual' });
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('ACQ.TRADE_HAS_CLOSE')]);
    expect(await world.exec('alipay.trade.query', { out_trade_no: late })).toMatchObject({ sub_code: 'ACQ.TRADE_NOT_EXIST' });
  });

  it('lets a payer pay another amount than asked, and says so everywhere', async () => {
    const outTradeNo = await world.openOrder({ total_amount: '88.88' }, { notifyUrl: inbox.url });
    const { json } = await world.control('POST', `/control/trades/${outTradeNo}/pay`, { amount: 1 });
    expect(json.trade).toMatchObject({ totalAmount: 8888, paidAmount: 1 });
    expect(inbox.received).toMatchObject([{ total_amount: '0.01', receipt_amount: '0.01' }]);
    expect(await world.exec('alipay.trade.query', { out_trade_no: outTradeNo })).toMatchObject({ total_amount: '0.01' });
  });
});
