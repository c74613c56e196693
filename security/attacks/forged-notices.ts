import { constants, createHash, createPrivateKey, privateEncrypt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Attack, Family } from '../attack.js';
import { must } from '../findings.js';
import type { Gateway } from '../world/gateway.js';
import type { Letter } from '../world/letterbox.js';
import { isAcknowledged, type OpenOrder, type Scene } from '../world/scene.js';

/** Each gateway's word for success. */
const PAID: Readonly<Record<Gateway, string>> = { alipay: 'TRADE_SUCCESS', wechatpay: 'SUCCESS', unionpay: '00' };

/** A letter is not believed, whatever it says: the order stays unpaid. Afterwards the payer pays, and then it is paid. */
async function disbelieved(scene: Scene, gateway: Gateway, write: (order: OpenOrder) => Promise<Letter>): Promise<void> {
  const order = await scene.openOrder(gateway);
  await scene.gateways.opens(order.attempt);
  const letter = await write(order);
  const answer = await scene.leavesNoTrace('a forged notice', () => scene.post(gateway, letter));
  must(!isAcknowledged(gateway, answer), `a forged notice was acknowledged: ${answer.status} ${answer.text}`);
  await scene.expectUnpaid(order);
  await scene.gateways.pays(order.attempt);
  await scene.expectPaid(order);
}

type Forgery = readonly [gateway: Gateway, forge: string, name: string, after: string];

const FORGERIES: readonly Forgery[] = [
  ['alipay', 'other_key', 'a notice signed with somebody else’s key', 'CVE-2026-0656 (webhook without verification), CWE-347'],
  ['alipay', 'no_signature', 'a notice without a signature', 'CVE-2026-0656, CWE-345'],
  ['alipay', 'empty_signature', 'an empty signature', 'CVE-2022-21449 (psychic signatures), CWE-347'],
  ['alipay', 'sign_type_rsa', 'a notice that asks for SHA-1', 'CWE-757 (algorithm downgrade), CWE-328'],
  ['wechatpay', 'other_key', 'a notice signed with somebody else’s key', 'CVE-2026-0656, CWE-347'],
  ['wechatpay', 'no_signature', 'a notice without a signature', 'CVE-2025-14078 (open payment callback), CWE-345'],
  ['wechatpay', 'empty_signature', 'an empty signature', 'CVE-2022-21449, CWE-347'],
  ['wechatpay', 'sign_type', 'a notice that names another algorithm', 'CVE-2015-9235 (the message picks its algorithm), CWE-757'],
  ['wechatpay', 'expired_timestamp', 'a notice of ten minutes ago', 'CWE-294 (capture and replay), CWE-613'],
  ['wechatpay', 'unknown_serial', 'a notice under a key that nobody has', 'CVE-2018-0114 (the message brings its key), CWE-347'],
  ['wechatpay', 'signtest', 'the signature of a probe', 'WeChat Pay SIGNTEST probes, CWE-347'],
  ['wechatpay', 'other_api_key', 'a content sealed for another merchant', 'CWE-345, CWE-354'],
  ['unionpay', 'other_key', 'a notice signed with somebody else’s key', 'CVE-2026-0656, CWE-347'],
  ['unionpay', 'no_signature', 'a notice without a signature', 'CVE-2025-14078, CWE-345'],
  ['unionpay', 'empty_signature', 'an empty signature', 'CVE-2022-21449, CWE-347'],
  ['unionpay', 'sign_type', 'a notice by the secure key that everybody knows', 'CWE-757, CWE-1392 (default credentials)'],
  ['unionpay', 'sign_type_rsa', 'a notice of version 5.0.0, with SHA-1', 'CWE-757, CWE-328'],
  ['unionpay', 'other_cert', 'a certificate of the attacker’s own authority, under UnionPay’s name', 'CVE-2018-0114, CWE-295'],
  ['unionpay', 'wrong_cn', 'the certificate of another merchant of the same authority', 'CWE-297 (host mismatch), CWE-295'],
  ['unionpay', 'expired_cert', 'a certificate that is past', 'CWE-298 (expiration not checked)'],
];

const forged = FORGERIES.map(([gateway, forge, name, after]): Attack => ({
  name: `${gateway}: ${name}`,
  after,
  run: (scene) => disbelieved(scene, gateway, ({ attempt }) => scene.gateways.letterAbout(attempt, { tradeStatus: PAID[gateway], forge })),
}));

const none: Attack = {
  name: 'alipay: a notice that says it is signed with nothing',
  after: 'CVE-2015-9235 (alg: none), CWE-347',
  run: (scene) =>
    disbelieved(scene, 'alipay', ({ attempt }) =>
      scene.gateways.letterAbout(attempt, { tradeStatus: PAID.alipay, tamper: { sign_type: 'none', sign: null } }),
    ),
};

/** As in a real one, but for rubbish behind the digest: what a lax reader of the padding lets pass. It takes the gateway's own key to make. */
const padding: Attack = {
  name: 'alipay: a signature with rubbish behind its digest',
  after: 'CVE-2006-4339 (Bleichenbacher 2006), CVE-2014-1568, CWE-347',
  run: (scene) =>
    disbelieved(scene, 'alipay', async ({ attempt }) => {
      const { headers, body } = await scene.gateways.letterAbout(attempt, { tradeStatus: PAID.alipay });
      const fields = new URLSearchParams(body.toString());
      const text = [...fields]
        .filter(([name, value]) => !['sign', 'sign_type'].includes(name) && value !== '')
        .sort(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, value]) => `${name}=${value}`)
        .join('&');
      const sha256 = Buffer.from('3031300d060960864801650304020105000420', 'hex');
      const beginning = [
        Buffer.from('0001', 'hex'),
        Buffer.alloc(8, 0xff),
        Buffer.of(0),
        sha256,
        createHash('sha256').update(text).digest(),
      ];
      const block = Buffer.concat([...beginning, Buffer.alloc(256)]).subarray(0, 256);
      const pem = readFileSync(join(scene.program.dataDir, 'simulator', 'alipay', 'alipay-private-key.pem'), 'utf8');
      const key = createPrivateKey(pem.slice(pem.indexOf('-----BEGIN')));
      fields.set('sign', privateEncrypt({ key, padding: constants.RSA_NO_PADDING }, block).toString('base64'));
      return { headers, body: Buffer.from(fields.toString()) };
    }),
};

const xxe: Attack = {
  name: 'wechatpay: a notice in XML that reads a file of ours and calls an address',
  after: 'WeChat Pay’s XXE notice to merchants (2018), CWE-611',
  run: (scene) =>
    disbelieved(scene, 'wechatpay', ({ attempt }) => {
      const entities = '<!DOCTYPE xml [<!ENTITY secret SYSTEM "file:///etc/passwd">]>';
      const xml = `<?xml version="1.0"?>${entities}<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code><out_trade_no>${attempt.outTradeNo}</out_trade_no><total_fee>15000</total_fee><attach>&secret;</attach><sign>0CB01533B8C1EF103065174F50BCA001</sign></xml>`;
      return Promise.resolve({ headers: { 'content-type': 'text/xml' }, body: Buffer.from(xml) });
    }),
};

export const FORGED_NOTICES: Family = { name: 'Forged notices', attacks: [...forged, none, padding, xxe] };
