import { createVerify } from 'node:crypto';
import { DAY, MINUTE } from '../../../src/kernel/clock.js';
import type { PayOutcome } from '../../../src/payment/gateway/gateway.js';
import {
  APP_ID,
  attempt,
  authorizationOf,
  FakeWechatPay,
  gatewayAt,
  isSignedByUs,
  MCH_ID,
  MovedClock,
  NOW,
  order,
  ours,
  OUT_TRADE_NO,
  PREPAY_ID,
  PUBLIC_KEY_ID,
  refund,
  refunded,
  SERIAL_NO,
} from './support.js';

function paramsOf(outcome: PayOutcome): Readonly<Record<string, string>> {
  if (outcome.kind !== 'action' || outcome.action.type !== 'sdk') throw new Error('nothing for a client');
  return outcome.action.params;
}

const fits = (content: string, signature = '') => createVerify('RSA-SHA256').update(content).verify(ours.publicKey, signature, 'base64');

describe('Paying at WeChat Pay', () => {
  let fake: FakeWechatPay;
  let gateway: ReturnType<typeof gatewayAt>;
  beforeAll(async () => {
    fake = await FakeWechatPay.start();
    gateway = gatewayAt(fake.url);
  });
  beforeEach(() => fake.forget());
  afterAll(async () => {
    await gateway.disconnect();
    await fake.stop();
  });

  it('is asked for with a body that is sent as it was signed', async () => {
    fake.answers('pay', { code_url: 'weixin://wxpay/bizpayurl?pr=1' });
    await gateway.pay(attempt);

    const [sent] = fake.received;
    if (sent === undefined) throw new Error('nothing was sent');
    expect(sent).toMatchObject({ method: 'POST', url: '/v3/pay/transactions/native' });
    expect(sent.content).toEqual({
      appid: APP_ID,
      mchid: MCH_ID,
      description: '龙井 500g',
      out_trade_no: OUT_TRADE_NO,
      time_expire: '2026-01-05T10:41:00+08:00',
      notify_url: attempt.notifyUrl,
      amount: { total: 8_888, currency: 'CNY' },
    });
    expect(sent.headers).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'Suanpan',
      'wechatpay-serial': PUBLIC_KEY_ID,
    });
    expect(authorizationOf(sent)).toMatchObject({
      scheme: 'WECHATPAY2-SHA256-RSA2048',
      mchid: MCH_ID,
      serial_no: SERIAL_NO,
      timestamp: String(NOW.getTime() / 1000),
    });
    expect(isSignedByUs(sent)).toBe(true);
  });

  it('says what each method must know of the payer, and that each calls WeChat Pay', () => {
    expect(gateway.methods).toEqual(['native', 'jsapi', 'h5', 'app']);
    expect(gateway.methods.map((method) => gateway.needs(method))).toEqual([[], ['openId'], ['clientIp'], []]);
    expect(gateway.methods.some(() => gateway.signsOnly())).toBe(false);
    expect(gateway.needs('constructor')).toEqual([]);
  });

  it('hands a code to a native payer', async () => {
    fake.answers('pay', { code_url: 'weixin://wxpay/bizpayurl?pr=1' });
    const action = { type: 'qr_code', codeUrl: 'weixin://wxpay/bizpayurl?pr=1' };
    expect(await gateway.pay(attempt)).toEqual({ kind: 'action', action });
  });

  it('hands signed parameters to the page of an official account or a mini program', async () => {
    fake.answers('pay', { prepay_id: PREPAY_ID });
    const params = paramsOf(await gateway.pay({ ...attempt, method: 'jsapi' }));

    expect(fake.received[0]?.content).toMatchObject({ payer: { openid: attempt.openId } });
    expect(params).toEqual({
      appId: APP_ID,
      timeStamp: String(NOW.getTime() / 1000),
      nonceStr: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
      package: `prepay_id=${PREPAY_ID}`,
      signType: 'RSA',
      paySign: expect.any(String) as string,
    });
    expect(fits(`${APP_ID}\n${params['timeStamp']}\n${params['nonceStr']}\nprepay_id=${PREPAY_ID}\n`, params['paySign'])).toBe(true);
  });

  it('hands signed parameters to an app, over the bare prepay id', async () => {
    fake.answers('pay', { prepay_id: PREPAY_ID });
    const params = paramsOf(await gateway.pay({ ...attempt, method: 'app' }));

    expect(Object.keys(params)).toEqual(['appid', 'partnerid', 'prepayid', 'package', 'noncestr', 'timestamp', 'sign']);
    expect(params).toMatchObject({ appid: APP_ID, partnerid: MCH_ID, prepayid: PREPAY_ID, package: 'Sign=WXPay' });
    expect(fits(`${APP_ID}\n${params['timestamp']}\n${params['noncestr']}\n${PREPAY_ID}\n`, params['sign'])).toBe(true);
  });

  it("sends a phone's browser to the cashier, and back", async () => {
    const h5_url = 'https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx1&package=2';
    fake.answers('pay', { h5_url });
    const back = `&redirect_url=${encodeURIComponent(attempt.returnUrl ?? '')}`;
    expect(await gateway.pay({ ...attempt, method: 'h5' })).toEqual({ kind: 'action', action: { type: 'redirect', url: h5_url + back } });
    const scene = { payer_client_ip: attempt.clientIp, h5_info: { type: 'Wap' } };
    expect(fake.received[0]?.content).toMatchObject({ scene_info: scene });

    const stays = await gateway.pay({ ...attempt, method: 'h5', returnUrl: undefined });
    expect(stays).toEqual({ kind: 'action', action: { type: 'redirect', url: h5_url } });
  });

  it.each<[string, Date, string]>([
    ['in a second', new Date(NOW.getTime() + 1_000), '2026-01-05T10:12:00+08:00'],
    ['long ago', new Date(0), '2026-01-05T10:12:00+08:00'],
    ['in a month', new Date(NOW.getTime() + 30 * DAY), '2026-01-12T10:11:00+08:00'],
    ['in an hour', new Date(NOW.getTime() + 60 * MINUTE), '2026-01-05T11:11:00+08:00'],
  ])('keeps an expiry %s within what WeChat Pay takes', async (_, expiresAt, time_expire) => {
    fake.answers('pay', { code_url: 'weixin://wxpay/bizpayurl?pr=1' });
    await gateway.pay({ ...attempt, expiresAt });
    expect(fake.received[0]?.content).toMatchObject({ time_expire });
  });

  it('leaves a whole minute, although the time is sent in whole seconds', async () => {
    fake.answers('pay', { code_url: 'weixin://wxpay/bizpayurl?pr=1' });
    const inBetween = gatewayAt(fake.url, {}, {}, new MovedClock(new Date(NOW.getTime() + 1)));
    await inBetween.pay({ ...attempt, expiresAt: NOW });
    await inBetween.disconnect();
    expect(fake.received[0]?.content).toMatchObject({ time_expire: '2026-01-05T10:12:01+08:00' });
  });

  it.each<[string, string]>([
    ['长'.repeat(200), '长'.repeat(127)],
    ['two\nlines\u0000 and\ta tab', 'two lines and a tab'],
    ['\ud800', OUT_TRADE_NO],
    ['', OUT_TRADE_NO],
  ])('describes %j as %j', async (subject, description) => {
    fake.answers('pay', { code_url: 'weixin://wxpay/bizpayurl?pr=1' });
    await gateway.pay({ ...attempt, subject });
    expect(fake.received[0]?.content).toMatchObject({ description });
    expect(fake.received.every(isSignedByUs)).toBe(true);
  });

  it('repeats itself word for word, as WeChat Pay wants of a repeat', async () => {
    fake.answers('pay', { code_url: 'weixin://wxpay/bizpayurl?pr=1' });
    await gateway.pay(attempt);
    await gateway.pay(attempt);
    expect(fake.received[0]?.body).toBe(fake.received[1]?.body);
    // The nonces differ all the same.
    expect(new Set(fake.received.map((sent) => authorizationOf(sent)['nonce_str'])).size).toBe(2);
  });

  it.each(['jsapi', 'h5'])('is a defect of the caller where %s lacks what it needs', async (method) => {
    await expect(gateway.pay({ ...attempt, method, openId: undefined, clientIp: undefined })).rejects.toThrow(/payer's/);
    await expect(gateway.pay({ ...attempt, method: 'page' })).rejects.toThrow('no payment method page');
    expect(fake.received).toEqual([]);
  });
});

describe('The other calls to WeChat Pay', () => {
  let fake: FakeWechatPay;
  let gateway: ReturnType<typeof gatewayAt>;
  beforeAll(async () => {
    fake = await FakeWechatPay.start();
    gateway = gatewayAt(fake.url);
  });
  beforeEach(() => fake.forget());
  afterAll(async () => {
    await gateway.disconnect();
    await fake.stop();
  });

  it('name the merchant in the query when they read, and in the body when they close', async () => {
    fake.answers('query', order).does('close', (response) => response.writeHead(500).end());
    await gateway.query({ ...attempt, outTradeNo: 'A|1*-_' });
    await gateway.close(attempt);
    expect(fake.received.slice(0, 2).map(({ method, url, body }) => [method, url, body])).toEqual([
      ['GET', `/v3/pay/transactions/out-trade-no/A%7C1*-_?mchid=${MCH_ID}`, ''],
      ['POST', `/v3/pay/transactions/out-trade-no/${OUT_TRADE_NO}/close`, `{"mchid":"${MCH_ID}"}`],
    ]);
    expect(fake.received.every(isSignedByUs)).toBe(true);
  });

  it('ask for a refund with the address of its notices and the whole amount', async () => {
    fake.answers('refund', refunded).answers('queryRefund', refunded);
    await gateway.refund({ ...refund, reason: '少'.repeat(100) });
    await gateway.queryRefund(refund);
    expect(fake.received[0]?.content).toEqual({
      out_trade_no: OUT_TRADE_NO,
      out_refund_no: refund.refundNo,
      reason: '少'.repeat(80),
      notify_url: refund.notifyUrl,
      amount: { refund: 1_000, total: 8_888, currency: 'CNY' },
    });
    expect(fake.received[1]).toMatchObject({ method: 'GET', url: `/v3/refund/domestic/refunds/${refund.refundNo}`, body: '' });
    expect(fake.received.every(isSignedByUs)).toBe(true);
  });

  it('leave out a reason that says nothing', async () => {
    fake.answers('refund', refunded);
    await gateway.refund({ ...refund, reason: ' \n' });
    expect(fake.received[0]?.content).not.toHaveProperty('reason');
  });

  it('name no key where the account has none', async () => {
    const certified = gatewayAt(fake.url, {}, { publicKey: undefined });
    fake.refuses('query', 404, 'ORDER_NOT_EXIST');
    await certified.query(attempt);
    await certified.disconnect();
    expect(fake.received[0]?.headers).not.toHaveProperty('wechatpay-serial');
  });
});
