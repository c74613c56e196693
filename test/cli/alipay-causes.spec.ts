import { createSign, type KeyObject } from 'node:crypto';
import { answerBody, alipays, noticeFields, ours, rsa2, signedNotice, signedText, strangers } from '../payment/alipay/support.js';
import { useDesk, type Printed } from './support.js';

const desk = useDesk();

const pem = (key: KeyObject): string => key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();
const alipayKey = desk.file(pem(alipays.publicKey), 'alipay-public-key.pem');
const strangersKey = desk.file(pem(strangers.publicKey), 'strangers.pem');

function verify(body: string | Buffer, more: readonly string[] = [], key = alipayKey, env = {}): Promise<Printed & { code: number }> {
  return desk.print(['verify-callback', 'alipay', '--body', desk.file(body), '--key', key, ...more], env);
}

type Fields = Readonly<Record<string, string>>;

/** A notice whose signature is over what the mistake makes of it. */
function mistaken(content: string | Buffer, fields: Fields = noticeFields): string {
  const sign = createSign('RSA-SHA256').update(content).sign(alipays.privateKey, 'base64');
  return new URLSearchParams({ ...fields, sign_type: 'RSA2', sign }).toString();
}

const mapped = (change: (value: string) => string): Fields =>
  Object.fromEntries(Object.entries(noticeFields).map(([name, value]) => [name, change(value)]));

const unsorted = Object.entries(noticeFields)
  .map((pair) => pair.join('='))
  .join('&');

const withSignType = Object.entries({ ...noticeFields, sign_type: 'RSA2' })
  .sort(([left], [right]) => (left < right ? -1 : 1))
  .map((pair) => pair.join('='))
  .join('&');

const sha1 = createSign('RSA-SHA1').update(signedText(noticeFields)).sign(alipays.privateKey, 'base64');

describe('A notice of Alipay that does not verify: the cause', () => {
  const genuine = signedNotice();

  it('is none where it verifies, and the string is the one that was signed', async () => {
    expect(await verify(genuine)).toMatchObject({
      code: 0,
      verdict: 'verified',
      cause: null,
      reason: null,
      key: alipayKey,
      string: signedText(noticeFields),
    });
  });

  it.each([
    ['the query of a return address', `?${genuine}`],
    ['the whole address, with a fragment', `https://shop.example.com/back?${genuine}#thanks`],
    ['a field of a name with a hyphen', signedNotice({ 'ext-info': '1' })],
  ])('is none of %s', async (_, body) => {
    expect(await verify(body)).toMatchObject({ code: 0, verdict: 'verified' });
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['a line break at the end of the file', `${genuine}\n`, /ends with a line break/],
    ['the same as Windows writes it', `${genuine}\r\n`, /ends with a line break/],
    ['a byte order mark', `\uFEFF${genuine}`, /begins with a byte order mark/],
    ['an & at the end', `${genuine}&`, /ends with an &/],
    ['a field twice', `${genuine}&total_amount=88.88`, /the body was changed on the way/],
    ['another key', signedNotice({}, strangers.privateKey), /^wrong key: none of the keys/],
    ['a value that was changed', genuine.replace('total_amount=88.88', 'total_amount=88.89'), /the key is the right one/],
    ['a field that was added', `${genuine}&shop=1`, /the field shop was not signed/],
    ['an unsorted string', mistaken(unsorted), /the order of fields/],
    ['sign_type within the string', mistaken(withSignType), /sign_type is signed, too/],
    ['plus signs of sign as spaces', unencoded(), /plus signs of the signature arrived as spaces/],
    [
      'a body that was encoded twice',
      new URLSearchParams(mapped(encodeURIComponent)).toString() +
        `&sign_type=RSA2&sign=${encodeURIComponent(rsa2(signedText(noticeFields), alipays.privateKey))}`,
      /encoded twice/,
    ],
    ['encoded values in the string', mistaken(signedText(mapped(encodeURIComponent))), /over URL-encoded values/],
    ['a space around a value', genuine.replace('version=1.0', 'version=1.0+'), /space or a line break was added/],
    ['GBK in the string', mistaken(gbk()), /the charset: the values are in UTF-8 here, and were signed in GBK/],
    [
      'UTF-8 that was taken for latin1',
      new URLSearchParams(mapped((value) => Buffer.from(value).toString('latin1'))).toString() +
        `&sign=${encodeURIComponent(rsa2(signedText(noticeFields), alipays.privateKey))}`,
      /the charset: the values were read as latin1/,
    ],
    ['HTML entities', genuine.replaceAll('%22', '%26quot%3B'), /escaped for HTML/],
    ['SHA-1 under the name of RSA2', new URLSearchParams({ ...noticeFields, sign_type: 'RSA2', sign: sha1 }).toString(), /SHA-1/],
    ['SHA-1 under its own name', new URLSearchParams({ ...noticeFields, sign_type: 'RSA', sign: sha1 }).toString(), /SHA-1/],
    ['sign_type changed and nothing else', genuine.replace('sign_type=RSA2', 'sign_type=RSA'), /the signature itself fits/],
    ['a signature in base64url', base64url(genuine), /base64url/],
    ['a signature that was cut off', genuine.replace(/sign=[^&]{60}/, 'sign='), /no base64|has \d+ bytes/],
    ['no signature', genuine.replace(/&sign=[^&]*/, ''), /no field sign/],
    ['a body that was decoded before', decodeURIComponent(genuine.replaceAll('+', ' ')), /URL-decoded before/],
  ])('%s', async (_, body, cause) => {
    const printed = await verify(body);
    expect(printed).toMatchObject({ code: 1, verdict: 'not_verified' });
    expect(printed.cause).toMatch(cause);
    expect(printed.notice).toBeUndefined();
  });

  it("is the application's own key in place of Alipay's, where the environment names it", async () => {
    const env = { ALIPAY_PRIVATE_KEY_FILE: desk.file(pem(ours.privateKey), 'app-private-key.pem') };
    const ownKey = desk.file(pem(ours.publicKey), 'app-public-key.pem');
    expect((await verify(genuine, [], ownKey, env)).cause).toContain("app-public-key.pem is the application's own public key");
    expect((await verify(signedNotice({}, ours.privateKey), [], alipayKey, env)).cause).toContain("signed with the application's own key");
  });

  it('is nothing where one of several keys fits, and the output says which', async () => {
    expect(await verify(genuine, ['--key', strangersKey])).toMatchObject({ code: 0, key: alipayKey });
    expect(await verify(genuine, ['--key', alipayKey], strangersKey)).toMatchObject({ code: 0, key: alipayKey });
  });

  it('is told of a message of the service market, which is verified only when asked for', async () => {
    const body = mistaken(withSignType);
    expect((await verify(body)).cause).toContain('--keep-sign-type');
    expect(await verify(body, ['--keep-sign-type'])).toMatchObject({
      code: 0,
      string: withSignType,
      remarks: [expect.stringContaining('no such message')],
    });
    expect((await verify(genuine, ['--keep-sign-type'])).code).toBe(1);
  });

  it('is nothing where empty fields are signed or left out: both are taken', async () => {
    const fields = { ...noticeFields, body: '' };
    expect(await verify(mistaken(signedText(fields), fields))).toMatchObject({ code: 0, string: signedText(fields) });
    expect(await verify(mistaken(signedText(noticeFields), fields))).toMatchObject({ code: 0, string: signedText(noticeFields) });
  });

  it('is nothing where the notice is in GBK, in a form and in JSON', async () => {
    const fields = { charset: 'GBK', subject: '龙井', total_amount: '1.00' };
    const content = Buffer.concat([
      Buffer.from('charset=GBK&subject='),
      Buffer.from([0xc1, 0xfa, 0xbe, 0xae]),
      Buffer.from('&total_amount=1.00'),
    ]);
    const sign = createSign('RSA-SHA256').update(content).sign(alipays.privateKey, 'base64');
    const form = `charset=GBK&subject=%C1%FA%BE%AE&total_amount=1.00&sign=${encodeURIComponent(sign)}`;
    for (const body of [form, JSON.stringify({ ...fields, sign })]) {
      const printed = await verify(body);
      expect(printed).toMatchObject({ code: 0, string: 'charset=GBK&subject=龙井&total_amount=1.00' });
      expect(printed['stringBase64']).toBe(content.toString('base64'));
    }
  });
});

describe('An answer of Alipay that does not verify: the cause', () => {
  const name = 'alipay_trade_query_response';
  const genuine = answerBody(name, { code: '10000', msg: 'Success', subject: '龙井/500g', trade_no: '1' });

  it.each<[string, string | Buffer, RegExp]>([
    ['JSON that was written again', genuine.replace('"code":"10000",', '"code": "10000", '), /written as JSON again/],
    ['a line break at the end of the node', genuine.replace('"},"sign"', '"}\n,"sign"').replace('{"alipay', '{"alipay'), /^$/],
    ['another key', answerBody(name, { code: '10000' }, strangers.privateKey), /^wrong key/],
    ['no signature', answerBody(name, { code: '40002' }, null), /does not sign some errors/],
    ['a value that was changed', genuine.replace('"10000"', '"10001"'), /the key is the right one/],
    ['a member twice', genuine.replace('{', `{"${name}":{},`), /^$/],
    ['a body that is no JSON', 'sorry', /^$/],
  ])('%s', async (what, body, cause) => {
    const printed = await verify(body, ['--answer']);
    // White space between members belongs to nobody.
    expect(printed.code).toBe(what.startsWith('a line break') ? 0 : 1);
    expect(printed.cause ?? '').toMatch(cause);
  });

  it('is the member, where there are several, until it is named', async () => {
    const body = genuine.replace('{', '{"other":{},');
    expect(await verify(body)).toMatchObject({ code: 1, detail: expect.stringContaining('--node') as string });
    expect((await verify(body, ['--node', name])).code).toBe(0);
    expect(await verify(body, ['--node', 'none'])).toMatchObject({ code: 1, reason: 'malformed' });
  });

  it('is the charset, where the answer is in GBK', async () => {
    const body = Buffer.concat([Buffer.from(`{"${name}":{"msg":"`), Buffer.from([0xc1, 0xfa]), Buffer.from('"},"sign":"x"}')]);
    expect((await verify(body, ['--answer'])).cause).toMatch(/^the charset/);
  });
});

describe('An answer of version 3 that does not verify: the cause', () => {
  const body = '{"trade_status":"WAIT_BUYER_PAY"}';
  const headers = {
    'alipay-timestamp': '1767579161000',
    'alipay-nonce': 'n',
    'alipay-signature': rsa2(`1767579161000\nn\n${body}\n`, alipays.privateKey),
  };
  const given = (changes: Fields): string => desk.file(JSON.stringify({ ...headers, ...changes }));

  it.each<[string, string, Fields, RegExp]>([
    ['nothing', body, {}, /^$/],
    ['JSON that was written again', '{"trade_status": "WAIT_BUYER_PAY"}', {}, /written as JSON again/],
    ['a header that was lost', body, { 'alipay-signature': '' }, /2xx only/],
    ['a nonce that was changed', body, { 'alipay-nonce': 'm' }, /the key is the right one/],
    ['the last line feed', body, { 'alipay-signature': rsa2(`1767579161000\nn\n${body}`, alipays.privateKey) }, /the last line feed/],
  ])('%s', async (what, sent, changes, cause) => {
    const printed = await verify(sent, ['--headers', given(changes)]);
    expect(printed.code).toBe(what === 'nothing' ? 0 : 1);
    expect(printed.cause ?? '').toMatch(cause);
  });
});

/** A notice whose signature has a plus sign, as nearly all have, and was not encoded. */
function unencoded(): string {
  for (let at = 0; ; at += 1) {
    const [before, sign = ''] = signedNotice({ notify_id: String(at) }).split('&sign=');
    if (sign.includes('%2B')) return `${before}&sign=${decodeURIComponent(sign)}`;
  }
}

function base64url(body: string): string {
  return body.replace(
    /sign=([^&]*)$/,
    (_, sign: string) => `sign=${decodeURIComponent(sign).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`,
  );
}

/** The string in GBK, for which Node has no encoder: the four Chinese characters are put in by hand. */
function gbk(): Buffer {
  const [before = '', between = '', after = ''] = signedText(noticeFields).split(/棉|麻 & 丝=好/);
  const text = [
    Buffer.from(before),
    Buffer.from([0xc3, 0xde]),
    Buffer.from(between),
    Buffer.from([0xc2, 0xe9]),
    Buffer.from(' & '),
    Buffer.from([0xcb, 0xbf]),
    Buffer.from('='),
    Buffer.from([0xba, 0xc3]),
    Buffer.from(after),
  ];
  return Buffer.concat(text);
}
