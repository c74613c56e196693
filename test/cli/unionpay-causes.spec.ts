import { createHash, createSign } from 'node:crypto';
import { authority, type Authority } from '../payment/unionpay/authority.js';
import { noticeBody, noticeFields, NOW, rawBody, signed, signedText } from '../payment/unionpay/support.js';
import { useDesk, type Printed } from './support.js';

const desk = useDesk();
let world: Authority;
let anchors: readonly string[];

beforeAll(async () => {
  world = await authority();
  anchors = ['--root', desk.file(world.root.certificate, 'root.pem'), '--middle', desk.file(world.middle.certificate, 'middle.pem')];
});

function verify(body: string | Buffer, more: readonly string[] = [], at = NOW, given = anchors): Promise<Printed & { code: number }> {
  return desk.print(['verify-callback', 'unionpay', '--body', desk.file(body), '--at', at.toISOString(), ...given, ...more]);
}

type Values = Readonly<Record<string, string>>;

/** A notice whose signature is over what the mistake makes of it. */
function mistaken(content: (text: string, fields: Values) => string | Buffer, fields: Values = noticeFields): string {
  const complete = { ...fields, signPubKeyCert: world.unionpay.certificate.trim() };
  const signature = createSign('RSA-SHA256')
    .update(content(signedText(complete), complete))
    .sign(world.unionpay.privateKey, 'base64');
  return new URLSearchParams({ ...complete, signature }).toString();
}

const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
const unsorted = (fields: Values): string =>
  Object.entries(fields)
    .map((pair) => pair.join('='))
    .join('&');

describe('A message of UnionPay that does not verify: the cause', () => {
  it('is none where it verifies', async () => {
    const printed = await verify(noticeBody(world.unionpay));
    expect(printed).toMatchObject({
      code: 0,
      verdict: 'verified',
      reason: null,
      cause: null,
      notice: { says: 'paid', amount: { amount: 8_888 } },
    });
    expect(printed['digest']).toBe(sha256(printed.string ?? ''));
  });

  it.each<[string, () => string, string, RegExp]>([
    ['a line break at the end of the file', () => `${noticeBody(world.unionpay)}\n`, 'signature', /ends with a line break/],
    [
      'a value that was changed',
      () => noticeBody(world.unionpay).replace('txnAmt=8888', 'txnAmt=8889'),
      'signature',
      /the key is the right one/,
    ],
    ['a field that was added', () => `${noticeBody(world.unionpay)}&shop=1`, 'signature', /the field shop was not signed/],
    ['the string itself', () => mistaken((text) => text), 'signature', /not its SHA-256/],
    ['a digest in capitals', () => mistaken((text) => sha256(text).toUpperCase()), 'signature', /in capitals/],
    ['a digest as bytes', () => mistaken((text) => Buffer.from(sha256(text), 'hex')), 'signature', /as bytes/],
    ['a string that was not sorted', () => mistaken((_, fields) => sha256(unsorted(fields))), 'signature', /the order of fields/],
    [
      'empty fields in the string',
      () =>
        mistaken(
          (_, fields) =>
            sha256(
              Object.keys(fields)
                .sort()
                .map((name) => `${name}=${fields[name] ?? ''}`)
                .join('&'),
            ),
          { ...noticeFields, reserved: '' },
        ),
      'signature',
      /empty fields/,
    ],
    ['SHA-1 in the digest', () => mistaken((text) => createHash('sha1').update(text).digest('hex')), 'signature', /5\.0\.0, over a SHA-1/],
    ['another key', () => noticeBody({ ...world.unionpay, privateKey: world.forger.privateKey }), 'signature', /^wrong key/],
    ['version 5.0.0', () => noticeBody(world.unionpay, { version: '5.0.0' }), 'signature', /version=5\.1\.0/],
    ['a secure key', () => noticeBody(world.unionpay, { signMethod: '11' }), 'signature', /secure key/],
    ['no signature', () => noticeBody(world.unionpay).replace(/&signature=.*$/, ''), 'missing', /cut off or changed/],
    ['no certificate', () => noticeBody(world.unionpay).replace(/&signPubKeyCert=[^&]*/, ''), 'missing', /5\.0\.0/],
    ['a certificate that is none', () => noticeBody(world.unionpay).replace(/MII/, 'AAA'), 'cert', /was changed on the way/],
    [
      'an answer that was read like a form',
      () =>
        noticeBody(world.unionpay)
          .replace(/%0D%0A/g, '+')
          .replaceAll('%2B', '+'),
      'cert',
      /arrived as spaces/,
    ],
    [
      'another authority',
      () => noticeBody(world.stranger),
      'chain',
      /wrong root or middle certificate: signPubKeyCert was issued by .*Test CS CA/,
    ],
    ['a certificate that has expired', () => noticeBody(world.expired), 'expired', /the clock/],
    ['a merchant', () => noticeBody(world.forger), 'cn', /a merchant or of somebody else/],
    ['the test environment', () => noticeBody(world.tester), 'cn', /--test-environment/],
    ['a body that is no form', () => 'sorry', 'malformed', /not what UnionPay sent/],
    ['an empty body', () => '', 'malformed', /the body is empty/],
  ])('%s', async (_, body, reason, cause) => {
    const printed = await verify(body());
    expect(printed).toMatchObject({ code: 1, verdict: 'not_verified', reason });
    expect(printed.cause).toMatch(cause);
    expect(printed.notice).toBeUndefined();
  });

  it('is nothing in the test environment, where that is said', async () => {
    expect((await verify(noticeBody(world.tester), ['--test-environment'])).code).toBe(0);
    expect((await verify(noticeBody(world.unionpay), ['--test-environment'])).code).toBe(0);
    expect((await verify(noticeBody(world.forger), ['--test-environment'])).code).toBe(1);
  });

  it('is nothing where the certificate counted at the time', async () => {
    expect((await verify(noticeBody(world.expired), [], new Date('2025-01-01T00:00:00Z'))).code).toBe(0);
  });

  it('is the certificates, where root and middle were given the wrong way round', async () => {
    const [, root = '', , middle = ''] = anchors;
    expect(await verify(noticeBody(world.unionpay), [], NOW, ['--root', middle, '--middle', root])).toMatchObject({
      code: 1,
      reason: 'chain',
    });
    expect((await verify(noticeBody(world.unionpay), [], NOW, ['--key', middle, '--key', root])).code).toBe(0);
  });

  it('reads answers with and without being told', async () => {
    // An `&` outside of braces ends a value, in an answer of which nothing is encoded.
    const answer = rawBody(signed({ ...noticeFields, reqReserved: '{a=1&b=2}' }, world.unionpay));
    expect(await verify(answer)).toMatchObject({ code: 0, readAs: expect.stringContaining('answer') as string });
    expect((await verify(answer, ['--answer'])).code).toBe(0);
    // A line break after it is the transport's, and not a part of what is signed.
    expect((await verify(`${answer}\n`, ['--answer'])).code).toBe(0);
    expect((await verify(JSON.stringify(signed(noticeFields, world.unionpay)))).code).toBe(0);
  });

  it('reads decoded fields in the charset that they name', async () => {
    const complete = {
      ...noticeFields,
      encoding: 'GBK',
      respMsg: '成功',
      reqReserved: '',
      signPubKeyCert: world.unionpay.certificate.trim(),
    };
    const [before = '', after = ''] = signedText(complete).split('成功');
    const inGbk = Buffer.concat([Buffer.from(before), Buffer.from('b3c9b9a6', 'hex'), Buffer.from(after)]);
    const signature = createSign('RSA-SHA256').update(sha256(inGbk)).sign(world.unionpay.privateKey, 'base64');
    expect((await verify(JSON.stringify({ ...complete, signature }))).code).toBe(0);
    expect((await verify(JSON.stringify({ ...complete, encoding: 'UTF-8', signature }))).code).toBe(1);
  });
});
