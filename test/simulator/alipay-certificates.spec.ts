import { createVerify, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlipaySdk } from 'alipay-sdk';
import { certSn, rootCertSn } from '../../simulator/alipay/cert-sn.js';
import { signedSubstring, textOf, useInbox, useSimulator, type Json } from './support.js';

interface Vector {
  readonly id: string;
  readonly inputs: { readonly pem: string; readonly kind: 'leaf' | 'root' };
  readonly expected: { readonly sn: string };
}

const file = join(process.cwd(), 'test/vectors/alipay/alipay.cert-sn.json');
const vectors = (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }).vectors;

describe('Alipay’s app with certificates', () => {
  const world = useSimulator();
  const inbox = useInbox();

  function sdk(changes: { alipayRootCertContent?: string; appCertContent?: string } = {}): AlipaySdk {
    const { gatewayUrl, certificateMode } = world.simulator.alipay;
    const { appId, appPrivateKey, appCertificate, alipayCertificate, rootCertificate } = certificateMode;
    const certificates = {
      appCertContent: appCertificate,
      alipayPublicCertContent: alipayCertificate,
      alipayRootCertContent: rootCertificate,
    };
    const keys = { privateKey: appPrivateKey, keyType: 'PKCS8' as const, ...certificates, ...changes };
    return new AlipaySdk({ appId, ...keys, gateway: gatewayUrl, camelcase: false, timeout: 5_000 });
  }

  const exec = (method: string, biz: Json, client = sdk()): Promise<Json> =>
    client.exec(method, { bizContent: biz }, { validateSign: true });
  const order = (): Json & { out_trade_no: string } => ({ out_trade_no: world.number(), total_amount: '88.88', subject: '茶叶' });

  it.each(vectors.map((vector) => [vector.id, vector] as const))('names certificates as others do: %s', (_id, { inputs, expected }) => {
    expect(inputs.kind === 'root' ? rootCertSn(inputs.pem) : certSn(inputs.pem)).toBe(expected.sn);
  });

  it('speaks with the official SDK: an order, a payment, a refund, and answers that name the certificate', async () => {
    const client = sdk();
    const wanted = order();
    const page = client.pageExecute('alipay.trade.page.pay', 'GET', {
      notifyUrl: inbox.url,
      returnUrl: 'https://shop.example/back',
      bizContent: { product_code: 'FAST_INSTANT_TRADE_PAY', ...wanted },
    });
    const paid = await world.control('POST', `/control/trades/${wanted.out_trade_no}/pay`, { url: page });
    expect(paid.json.notices).toMatchObject([{ state: 'delivered' }]);
    expect(await exec('alipay.trade.query', { out_trade_no: wanted.out_trade_no })).toMatchObject({ trade_status: 'TRADE_SUCCESS' });
    const refund = { out_trade_no: wanted.out_trade_no, refund_amount: '88.88', out_request_no: 'RC1' };
    expect(await exec('alipay.trade.refund', refund)).toMatchObject({ code: '10000', fund_change: 'Y' });

    const { certificateMode } = world.simulator.alipay;
    const received = inbox.received[0] ?? {};
    expect(received).toMatchObject({ app_id: certificateMode.appId, alipay_cert_sn: certSn(certificateMode.alipayCertificate) });
    expect(verified(textOf(received, ['sign', 'sign_type']), received.sign ?? '')).toBe(true);
    const back = await (await fetch(`${world.simulator.url}/pay/${wanted.out_trade_no}`)).text();
    expect(back).toContain(`app_id=${certificateMode.appId}`);
  });

  it('puts the certificate’s number between what is signed and the signature', async () => {
    const { alipayCertificate } = world.simulator.alipay.certificateMode;
    const url = sdk().pageExecute('alipay.trade.query', 'GET', { bizContent: { out_trade_no: 'none' } });
    const text = await (await fetch(url)).text();
    const node = signedSubstring(text, 'alipay_trade_query_response');
    const { sign } = JSON.parse(text) as { sign: string };
    expect(text).toBe(`{"alipay_trade_query_response":${node},"alipay_cert_sn":"${certSn(alipayCertificate)}","sign":"${sign}"}`);
    expect(verified(node, sign)).toBe(true);
  });

  it('must be told both certificates, and the right ones', async () => {
    const { alipay } = world.simulator;
    const wanted = { out_trade_no: 'none' };
    const url = new URL(sdk().pageExecute('alipay.trade.query', 'GET', { bizContent: wanted }));
    for (const name of ['app_cert_sn', 'alipay_root_cert_sn']) {
      const without = new URL(url);
      without.searchParams.delete(name);
      const text = await (await fetch(without)).text();
      expect(JSON.parse(text)).toMatchObject({ alipay_trade_query_response: { sub_code: `isv.missing-${name.replaceAll('_', '-')}` } });
    }
    const other = { appCertContent: alipay.certificateMode.alipayCertificate };
    expect(await exec('alipay.trade.query', wanted, sdk(other))).toMatchObject({ sub_code: 'isv.invalid-app-cert-sn' });
    const otherRoot = { alipayRootCertContent: alipay.certificateMode.appCertificate };
    expect(await exec('alipay.trade.query', wanted, sdk(otherRoot))).toMatchObject({ sub_code: 'isv.invalid-alipay-root-cert-sn' });
  });

  it('has certificates that one authority issued', () => {
    const { appCertificate, alipayCertificate, rootCertificate } = world.simulator.alipay.certificateMode;
    const root = new X509Certificate(rootCertificate);
    for (const pem of [appCertificate, alipayCertificate, rootCertificate]) {
      const certificate = new X509Certificate(pem);
      expect([certificate.checkIssued(root), certificate.verify(root.publicKey)]).toEqual([true, true]);
    }
  });

  it('keeps notices that were forged apart from its own', async () => {
    const wanted = order();
    await exec('alipay.trade.precreate', wanted);
    await world.control('POST', `/control/trades/${wanted.out_trade_no}/pay`);
    await world.control('POST', `/control/trades/${wanted.out_trade_no}/notify`, { to: inbox.url, forge: 'other_key' });
    const received = inbox.received[0] ?? {};
    expect(verified(textOf(received, ['sign', 'sign_type']), received.sign ?? '')).toBe(false);
    expect(
      (await world.control('POST', `/control/trades/${wanted.out_trade_no}/notify`, { to: inbox.url, forge: 'signtest' })).httpStatus,
    ).toBe(400);
  });

  function verified(text: string, sign: string): boolean {
    const { publicKey } = new X509Certificate(world.simulator.alipay.certificateMode.alipayCertificate);
    return createVerify('RSA-SHA256').update(text).verify(publicKey, sign, 'base64');
  }
});

describe('Alipay in an app', () => {
  const world = useSimulator();
  const inbox = useInbox();

  function orderString(outTradeNo: string): string {
    const bizContent = { out_trade_no: outTradeNo, total_amount: '9.90', subject: '茶', product_code: 'QUICK_MSECURITY_PAY' };
    return world.sdk.sdkExecute('alipay.trade.app.pay', { notifyUrl: inbox.url, bizContent });
  }

  it('is paid with the text that the merchant signed, which the SDK on the phone hands over', async () => {
    const outTradeNo = world.number();
    const paid = await world.control('POST', `/control/trades/${outTradeNo}/pay`, { orderString: orderString(outTradeNo) });
    expect(paid.json).toMatchObject({ trade: { product: 'app', status: 'TRADE_SUCCESS' }, notices: [{ state: 'delivered' }] });
    expect(await world.exec('alipay.trade.query', { out_trade_no: outTradeNo })).toMatchObject({ total_amount: '9.90' });
  });

  it('is not paid with any other text', async () => {
    const outTradeNo = world.number();
    const text = orderString(outTradeNo);
    const pay = (changed: string, of = outTradeNo) => world.control('POST', `/control/trades/${of}/pay`, { orderString: changed });
    expect((await pay(text.replace('9.90', '0.90'))).json.message).toContain('isv.invalid-signature');
    expect((await pay(text, 'another')).httpStatus).toBe(400);
    expect((await pay('hello')).httpStatus).toBe(409);
    expect((await pay('{')).httpStatus).toBe(409);
    const twice = { orderString: text, url: 'http://127.0.0.1/' };
    expect((await world.control('POST', `/control/trades/${outTradeNo}/pay`, twice)).httpStatus).toBe(400);
    expect((await world.log()).trades.filter(({ outTradeNo: number }) => number === 'another')).toEqual([]);
  });

  it('has no page of its own', async () => {
    const answer = await world.raw('alipay.trade.app.pay', {});
    expect(answer.fields).toMatchObject({ sub_code: 'isv.invalid-method' });
  });
});

describe('A refund in Alipay’s portal', () => {
  const world = useSimulator();
  const inbox = useInbox();

  it('is over at once, and told only where refunds are told', async () => {
    const outTradeNo = await world.paidOrder({}, { notifyUrl: inbox.url });
    const made = await world.control('POST', `/control/trades/${outTradeNo}/refunds`, { amount: 88 });
    expect(made.json).toMatchObject({ refund: { amount: 88, state: 'succeeded' } });
    expect(await world.exec('alipay.trade.query', { out_trade_no: outTradeNo })).toMatchObject({ trade_status: 'TRADE_SUCCESS' });
    expect(inbox.received).toHaveLength(1);
    await world.control('POST', '/control/notices', { refunds: true });
    await world.control('POST', `/control/trades/${outTradeNo}/refunds`, { amount: 8800 });
    await inbox.count(2);
    expect(inbox.received[1]).toMatchObject({ trade_status: 'TRADE_CLOSED', refund_fee: '88.88' });
  });
});
