import { AlipaySdk } from 'alipay-sdk';
import { readAnswer } from '../../../src/payment/gateway/alipay/client.js';
import { rawMembers } from '../../../src/payment/gateway/alipay/envelope.js';
import { oneKey } from '../../../src/payment/gateway/alipay/keys.js';
import { requestContent } from '../../../src/payment/gateway/alipay/signing.js';
import { sign } from '../../../src/payment/gateway/rsa.js';
import {
  alipays,
  answerBody,
  APP_ID,
  attempt,
  callback,
  FakeAlipay,
  gatewayAt,
  ours,
  refund,
  rsa2,
  signedNotice,
  strangers,
} from './support.js';

const privateKey = ours.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().trim();
const pem = (key: typeof ours.publicKey) => key.export({ type: 'spki', format: 'pem' }).toString().trim();

/** The official client, once as the merchant uses it and once set up to check what the merchant sends. */
const merchant = new AlipaySdk({ appId: APP_ID, privateKey, keyType: 'PKCS8', alipayPublicKey: pem(alipays.publicKey) });
const gatekeeper = new AlipaySdk({ appId: APP_ID, privateKey, keyType: 'PKCS8', alipayPublicKey: pem(ours.publicKey) });

describe('The official alipay-sdk and the adapter', () => {
  it.each([
    ['an app string', () => new URLSearchParams(merchant.sdkExecute('alipay.trade.app.pay', { bizContent: { subject: '茶 + 杯' } }))],
    [
      'a page address',
      () =>
        new URL(merchant.pageExecute('alipay.trade.page.pay', 'GET', { bizContent: { subject: '茶' }, notifyUrl: 'https://a.cn/?b=1' }))
          .searchParams,
    ],
  ])('sign %s alike', async (_, theirs) => {
    const parameters = new Map(theirs());
    expect(await sign(requestContent(parameters), ours.privateKey)).toBe(parameters.get('sign'));
  });

  it.each(['page', 'wap'])('agree on the address of %s', async (method) => {
    const paid = await gatewayAt('https://openapi.alipay.com/gateway.do').pay({ ...attempt, method, subject: "100% 棉 'n' 麻" });
    const action = paid.kind === 'action' && paid.action.type === 'redirect' ? paid.action.url : '';
    const parameters = Object.fromEntries(new URL(action).searchParams);
    expect(gatekeeper.checkNotifySignV2(parameters)).toBe(true);
    expect(gatekeeper.checkNotifySignV2({ ...parameters, timestamp: '2026-01-05 10:11:01' })).toBe(false);
  });

  it('agree on the string for the app', async () => {
    const paid = await gatewayAt('https://openapi.alipay.com/gateway.do').pay({ ...attempt, method: 'app' });
    const text = paid.kind === 'action' && paid.action.type === 'sdk' ? (paid.action.params['orderString'] ?? '') : '';
    expect(gatekeeper.checkNotifySignV2(Object.fromEntries(new URLSearchParams(text)))).toBe(true);
  });

  it('agree on every request that is posted', async () => {
    const fake = await FakeAlipay.start();
    fake.does('*', (response) => response.end('{}'));
    const gateway = gatewayAt(fake.url);
    await gateway.pay({ ...attempt, method: 'qr', notifyUrl: '' });
    await gateway.query(attempt);
    await gateway.close(attempt);
    await gateway.refund({ ...refund, reason: '' });
    await gateway.queryRefund(refund);
    await gateway.disconnect();
    await fake.stop();

    expect(fake.received.map(({ method }) => method)).toEqual([
      'alipay.trade.precreate',
      'alipay.trade.query',
      'alipay.trade.close',
      'alipay.trade.refund',
      'alipay.trade.fastpay.refund.query',
    ]);
    for (const { query, form } of fake.received) {
      expect([...form.keys()]).toEqual(['biz_content']);
      expect([...query.values()]).not.toContain('');
      expect(gatekeeper.checkNotifySignV2({ ...Object.fromEntries(query), ...Object.fromEntries(form) })).toBe(true);
    }
  });

  it('accept the same notices', async () => {
    const gateway = gatewayAt('https://openapi.alipay.com/gateway.do');
    const bodies = [
      signedNotice(),
      signedNotice({ subject: '%', body: '+&=' }),
      signedNotice({}, strangers.privateKey),
      signedNotice({ body: '' }),
    ];
    for (const body of bodies) {
      const accepted = (await gateway.readCallback(callback(body))).kind === 'notice';
      expect(accepted).toBe(merchant.checkNotifySignV2(Object.fromEntries(new URLSearchParams(body))));
    }
  });

  it('verify the same text of an answer', async () => {
    const name = 'alipay_trade_query_response';
    const node = { code: '10000', msg: '"sign":"}{', url: 'https://a/b', nested: { list: [1, '}', { deep: '\\' }] } };
    for (const key of [alipays.privateKey, strangers.privateKey]) {
      const body = answerBody(name, node, key);
      expect(rawMembers(Buffer.from(body))?.get(name)).toBe(merchant.getSignStr(body, name));
      const reply = await readAnswer(Buffer.from(body), 'alipay.trade.query', oneKey(alipays.publicKey));
      const theirs = () => merchant.checkResponseSign(body, name, rsa2(merchant.getSignStr(body, name), key), '');
      if (reply.kind === 'answer') expect(theirs).not.toThrow();
      else expect(theirs).toThrow();
    }
  });
});
