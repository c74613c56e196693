import { generateKeyPairSync } from 'node:crypto';
import { useSimulator, type Json } from './support.js';
import { WechatpayMerchant, type CallOptions } from './wechatpay-support.js';

describe('What WeChat Pay refuses', () => {
  const world = useSimulator();
  const merchant = new WechatpayMerchant(world);
  const stranger = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const now = () => Math.floor(world.now.getTime() / 1_000);

  it.each<[string, number, string, () => CallOptions]>([
    ['no Accept', 400, 'INVALID_REQUEST', () => ({ headers: { accept: null } })],
    ['another Accept', 400, 'INVALID_REQUEST', () => ({ headers: { accept: 'text/html' } })],
    ['no User-Agent', 400, 'INVALID_REQUEST', () => ({ headers: { 'user-agent': null } })],
    ['another content type', 400, 'INVALID_REQUEST', () => ({ headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
    ['no Authorization', 401, 'SIGN_ERROR', () => ({ headers: { authorization: null } })],
    ['another scheme', 401, 'SIGN_ERROR', () => ({ headers: { authorization: 'Bearer x' } })],
    ['no signature', 401, 'SIGN_ERROR', () => ({ authorization: { signature: undefined } })],
    ['an empty nonce', 401, 'SIGN_ERROR', () => ({ authorization: { nonce_str: '' } })],
    ['a clock six minutes behind', 401, 'SIGN_ERROR', () => ({ authorization: { timestamp: String(now() - 360) } })],
    ['a clock six minutes ahead', 401, 'SIGN_ERROR', () => ({ authorization: { timestamp: String(now() + 360) } })],
    ['another timestamp than was signed', 401, 'SIGN_ERROR', () => ({ authorization: { timestamp: '1' } })],
    ['another nonce than was signed', 401, 'SIGN_ERROR', () => ({ authorization: { nonce_str: 'abc' } })],
    ['an unknown merchant', 400, 'MCH_NOT_EXISTS', () => ({ authorization: { mchid: '1900000009' } })],
    ['another serial number', 401, 'SIGN_ERROR', () => ({ authorization: { serial_no: 'ABCDEF' } })],
    ['a stranger’s signature', 401, 'SIGN_ERROR', () => ({ key: stranger.privateKey })],
    ['another body than was signed', 401, 'SIGN_ERROR', () => ({ sentBody: '{}' })],
  ])('a request with %s', async (_what, status, code, options) => {
    const answer = await merchant.place('native', {}, options());
    expect(answer).toMatchObject({ status, signature: 'none', json: { code } });
    expect((await world.log()).trades).toEqual([]);
    expect((await world.log()).requests.at(-1)).toMatchObject({
      gateway: 'wechatpay',
      method: 'native',
      code: String(status),
      subCode: code,
    });
  });

  it('takes a clock that is almost five minutes off', async () => {
    const { mchId } = merchant.account;
    world.pass(-299_000);
    const target = `/v3/pay/transactions/out-trade-no/none_such?mchid=${mchId}`;
    const behind = String(now());
    world.pass(299_000);
    expect((await merchant.call('GET', target, { authorization: { timestamp: behind } })).json.code).toBe('ORDER_NOT_EXIST');
  });

  it('shows the text that it verified, with the target as it came', async () => {
    const target = `/v3/pay/transactions/out-trade-no/a%7Cb_c1?mchid=${merchant.account.mchId}`;
    const { json } = await merchant.call('GET', target, { key: stranger.privateKey });
    expect(json.detail).toMatchObject({ sign_information: { url: target } });
    expect(JSON.stringify(json.detail)).toContain(`GET\\n${target}\\n`);
  });

  it.each<[string, string, number, string, Json]>([
    ['no description', 'native', 400, 'PARAM_ERROR', { description: undefined }],
    ['too long a description', 'native', 400, 'PARAM_ERROR', { description: '茶'.repeat(128) }],
    ['too short a number', 'native', 400, 'PARAM_ERROR', { out_trade_no: 'T1234' }],
    ['too long a number', 'native', 400, 'PARAM_ERROR', { out_trade_no: 'T'.repeat(33) }],
    ['a number with a point', 'native', 400, 'PARAM_ERROR', { out_trade_no: 'T.123456' }],
    ['an amount of nothing', 'native', 400, 'PARAM_ERROR', { amount: { total: 0 } }],
    ['an amount as text', 'native', 400, 'PARAM_ERROR', { amount: { total: '100' } }],
    ['half a fen', 'native', 400, 'PARAM_ERROR', { amount: { total: 0.5 } }],
    ['another currency', 'native', 400, 'PARAM_ERROR', { amount: { total: 1, currency: 'USD' } }],
    ['no notify_url', 'native', 400, 'PARAM_ERROR', { notify_url: undefined }],
    ['a notify_url with a query', 'native', 400, 'PARAM_ERROR', { notify_url: 'https://shop.example/n?a=1' }],
    ['a notify_url of another kind', 'native', 400, 'PARAM_ERROR', { notify_url: 'ftp://shop.example/n' }],
    ['too long an attach', 'native', 400, 'PARAM_ERROR', { attach: 'x'.repeat(129) }],
    ['a time limit without an offset', 'native', 400, 'PARAM_ERROR', { time_expire: '2026-03-01T12:10:00' }],
    ['a time limit on no calendar', 'native', 400, 'PARAM_ERROR', { time_expire: '2026-02-30T12:10:00+08:00' }],
    ['a time limit that is past', 'native', 400, 'PARAM_ERROR', { time_expire: '2026-03-01T11:59:00+08:00' }],
    ['a time limit in eight days', 'native', 400, 'PARAM_ERROR', { time_expire: '2026-03-09T12:00:00+08:00' }],
    ['another appid', 'native', 400, 'APPID_MCHID_NOT_MATCH', { appid: 'wx1' }],
    ['another mchid', 'native', 400, 'PARAM_ERROR', { mchid: '1900000009' }],
    ['no openid', 'jsapi', 400, 'PARAM_ERROR', {}],
    ['no payer_client_ip', 'h5', 400, 'PARAM_ERROR', { scene_info: { h5_info: { type: 'Wap' } } }],
    ['no IP address', 'h5', 400, 'PARAM_ERROR', { scene_info: { payer_client_ip: 'me', h5_info: { type: 'Wap' } } }],
    ['an unknown h5 type', 'h5', 400, 'PARAM_ERROR', { scene_info: { payer_client_ip: '::1', h5_info: { type: 'Web' } } }],
  ])('an order with %s (%s)', async (_what, product, status, code, changes) => {
    expect(await merchant.place(product, changes)).toMatchObject({ status, signature: 'none', json: { code } });
  });

  it('a body that is no JSON object', async () => {
    for (const body of ['{', '[]', 'null', '"text"']) {
      expect(await merchant.call('POST', '/v3/pay/transactions/native', { body })).toMatchObject({
        status: 400,
        json: { code: 'PARAM_ERROR' },
      });
    }
  });

  it('the same number for anything else, and for what is over', async () => {
    const body = merchant.order();
    await merchant.place('native', body);
    const used = { status: 403, json: { code: 'OUT_TRADE_NO_USED' } };
    expect(await merchant.place('native', { ...body, amount: { total: 1, currency: 'CNY' } })).toMatchObject(used);
    expect(await merchant.place('native', { ...body, attach: 'new' })).toMatchObject(used);
    expect(await merchant.place('app', body)).toMatchObject(used);
    await merchant.control(`/control/trades/${String(body.out_trade_no)}/pay`);
    const paid = { status: 400, json: { code: 'ORDERPAID' } };
    expect(await merchant.place('native', body)).toMatchObject(paid);
    expect(await merchant.close(String(body.out_trade_no))).toMatchObject(paid);
    const closed = merchant.order();
    await merchant.place('native', closed);
    await merchant.close(String(closed.out_trade_no));
    expect(await merchant.place('native', closed)).toMatchObject({ status: 400, json: { code: 'ORDER_CLOSED' } });
  });

  it('questions about nothing, and questions that do not say who asks', async () => {
    expect(await merchant.query('none_such')).toMatchObject({ status: 404, signature: 'none', json: { code: 'ORDER_NOT_EXIST' } });
    expect(await merchant.close('none_such')).toMatchObject({ status: 404, json: { code: 'ORDER_NOT_EXIST' } });
    expect(await merchant.queryById('4200000000000000000000000000')).toMatchObject({ status: 404 });
    const { outTradeNo } = await merchant.place('native');
    const path = `/v3/pay/transactions/out-trade-no/${outTradeNo}`;
    expect(await merchant.call('GET', path)).toMatchObject({ status: 400, json: { code: 'PARAM_ERROR' } });
    expect(await merchant.call('GET', `${path}?mchid=1900000009`)).toMatchObject({ status: 400 });
    expect(await merchant.call('POST', `${path}/close`, { body: {} })).toMatchObject({ status: 400 });
    expect(await merchant.call('GET', '/v3/none')).toMatchObject({ status: 404, json: { code: 'RESOURCE_NOT_EXISTS' } });
    expect(await merchant.call('GET', '/v3/pay/transactions/native')).toMatchObject({ status: 404 });
    expect(await merchant.call('GET', '/v3/refund/domestic/refunds/%zz')).toMatchObject({ status: 400 });
  });

  it('lifts a time limit of seconds to a minute', async () => {
    const { outTradeNo } = await merchant.place('native', { time_expire: '2026-03-01T12:00:10+08:00' });
    world.pass(59_000);
    expect((await merchant.query(outTradeNo)).json.trade_state).toBe('NOTPAY');
    world.pass(1_000);
    expect((await merchant.query(outTradeNo)).json.trade_state).toBe('CLOSED');
    world.pass(-60_000);
  });

  it('numbers of another gateway’s, and the other way round', async () => {
    const alipays = await world.paidOrder();
    expect(await merchant.place('native', { out_trade_no: alipays })).toMatchObject({ status: 403, json: { code: 'OUT_TRADE_NO_USED' } });
    expect(await merchant.query(alipays)).toMatchObject({ status: 404 });
    expect(await merchant.close(alipays)).toMatchObject({ status: 404 });
    expect(await merchant.refund(alipays, 'R-other', { refund: 1, total: 8888 })).toMatchObject({ status: 404 });
    const ours = await merchant.paidOrder();
    expect(await world.exec('alipay.trade.query', { out_trade_no: ours })).toMatchObject({ sub_code: 'ACQ.TRADE_NOT_EXIST' });
    const refund = { out_trade_no: ours, refund_amount: '1.00', out_request_no: 'R-other' };
    expect(await world.exec('alipay.trade.refund', refund)).toMatchObject({ sub_code: 'ACQ.TRADE_NOT_EXIST' });
    const order = { out_trade_no: ours, total_amount: '88.88', subject: '龙井茶 250g' };
    expect(await world.exec('alipay.trade.precreate', order)).toMatchObject({ sub_code: 'ACQ.CONTEXT_INCONSISTENT' });
  });
});
