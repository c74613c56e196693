import type { KeyObject } from 'node:crypto';
import {
  API_V3_KEY,
  NOW,
  order,
  ours,
  paymentNotice,
  PUBLIC_KEY_ID,
  refundNotice,
  rsa,
  sealed,
  signedHeaders,
  strangers,
  wechat,
  wechats,
} from '../payment/wechatpay/support.js';
import { issue } from '../payment/unionpay/authority.js';
import { useDesk, type Printed } from './support.js';

const desk = useDesk();

const pem = (key: KeyObject): string => key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();
const platform = desk.file(pem(wechats.publicKey), 'pub_key.pem');
const strangersKey = desk.file(pem(strangers.publicKey), 'strangers.pem');
const apiV3Key = desk.file(API_V3_KEY, 'api-v3-key.txt');
const KEY = ['--key', `${PUBLIC_KEY_ID}=${platform}`];

type Headers = Readonly<Record<string, string>>;

interface Sent {
  readonly headers: Headers;
  readonly body: string | Buffer;
}

function verify({ headers, body }: Sent, more: readonly string[] = KEY, at = NOW, env = {}): Promise<Printed & { code: number }> {
  const files = ['--headers', desk.file(JSON.stringify(headers)), '--body', desk.file(body)];
  return desk.print(['verify-callback', 'wechatpay', ...files, '--at', at.toISOString(), ...more], env);
}

const BODY = '{"code_url":"weixin://wxpay/bizpayurl?pr=p4lpSuKzz","note":"中文\\n"}';
const answer: Sent = { headers: signedHeaders(BODY), body: BODY };
const timestamp = answer.headers['wechatpay-timestamp'] ?? '';
const nonce = answer.headers['wechatpay-nonce'] ?? '';
const over = (content: string | Buffer): Sent => ({
  ...answer,
  headers: { ...answer.headers, 'wechatpay-signature': rsa(content, wechats.privateKey) },
});
const with_ = (changes: Headers): Sent => ({ ...answer, headers: { ...answer.headers, ...changes } });
const minutes = (count: number): Date => new Date(NOW.getTime() + count * 60_000);

describe('A message of WeChat Pay that does not verify: the cause', () => {
  it('is none where it verifies', async () => {
    const content = `${timestamp}\n${nonce}\n${BODY}\n`;
    expect(await verify(answer)).toMatchObject({
      code: 0,
      verdict: 'verified',
      cause: null,
      reason: null,
      string: content,
      key: platform,
      remarks: [],
    });
  });

  it.each<[string, Sent, string, RegExp]>([
    ['a line break at the end of the file', { ...answer, body: `${BODY}\n` }, 'signature', /ends with a line break/],
    ['a line break that was lost', over(`${timestamp}\n${nonce}\n${BODY}\n\n`), 'signature', /lost the line break/],
    [
      'JSON that was written with spaces',
      { ...answer, body: JSON.stringify(JSON.parse(BODY), null, 2) },
      'signature',
      /written as JSON again/,
    ],
    ['JSON in ASCII', over(`${timestamp}\n${nonce}\n${BODY.replace('中文', '\\u4e2d\\u6587')}\n`), 'signature', /written as JSON again/],
    [
      'JSON as Python writes it',
      over(`${timestamp}\n${nonce}\n${BODY.replaceAll('":"', '": "').replace('","', '", "')}\n`),
      'signature',
      /written as JSON again/,
    ],
    ['UTF-8 taken for latin1', { ...answer, body: Buffer.from(Buffer.from(BODY).toString('latin1')) }, 'signature', /read as latin1/],
    ['an empty body', { ...answer, body: '' }, 'signature', /the key is the right one/],
    ['a body where none was signed', over(`${timestamp}\n${nonce}\n\n`), 'signature', /over an empty body/],
    ['no last line feed', over(`${timestamp}\n${nonce}\n${BODY}`), 'signature', /the last line feed/],
    ['nonce and timestamp in the other order', over(`${nonce}\n${timestamp}\n${BODY}\n`), 'signature', /the order of fields/],
    [
      'milliseconds within the string',
      over(`${timestamp}000\n${nonce}\n${BODY}\n`),
      'signature',
      /the clock: the timestamp was signed in milliseconds/,
    ],
    ['the body alone', over(BODY), 'signature', /the body alone/],
    ['a nonce that was changed', with_({ 'wechatpay-nonce': 'another' }), 'signature', /the key is the right one/],
    [
      'a signature of a stranger',
      { ...answer, headers: signedHeaders(BODY, { ...wechat, key: strangers.privateKey }) },
      'signature',
      /^wrong key/,
    ],
    [
      'a probe',
      with_({ 'wechatpay-signature': `WECHATPAY/SIGNTEST/${answer.headers['wechatpay-signature'] ?? ''}` }),
      'signature',
      /probe/,
    ],
    ['a signature that is none', with_({ 'wechatpay-signature': 'invalid signature!' }), 'signature', /no base64/],
    ['a header that is missing', with_({ 'wechatpay-nonce': '' }), 'headers', /a proxy took the header away/],
    ['headers of Alipay', { ...answer, headers: { 'alipay-nonce': '1' } }, 'headers', /headers of Alipay/],
    ['headers as variables', { ...answer, headers: { HTTP_WECHATPAY_NONCE: '1' } }, 'headers', /with hyphens/],
    ['headers of a request', { ...answer, headers: { Authorization: 'WECHATPAY2-SHA256-RSA2048 …' } }, 'headers', /request of ours/],
    ['a timestamp in milliseconds', with_({ 'wechatpay-timestamp': `${timestamp}000` }), 'timestamp', /milliseconds/],
    ['a timestamp that is none', with_({ 'wechatpay-timestamp': 'xxx' }), 'timestamp', /ten digits/],
    [
      'an unknown serial',
      with_({ 'wechatpay-serial': '5157F09EFDC096DE15EBE81A47057A7232F1B8E1' }),
      'serial',
      /wrong key or wrong serial: the signature fits pub_key.pem/,
    ],
    [
      'an unknown serial of an unknown key',
      { ...answer, headers: signedHeaders(BODY, { serial: 'PUB_KEY_ID_1', key: strangers.privateKey }) },
      'serial',
      /public key of that id/,
    ],
    [
      'an unknown certificate',
      { ...answer, headers: signedHeaders(BODY, { serial: '5157F09E', key: strangers.privateKey }) },
      'serial',
      /platform certificate of that serial/,
    ],
  ])('%s', async (_, sent, reason, cause) => {
    const printed = await verify(sent);
    expect(printed).toMatchObject({ code: 1, verdict: 'not_verified', reason });
    expect(printed.cause).toMatch(cause);
  });

  it('is the clock, and it says by how much and whether anything else is wrong', async () => {
    expect((await verify(answer, KEY, minutes(5))).code).toBe(0);
    expect((await verify(answer, KEY, minutes(-5))).code).toBe(0);
    const late = await verify(answer, KEY, minutes(6));
    expect(late).toMatchObject({ code: 1, reason: 'timestamp' });
    expect(late.cause).toMatch(/6 minutes before .* apart from the time the signature fits/);
    expect((await verify({ ...answer, body: '{}' }, KEY, minutes(-6))).cause).toMatch(/6 minutes after .* the signature does not fit/);
    expect((await verify(answer, KEY, minutes(480))).cause).toContain('between Beijing and UTC');
  });

  it('takes a key without a serial for whatever serial there is, and says so', async () => {
    expect(await verify(answer, ['--key', platform])).toMatchObject({ code: 0, remarks: [expect.stringContaining('was not checked')] });
    expect(await verify(answer, ['--key', strangersKey, '--key', platform])).toMatchObject({ code: 0, key: platform });
    expect((await verify(answer, ['--key', strangersKey])).code).toBe(1);
  });

  it('is the other one of two keys, where the serial names the wrong one', async () => {
    const printed = await verify(answer, ['--key', `${PUBLIC_KEY_ID}=${strangersKey}`, '--key', `OTHER=${platform}`]);
    expect(printed).toMatchObject({ code: 1, reason: 'signature' });
    expect(printed.cause).toContain('pub_key.pem made the signature');
  });

  it("is the merchant's own key, where the environment names it", async () => {
    const env = { WECHATPAY_PRIVATE_KEY_FILE: desk.file(pem(ours.privateKey)) };
    const own = desk.file(pem(ours.publicKey));
    expect((await verify(answer, ['--key', `${PUBLIC_KEY_ID}=${own}`], NOW, env)).cause).toContain("the merchant's own public key");
    const request = { ...answer, headers: signedHeaders(BODY, { ...wechat, key: ours.privateKey }) };
    expect((await verify(request, KEY, NOW, env)).cause).toContain("signed with the merchant's own key");
  });

  it('knows a certificate by its serial number, and when it counts', async () => {
    const { certificate, privateKey } = await issue('CN=Tenpay.com sign', { serialNumber: '0157F09EFD', until: '2026-02-01T00:00:00Z' });
    const file = desk.file(certificate);
    const headers = signedHeaders(BODY, { serial: '157F09EFD', key: privateKey as unknown as KeyObject });
    expect((await verify({ headers, body: BODY }, ['--key', strangersKey, '--key', file])).code).toBe(0);
    expect(await verify({ headers, body: BODY }, ['--key', `ABC=${file}`])).toMatchObject({ code: 1, reason: 'serial' });
    const later = signedHeaders(BODY, { serial: '157F09EFD', key: privateKey as unknown as KeyObject }, new Date('2026-03-01T00:00:00Z'));
    const printed = await verify({ headers: later, body: BODY }, ['--key', file], new Date('2026-03-01T00:00:00Z'));
    expect(printed).toMatchObject({ code: 1, reason: 'serial', detail: expect.stringContaining('until Feb  1') as string });
  });
});

describe('A notice of WeChat Pay', () => {
  const OPENED = [...KEY, '--api-v3-key', apiV3Key];

  it('is opened with the API v3 key, and stays closed without', async () => {
    const opened = await verify(paymentNotice(), OPENED);
    expect(opened).toMatchObject({ code: 0, notice: { says: 'paid', amount: { amount: 8_888 } } });
    expect(JSON.parse(String(opened['resource']))).toEqual(order);
    expect(await verify(refundNotice(), OPENED)).toMatchObject({ code: 0, notice: { says: 'about_refund' } });
    const closed = await verify(paymentNotice());
    expect(closed).toMatchObject({ code: 0, remarks: [expect.stringContaining('--api-v3-key')] });
    expect(closed).not.toHaveProperty('resource');
    expect(await verify(paymentNotice(), [...OPENED, '--answer'])).toMatchObject({ code: 0, remarks: [] });
  });

  it.each<[string, string, RegExp]>([
    ['of another merchant', 'b'.repeat(32), /another merchant/],
    ['with a space', ` ${API_V3_KEY}`, /spelled in another way: space/],
    ['in hexadecimal', Buffer.from(API_V3_KEY).toString('hex'), /spelled in another way: it is in hexadecimal/],
    ['in base64', Buffer.from(API_V3_KEY).toString('base64'), /spelled in another way: it is in base64/],
    ['that is too short', 'short', /must have 32 bytes, and the one given has 5/],
  ])('does not open with an API v3 key %s', async (_, key, cause) => {
    const printed = await verify(paymentNotice(), [...KEY, '--api-v3-key', desk.file(`${key}\n`)]);
    expect(printed).toMatchObject({ code: 1, reason: 'decrypt' });
    expect(printed.cause).toMatch(cause);
    expect(JSON.stringify(printed)).not.toContain(key);
  });

  it('does not open where the associated data or the algorithm were changed before it was signed', async () => {
    const resource = sealed(JSON.stringify(order), 'transaction');
    const other = paymentNotice({ envelope: { resource: { ...resource, associated_data: 'other' } } });
    expect((await verify(other, OPENED)).cause).toContain('it was encrypted with "transaction"');
    const algorithm = paymentNotice({ envelope: { resource: { ...resource, algorithm: 'AES' } } });
    expect((await verify(algorithm, OPENED)).cause).toContain('resource.algorithm was changed');
  });

  it('is no notice without a resource, whoever signed it, unless it is called an answer', async () => {
    expect(await verify(answer, OPENED)).toMatchObject({
      code: 1,
      reason: 'resource',
      cause: expect.stringContaining('--answer') as string,
    });
    expect((await verify(answer, [...OPENED, '--answer'])).code).toBe(0);
  });

  it('shows what it carries where that is no JSON object', async () => {
    const printed = await verify(paymentNotice({ envelope: { resource: sealed('{xxx', 'transaction') } }), OPENED);
    expect(printed).toMatchObject({ code: 1, reason: 'resource', resource: '{xxx' });
  });

  it('of another kind is verified, and the program would not take it', async () => {
    const printed = await verify(paymentNotice({ envelope: { event_type: 'PAYSCORE.USER_OPEN_SERVICE' } }), OPENED);
    expect(printed).toMatchObject({ code: 0, remarks: [expect.stringContaining('no notice of a payment')] });
    expect(printed.notice).toBeUndefined();
  });
});
