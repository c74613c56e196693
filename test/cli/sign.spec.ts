import { createSign, createVerify, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { authority, type Authority } from '../payment/unionpay/authority.js';
import { signatureOf, signedText } from '../payment/unionpay/support.js';
import { useDesk, type Printed } from './support.js';

const desk = useDesk();
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = (key: KeyObject): string => key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }).toString();
const KEY = ['--key', desk.file(pem(privateKey), 'key.pem')];

const rsa = (content: string, algorithm = 'RSA-SHA256'): string => createSign(algorithm).update(content).sign(privateKey, 'base64');
const isOver = (content: string, signature: unknown): boolean =>
  createVerify('RSA-SHA256').update(content).verify(publicKey, String(signature), 'base64');

function sign(gateway: string, ...args: readonly string[]): Promise<Printed & { code: number }> {
  return desk.print([
    'sign',
    gateway,
    ...args,
    ...(args.some((argument) => argument === '--key' || argument === '--secure-key') ? [] : KEY),
  ]);
}

/** Compares with another signature, which must differ, and answers why. */
async function cause(gateway: string, args: readonly string[], expected: string): Promise<string> {
  const printed = await sign(gateway, ...args, '--expect', expected);
  expect(printed).toMatchObject({ code: 1, expected: 'different' });
  return printed.cause ?? '';
}

describe('A request of Alipay', () => {
  const params = { sign_type: 'RSA2', app_id: '1', biz_content: '{"subject":"龙井/1"}', notify_url: '', sign: 'old' };
  const args = ['--params', desk.file(JSON.stringify(params))];
  const content = 'app_id=1&biz_content={"subject":"龙井/1"}&sign_type=RSA2';

  it('is signed without its empty fields, and handed out as a form', async () => {
    const { string, signature, form, remarks } = await sign('alipay', ...args);
    expect(string).toBe(content);
    expect(isOver(content, signature)).toBe(true);
    const { app_id, biz_content, sign_type } = params;
    expect(Object.fromEntries(new URLSearchParams(String(form)))).toEqual({ app_id, biz_content, sign_type, sign: signature });
    expect(remarks).toEqual([expect.stringContaining('notify_url')]);
  });

  it.each([
    ['sign_type left out', 'app_id=1&biz_content={"subject":"龙井/1"}', /sign_type was left out/],
    ['empty fields kept', `${content.replace('&sign_type', '&notify_url=&sign_type')}`, /empty fields were signed/],
    ['unsorted', 'sign_type=RSA2&app_id=1&biz_content={"subject":"龙井/1"}', /the order of fields/],
    ['JSON written again', content.replace('":"', '": "'), /biz_content was written once for the signature/],
    ['encoded values', 'app_id=1&biz_content=%7B%22subject%22%3A%22%E9%BE%99%E4%BA%95%2F1%22%7D&sign_type=RSA2', /over URL-encoded values/],
    ['another value', content.replace('app_id=1', 'app_id=2'), /the key is the right one/],
  ])('is compared: %s', async (_, signed, expected) => {
    expect(await cause('alipay', args, rsa(signed))).toMatch(expected);
  });

  it('is compared: SHA-1, another key, and the right one', async () => {
    expect(await cause('alipay', args, rsa(content, 'RSA-SHA1'))).toContain('SHA-1');
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    expect(await cause('alipay', args, createSign('RSA-SHA256').update(content).sign(stranger, 'base64'))).toContain('wrong key');
    expect(await sign('alipay', ...args, '--expect', rsa(content))).toMatchObject({ code: 0, expected: 'same', cause: null });
  });

  it('of version 3 ends with a line feed', async () => {
    const auth = 'app_id=1,nonce=n,timestamp=1767579161000';
    const given = ['--auth-string', auth, '--method', 'GET', '--url', 'https://openapi.alipay.com/v3/bill?a=1', '--app-auth-token', 't'];
    const { string, authorization } = await sign('alipay', ...given);
    expect(string).toBe(`${auth}\nGET\n/v3/bill?a=1\n\nt\n`);
    expect(authorization).toBe(`ALIPAY-SHA256withRSA ${auth},sign=${rsa(string ?? '')}`);
    expect(await cause('alipay', given, rsa(`${auth}\nGET\n/v3/bill\n\nt\n`))).toContain('the query was left out');
  });
});

describe('A request of WeChat Pay', () => {
  const parts = ['--method', 'POST', '--timestamp', '1554208460', '--nonce', 'n'];
  const args = [...parts, '--url', 'https://api.mch.weixin.qq.com/v3/x?a=%7C', '--body', desk.file('{"a":1}')];
  const content = 'POST\n/v3/x?a=%7C\n1554208460\nn\n{"a":1}\n';

  it('is signed, and its header written', async () => {
    const { string, signature, authorization } = await sign('wechatpay', ...args, '--mchid', '1', '--serial', 'AB');
    expect(string).toBe(content);
    expect(isOver(content, signature)).toBe(true);
    expect(authorization).toContain('WECHATPAY2-SHA256-RSA2048 mchid="1",nonce_str="n",');
    expect((await sign('wechatpay', ...args))['authorization']).toBeUndefined();
  });

  it('makes its own time and nonce', async () => {
    const { string } = await sign('wechatpay', '--method', 'GET', '--url', '/v3/certificates');
    expect(string).toMatch(/^GET\n\/v3\/certificates\n1767579154\n[0-9a-f]{32}\n\n$/);
  });

  it.each([
    ['no last line feed', content.slice(0, -1), /the last line feed/],
    ['no body', content.replace('{"a":1}', ''), /the body was left out/],
    ['a body written again', content.replace('{"a":1}', '{"a": 1}'), /written as JSON again/],
    ['no query', content.replace('?a=%7C', ''), /the query was left out/],
    ['a decoded path', content.replace('%7C', '|'), /percent signs/],
    ['a whole address', content.replace('/v3', 'https://api.mch.weixin.qq.com/v3'), /the whole address/],
    ['small letters', content.replace('POST', 'post'), /small letters/],
    ['milliseconds', content.replace('1554208460', '1554208460000'), /milliseconds/],
    ['another order', content.replace('1554208460\nn', 'n\n1554208460'), /the order of fields/],
  ])('is compared: %s', async (_, signed, expected) => {
    expect(await cause('wechatpay', args, rsa(signed))).toMatch(expected);
  });

  const pay = ['--appid', 'wx1', '--timestamp', '1', '--nonce', 'n', '--prepay-id', 'wxid'];

  it('is invoked by each client as it wants', async () => {
    expect(await sign('wechatpay', '--pay', 'jsapi', ...pay)).toMatchObject({
      string: 'wx1\n1\nn\nprepay_id=wxid\n',
      paySign: rsa('wx1\n1\nn\nprepay_id=wxid\n'),
    });
    expect(await sign('wechatpay', '--pay', 'app', ...pay)).toMatchObject({ string: 'wx1\n1\nn\nwxid\n', sign: rsa('wx1\n1\nn\nwxid\n') });
    const wrong = await sign('wechatpay', '--pay', 'jsapi', ...pay.slice(0, -2), '--package', 'wxid');
    expect(wrong).toMatchObject({ string: 'wx1\n1\nn\nwxid\n', remarks: [expect.stringContaining('prepay_id=')] });
  });

  it.each([
    ['jsapi', 'wx1\n1\nn\nwxid\n', /the bare prepay id/],
    ['app', 'wx1\n1\nn\nprepay_id=wxid\n', /prepay_id= was signed before the id/],
    ['app', 'wx1\n1\nn\nSign=WXPay\n', /Sign=WXPay/],
    ['jsapi', 'wx1\n1\nn\nprepay_id=wxid', /the last line feed/],
  ])('is compared as %s invokes it', async (client, signed, expected) => {
    expect(await cause('wechatpay', ['--pay', client, ...pay], rsa(signed))).toMatch(expected);
  });
});

describe('A request of UnionPay', () => {
  let world: Authority;
  const params = { txnType: '01', orderId: '12345678', signMethod: '01', version: '5.1.0', reserved: '', signature: 'old' };
  const file = desk.file(JSON.stringify(params));

  beforeAll(async () => {
    world = await authority();
  });

  it('is signed with the number of its certificate, from one file or two', async () => {
    const { privateKey: key, certificate } = world.merchant;
    const fields = { ...params, certId: BigInt('0x1002653215').toString() };
    const content = signedText({ ...fields, signature: '' });
    const both = await sign('unionpay', '--params', file, '--key', desk.file(`${certificate}\n${key}`));
    expect(both).toMatchObject({ string: content, certId: fields.certId, signature: signatureOf(content, key) });
    const apart = await sign('unionpay', '--params', file, '--key', desk.file(key), '--cert', desk.file(certificate));
    expect(apart.signature).toBe(both.signature);
    const withId = desk.file(JSON.stringify(fields));
    expect((await sign('unionpay', '--params', withId, '--key', desk.file(key))).signature).toBe(both.signature);
    expect((await sign('unionpay', '--params', file, '--key', desk.file(key))).remarks).toContainEqual(
      expect.stringContaining('certId is missing'),
    );
    const other = desk.file(JSON.stringify({ ...params, certId: '7' }));
    const remarks = (await sign('unionpay', '--params', other, '--key', desk.file(key), '--cert', desk.file(certificate))).remarks;
    expect(remarks).toContainEqual(expect.stringContaining('not that of the certificate'));
  });

  it('is compared', async () => {
    const { privateKey: key } = world.merchant;
    const args = ['--params', desk.file(JSON.stringify({ ...params, certId: '7' })), '--key', desk.file(key)];
    const content = signedText({ ...params, certId: '7', signature: '' });
    const direct = createSign('RSA-SHA256').update(content).sign(key, 'base64');
    expect(await cause('unionpay', args, direct)).toContain('not its SHA-256');
    expect(await cause('unionpay', args, signatureOf(content.replace('certId=7&', ''), key))).toContain('the field certId was not signed');
    expect(await sign('unionpay', ...args, '--expect', signatureOf(content, key))).toMatchObject({ code: 0, expected: 'same' });
  });

  it('is signed and compared by a secure key', async () => {
    const args = ['--params', file, '--secure-key', desk.file('88888888\n')];
    const eleven = await sign('unionpay', ...args, '--sign-method', '11');
    const twelve = await sign('unionpay', ...args, '--sign-method', '12');
    expect(eleven.signature).toMatch(/^[0-9a-f]{64}$/);
    expect(twelve.signature).not.toBe(eleven.signature);
    const compare = (expected: string) => cause('unionpay', [...args, '--sign-method', '11'], expected);
    expect(await compare(twelve.signature ?? '')).toContain('as for signMethod 12');
    expect(await compare((eleven.signature ?? '').toUpperCase())).toContain('capitals');
    expect(await compare('0'.repeat(64))).toContain('the secure key is another one');
    expect(await compare('AAAA')).toContain('no digest');
  });
});
