import { useInbox, useSimulator } from './support.js';
import { WechatpayMerchant } from './wechatpay-support.js';

describe('A payment by WeChat', () => {
  const world = useSimulator();
  const inbox = useInbox();
  const merchant = new WechatpayMerchant(world);

  it('exists as soon as it is ordered, is scanned, paid, announced, and found by both numbers', async () => {
    const placed = await merchant.place('native', { notify_url: inbox.plainUrl, attach: '柜台 3' });
    expect(placed).toMatchObject({ status: 200, signature: 'valid' });
    expect(placed.json.code_url).toMatch(/^weixin:\/\/wxpay\/bizpayurl\?pr=\w+$/);
    const { outTradeNo } = placed;
    const unpaid = await merchant.query(outTradeNo);
    expect(unpaid).toMatchObject({ status: 200, signature: 'valid', json: { trade_state: 'NOTPAY', amount: { total: 8888 } } });
    expect(unpaid.json).not.toHaveProperty('transaction_id');

    const paid = await merchant.control(`/control/trades/${outTradeNo}/pay`, { url: placed.json.code_url });
    expect(paid.json.notices).toMatchObject([{ state: 'delivered', status: 200, tradeStatus: 'SUCCESS' }]);
    const { signature, envelope, said } = merchant.read(inbox.raw[0] ?? { headers: {}, body: '' });
    expect(signature).toBe('valid');
    expect(envelope).toMatchObject({
      id: paid.json.notices[0]?.notifyId,
      event_type: 'TRANSACTION.SUCCESS',
      resource_type: 'encrypt-resource',
      resource: { original_type: 'transaction', algorithm: 'AEAD_AES_256_GCM', associated_data: 'transaction' },
    });
    expect(inbox.contentTypes[0]).toMatch(/^application\/json/);

    const found = await merchant.query(outTradeNo);
    expect(found.json).toMatchObject({
      trade_state: 'SUCCESS',
      trade_type: 'NATIVE',
      attach: '柜台 3',
      success_time: '2026-03-01T12:00:00+08:00',
    });
    expect(found.json).toEqual(said);
    expect(said.amount).toEqual({ total: 8888, payer_total: 8888, currency: 'CNY', payer_currency: 'CNY' });
    expect((await merchant.queryById(String(said.transaction_id))).json).toEqual(said);
  });

  it('is closed when it is told to, twice as well, and then not payable', async () => {
    const { outTradeNo } = await merchant.place('native');
    for (let time = 0; time < 2; time += 1)
      expect(await merchant.close(outTradeNo)).toMatchObject({ status: 204, text: '', signature: 'valid' });
    expect((await merchant.query(outTradeNo)).json.trade_state).toBe('CLOSED');
    expect((await merchant.control(`/control/trades/${outTradeNo}/pay`)).httpStatus).toBe(409);
  });

  it('is closed by its time limit', async () => {
    const { outTradeNo } = await merchant.place('native', { time_expire: '2026-03-01T12:10:00+08:00' });
    world.pass(9 * 60_000);
    expect((await merchant.query(outTradeNo)).json.trade_state).toBe('NOTPAY');
    world.pass(60_000);
    expect((await merchant.query(outTradeNo)).json.trade_state).toBe('CLOSED');
    world.pass(-10 * 60_000);
  });

  it('may still be paid after it was closed, where a test has the money come late', async () => {
    const { outTradeNo } = await merchant.place('native', { notify_url: inbox.plainUrl });
    await merchant.close(outTradeNo);
    const paid = await merchant.control(`/control/trades/${outTradeNo}/pay`, { late: true });
    expect(paid.json).toMatchObject({ trade: { state: 'paid', closedAt: null }, notices: [{ tradeStatus: 'SUCCESS' }] });
    expect((await merchant.query(outTradeNo)).json.trade_state).toBe('SUCCESS');
  });

  it('gives a new prepay id to the same request again, and the old one still leads to it', async () => {
    const body = merchant.order();
    const [first, second] = [
      await merchant.place('jsapi', { ...body, payer: { openid: 'o1' } }),
      await merchant.place('jsapi', { ...body, payer: { openid: 'o1' } }),
    ];
    expect(first.json.prepay_id).toMatch(/^wx\d{34}$/);
    expect(second.json.prepay_id).not.toBe(first.json.prepay_id);
    const params = merchant.clientParams(String(first.json.prepay_id));
    expect((await merchant.control(`/control/trades/${first.outTradeNo}/pay`, { params })).httpStatus).toBe(200);
  });

  it('is paid inside WeChat and in an app only with what the merchant signed', async () => {
    const page = await merchant.place('jsapi', { payer: { openid: 'oBuyer' } });
    const params = merchant.clientParams(String(page.json.prepay_id));
    const pay = (changes: Record<string, string>) =>
      merchant.control(`/control/trades/${page.outTradeNo}/pay`, { params: { ...params, ...changes } });
    const wrong: Record<string, string>[] = [
      { nonceStr: 'other' },
      { signType: 'MD5' },
      { appId: 'wx1' },
      { package: 'prepay_id=wx0' },
      { paySign: 'AAAA' },
    ];
    for (const changes of wrong) {
      expect((await pay(changes)).httpStatus).toBe(409);
    }
    expect((await pay({})).httpStatus).toBe(200);
    expect((await merchant.query(page.outTradeNo)).json).toMatchObject({ trade_type: 'JSAPI', payer: { openid: 'oBuyer' } });

    const app = await merchant.place('app');
    const handed = merchant.appParams(String(app.json.prepay_id));
    const open = (changes: Record<string, string>) =>
      merchant.control(`/control/trades/${app.outTradeNo}/pay`, { params: { ...handed, ...changes } });
    const wrongly: Record<string, string>[] = [{ partnerid: '1' }, { package: 'Sign=Other' }, { timestamp: '1' }, { sign: '' }];
    for (const changes of wrongly) {
      expect((await open(changes)).httpStatus).toBe(409);
    }
    expect((await open({})).httpStatus).toBe(200);
    expect((await merchant.query(app.outTradeNo)).json).toMatchObject({ trade_type: 'APP', trade_state: 'SUCCESS' });
  });

  it('is paid in a phone’s browser by its link, within five minutes, and leads back to the shop', async () => {
    const scene_info = { payer_client_ip: '203.0.113.7', h5_info: { type: 'Wap' } };
    const { json, outTradeNo } = await merchant.place('h5', { scene_info });
    const url = `${String(json.h5_url)}&redirect_url=${encodeURIComponent('https://shop.example/orders/1?a=b')}`;
    const opened = await fetch(url, { redirect: 'manual' });
    expect([opened.status, opened.headers.get('location')]).toEqual([302, `/pay/${outTradeNo}`]);
    expect((await merchant.control(`/control/trades/${outTradeNo}/pay`, { url })).httpStatus).toBe(200);
    const page = await (await fetch(`${world.simulator.url}/pay/${outTradeNo}`)).text();
    expect(page).toContain('href="https://shop.example/orders/1?a=b"');

    const late = await merchant.place('h5', { scene_info });
    world.pass(5 * 60_000);
    expect((await fetch(String(late.json.h5_url), { redirect: 'manual' })).status).toBe(404);
    expect((await merchant.control(`/control/trades/${late.outTradeNo}/pay`, { url: late.json.h5_url })).httpStatus).toBe(409);
    world.pass(-5 * 60_000);
  });

  it('shows its code as a picture, which a developer scans', async () => {
    const { json, outTradeNo } = await merchant.place('native');
    const list = await (await fetch(`${world.simulator.url}/scan`)).text();
    const code = encodeURIComponent(String(json.code_url));
    const shown = await (await fetch(`${world.simulator.url}/scan?code=${code}`)).text();
    for (const page of [list, shown]) {
      expect(page).toContain('<svg');
      expect(page).toContain(`/scan/open?code=${code}`);
      expect(page).toContain(outTradeNo);
    }
    const opened = await fetch(`${world.simulator.url}/scan/open?code=${code}`, { redirect: 'manual' });
    expect([opened.status, opened.headers.get('location')]).toEqual([302, `/pay/${outTradeNo}`]);
    expect((await fetch(`${world.simulator.url}/scan/open?code=weixin%3A%2F%2Fwxpay%2Fbizpayurl%3Fpr%3Dnone`)).status).toBe(404);
    expect((await fetch(`${world.simulator.url}/scan/open?code=hello`)).status).toBe(404);
  });

  it('takes numbers with every character that WeChat allows', async () => {
    const out_trade_no = 'A-b_1|2*3';
    expect(await merchant.place('native', { out_trade_no })).toMatchObject({ status: 200 });
    expect((await merchant.query(out_trade_no)).json).toMatchObject({ out_trade_no, trade_state: 'NOTPAY' });
    expect((await fetch(`${world.simulator.url}/pay/${encodeURIComponent(out_trade_no)}`)).status).toBe(200);
  });
});
