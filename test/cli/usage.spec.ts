import { generateKeyPairSync } from 'node:crypto';
import { API_V3_KEY, ours as merchant, paymentNotice, PUBLIC_KEY_ID, wechats } from '../payment/wechatpay/support.js';
import { alipays, ours, signedNotice } from '../payment/alipay/support.js';
import { authority } from '../payment/unionpay/authority.js';
import { noticeBody } from '../payment/unionpay/support.js';
import { useDesk } from './support.js';

const desk = useDesk();
const spki = { type: 'spki', format: 'pem' } as const;
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;

const notice = desk.file(signedNotice(), 'notice.txt');
const alipayKey = desk.file(alipays.publicKey.export(spki), 'alipay.pem');
const privateKey = desk.file(ours.privateKey.export(pkcs8), 'private.pem');
const verified = ['verify-callback', 'alipay', '--body', notice, '--key', alipayKey];

describe('What can be run', () => {
  it.each([
    ['--help', ['--help'], /verify-callback .* sign/s],
    ['-h', ['-h'], /Exit codes/],
    ['help', ['help'], /Exit codes/],
    ['verify-callback --help', ['verify-callback', '--help'], /--api-v3-key FILE.*--root FILE/s],
    ['verify-callback alipay --help', ['verify-callback', 'alipay', '--help'], /--keep-sign-type/],
    ['sign --help', ['sign', '--help'], /--auth-string TEXT.*--prepay-id ID.*--secure-key FILE/s],
  ])('%s prints help with an example a gateway, and ends with 0', async (_, args, says) => {
    const { code, out, err } = await desk.run(args);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(says);
    if (args.length > 1)
      for (const gateway of ['alipay', 'wechatpay', 'unionpay']) expect(out).toContain(`npx suanpan ${args[0] ?? ''} ${gateway} --`);
  });

  it('help has lines that fit a terminal', async () => {
    const texts = await Promise.all([['--help'], ['sign', '--help'], ['verify-callback', '--help']].map((args) => desk.run(args)));
    expect(texts.flatMap(({ out }) => out.split('\n')).filter((line) => line.length > 120)).toEqual([]);
  });
});

describe('What cannot be used ends with 2 and one line', () => {
  const wechat = ['verify-callback', 'wechatpay', '--headers', desk.file('a: b'), '--body', notice];
  const params = desk.file('{"a":"1"}');

  it.each<[string, readonly string[], RegExp]>([
    ['no command', [], /no command is given/],
    ['an unknown command', ['verify'], /there is no command verify: there are verify-callback and sign/],
    ['no gateway', ['verify-callback'], /the gateway must come first: alipay, wechatpay, unionpay/],
    ['options before the gateway', ['sign', '--key', 'x', 'alipay'], /the gateway must come first/],
    ['an unknown gateway', ['verify-callback', 'wechat'], /there is no gateway wechat/],
    ['an unknown option', [...verified, '--verbose'], /Unknown option '--verbose'/],
    ["another gateway's option", [...verified, '--root', 'x'], /Unknown option '--root'/],
    ['an option without its value', ['verify-callback', 'alipay', '--body'], /'--body <value>' argument missing/],
    ['an option twice', [...verified, '--body', notice], /--body is given twice/],
    ['a stray word', [...verified, 'stray'], /Unexpected argument 'stray'/],
    ['no body', ['verify-callback', 'alipay', '--key', alipayKey], /--body is missing/],
    [
      'a body that is not there',
      ['verify-callback', 'alipay', '--body', 'nowhere', '--key', alipayKey],
      /--body: nowhere cannot be read \(ENOENT\)/,
    ],
    ['a folder', ['verify-callback', 'alipay', '--body', '.', '--key', alipayKey], /cannot be read \(EISDIR\)/],
    ['no key', ['verify-callback', 'alipay', '--body', notice], /--key FILE, or ALIPAY_PUBLIC_KEY_FILE/],
    ['no key of WeChat Pay', wechat, /--key FILE, or WECHATPAY_PUBLIC_KEY_FILE/],
    ['no headers', ['verify-callback', 'wechatpay', '--body', notice, '--key', alipayKey], /--headers is missing/],
    [
      'headers that are none',
      ['verify-callback', 'wechatpay', '--headers', notice, '--body', notice, '--key', alipayKey],
      /--headers: holds neither/,
    ],
    [
      'headers in broken JSON',
      ['verify-callback', 'wechatpay', '--headers', desk.file('{"a":'), '--body', notice, '--key', alipayKey],
      /--headers: begins like a JSON object/,
    ],
    ['no certificates', ['verify-callback', 'unionpay', '--body', notice], /the root and the middle certificate are missing/],
    [
      'a key for a certificate',
      ['verify-callback', 'unionpay', '--body', notice, '--root', alipayKey, '--middle', alipayKey],
      /is no PEM file with a certificate/,
    ],
    ['a file that is no key', ['verify-callback', 'alipay', '--body', notice, '--key', notice], /notice\.txt is no PEM file/],
    [
      'a key without its armour',
      ['verify-callback', 'alipay', '--body', notice, '--key', desk.file('MIIB'.repeat(80))],
      /without the line -----BEGIN PUBLIC KEY-----/,
    ],
    [
      'a broken key',
      ['verify-callback', 'alipay', '--body', notice, '--key', desk.file('-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----')],
      /cannot be read/,
    ],
    [
      'a broken certificate',
      ['verify-callback', 'alipay', '--body', notice, '--key', desk.file('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')],
      /cannot be read/,
    ],
    [
      'a private key',
      ['verify-callback', 'alipay', '--body', notice, '--key', privateKey],
      /holds a private key, and a public one verifies/,
    ],
    [
      'a key of another kind',
      ['verify-callback', 'alipay', '--body', notice, '--key', desk.file(generateKeyPairSync('ed25519').publicKey.export(spki))],
      /no RSA key/,
    ],
    ['a time that is none', [...verified, '--at', 'yesterday'], /--at: must be like/],
    ['a time without its zone', [...verified, '--at', '2026-01-05T10:12:34'], /--at: must be like/],
    ['an empty API v3 key', [...wechat, '--key', alipayKey, '--api-v3-key', desk.file('\n')], /the file is empty/],
    ['a body and a string', [...wechat, '--key', alipayKey, '--string', notice], /are not given both/],
    ['a body beside parameters', ['sign', 'alipay', '--params', params, '--body', params], /--body says nothing beside --params/],
    [
      'parameters beside version 3',
      ['sign', 'alipay', '--params', params, '--auth-string', 'x'],
      /--params says nothing beside --auth-string/,
    ],
    ['a method beside a client', ['sign', 'wechatpay', '--pay', 'app', '--method', 'GET'], /--method says nothing beside --pay/],
    ['a client without --pay', ['sign', 'wechatpay', '--appid', 'wx1'], /needs --pay/],
    ['a method beside a string', ['sign', 'wechatpay', '--string', params, '--nonce', 'n'], /--nonce says nothing beside --string/],
    [
      'a certificate beside a secure key',
      ['sign', 'unionpay', '--params', params, '--secure-key', params, '--cert', 'x'],
      /--cert says nothing beside --secure-key/,
    ],
    ['nothing to sign', ['sign', 'alipay', '--key', privateKey], /--params is missing/],
    [
      'parameters that are none',
      ['sign', 'alipay', '--params', notice],
      /notice\.txt begins like a JSON object and is none|is no JSON object/,
    ],
    ['a null among them', ['sign', 'alipay', '--params', desk.file('{"a":null}')], /has null for a/],
    ['a list of them', ['sign', 'unionpay', '--params', desk.file('[1]')], /is no JSON object/],
    ['a public key to sign with', ['sign', 'alipay', '--params', params, '--key', alipayKey], /holds no private key/],
    [
      'a protected key',
      [
        'sign',
        'alipay',
        '--params',
        params,
        '--key',
        desk.file(ours.privateKey.export({ ...pkcs8, cipher: 'aes-256-cbc', passphrase: 'x' })),
      ],
      /a password protects/,
    ],
    ['nothing to compare with', ['sign', 'alipay', '--params', params, '--expect', 'x'], /--key is missing/],
    ['another client', ['sign', 'wechatpay', '--pay', 'web'], /--pay: must be jsapi/],
    ['no prepay id', ['sign', 'wechatpay', '--pay', 'app', '--appid', 'wx1'], /--prepay-id is missing/],
    ['another digest', ['sign', 'unionpay', '--params', params, '--secure-key', params, '--sign-method', '10'], /must be 11/],
    [
      'a body that is not UTF-8',
      ['sign', 'wechatpay', '--method', 'POST', '--url', '/', '--body', desk.file(Buffer.from([0xff]))],
      /is not in UTF-8/,
    ],
    ['a method of another kind', ['sign', 'alipay', '--auth-string', 'x', '--method', 'get', '--url', '/'], /GET or POST/],
  ])('%s', async (_, args, says) => {
    const { code, out, err } = await desk.run(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(says);
    expect(args.length === 0 ? '' : err.trimEnd()).not.toContain('\n');
    expect(err).not.toMatch(/ at .*\.[jt]s:\d/);
  });
});

describe('Inputs', () => {
  const { headers, body } = paymentNotice();
  const rest = ['--body', desk.file(body), '--at', '1767579060', '--key', `${PUBLIC_KEY_ID}=${desk.file(wechats.publicKey.export(spki))}`];
  const lines = (end: string): string =>
    Object.entries(headers)
      .map(([name, value]) => `${name.toUpperCase()}:  ${value} ${end}`)
      .join('');

  it.each<[string, string]>([
    ['a JSON object', JSON.stringify(headers)],
    ['a JSON object with lists and a byte order mark', `\uFEFF${JSON.stringify({ ...headers, accept: ['a', 'b'], length: 5 })}`],
    [
      'a JSON object of lists, as Go writes them',
      JSON.stringify(Object.fromEntries(Object.entries(headers).map(([n, value]) => [n, [value]]))),
    ],
    ['a JSON object with one that is null', JSON.stringify({ ...headers, cookie: null })],
    ['lines', lines('\n')],
    ['lines as HTTP has them', `POST /notify HTTP/1.1\r\n${lines('\r\n')}\r\n`],
  ])('headers may come as %s', async (_, text) => {
    expect((await desk.run(['verify-callback', 'wechatpay', '--headers', desk.file(text), ...rest])).code).toBe(0);
  });

  it.each(['1767579060', '1767579060000', '2026-01-05T10:11:00+08:00', '2026-01-05T02:11:00.000Z', '2026-01-05T02:11Z'])(
    'the clock may be %s',
    async (at) => {
      const args = ['--headers', desk.file(lines('\n')), ...rest.map((argument) => (argument === '1767579060' ? at : argument))];
      expect((await desk.run(['verify-callback', 'wechatpay', ...args])).code).toBe(0);
    },
  );

  it('a body or a key may come from the standard input', async () => {
    expect((await desk.run(['verify-callback', 'alipay', '--body', '-', '--key', alipayKey], {}, signedNotice())).code).toBe(0);
    expect(
      (await desk.run(['verify-callback', 'alipay', '--body', notice, '--key', '-'], {}, alipays.publicKey.export(spki).toString())).code,
    ).toBe(0);
  });

  it('but not both', async () => {
    const ended = await desk.run(['verify-callback', 'alipay', '--body', '-', '--key', '-'], {}, alipays.publicKey.export(spki).toString());
    expect(ended).toMatchObject({ code: 2, err: expect.stringContaining('the standard input is read for --key already') as string });
  });

  it('the API v3 key may be in the file that the simulator writes', async () => {
    const key = desk.file(`Suanpan simulator key: never for production\n${API_V3_KEY}\n`);
    const args = ['--headers', desk.file(JSON.stringify(headers)), ...rest, '--api-v3-key', key];
    expect(await desk.print(['verify-callback', 'wechatpay', ...args])).toMatchObject({ code: 0, notice: { says: 'paid' } });
  });

  it('headers may be none at all, and then it is not verified', async () => {
    for (const none of ['{}', '', '\n']) {
      const args = ['verify-callback', 'wechatpay', '--headers', desk.file(none), ...rest];
      expect(await desk.print(args)).toMatchObject({ code: 1, reason: 'headers' });
    }
  });

  it('a header that is null is one that is not there', async () => {
    const without = desk.file(JSON.stringify({ ...headers, 'Wechatpay-Signature': null, 'wechatpay-signature': null }));
    expect(await desk.print(['verify-callback', 'wechatpay', '--headers', without, ...rest])).toMatchObject({ code: 1, reason: 'headers' });
  });

  it('keys are those of the environment where none is given', async () => {
    const env = {
      ALIPAY_PUBLIC_KEY_FILE: alipayKey,
      // Not needed to verify, so that it may be missing.
      ALIPAY_PRIVATE_KEY_FILE: 'nowhere.pem',
      WECHATPAY_PUBLIC_KEY_ID: PUBLIC_KEY_ID,
      WECHATPAY_PUBLIC_KEY_FILE: desk.file(wechats.publicKey.export(spki)),
      WECHATPAY_API_V3_KEY: API_V3_KEY,
    };
    expect((await desk.run(['verify-callback', 'alipay', '--body', notice], env)).code).toBe(0);
    const wechat = ['verify-callback', 'wechatpay', '--headers', desk.file(JSON.stringify(headers)), ...rest.slice(0, 4)];
    expect(await desk.print(wechat, env)).toMatchObject({ code: 0, key: 'WECHATPAY_PUBLIC_KEY_FILE', notice: { says: 'paid' } });
    const broken = await desk.run(['verify-callback', 'alipay', '--body', notice], { ALIPAY_PUBLIC_KEY_FILE: 'nowhere.pem' });
    expect(broken).toMatchObject({
      code: 2,
      err: expect.stringContaining('ALIPAY_PUBLIC_KEY_FILE: nowhere.pem cannot be read (ENOENT)') as string,
    });
  });

  it('the certificates of the environment say which names UnionPay may bear', async () => {
    const world = await authority();
    const env = {
      UNIONPAY_ROOT_CERT_FILE: desk.file(world.root.certificate),
      UNIONPAY_MIDDLE_CERT_FILE: desk.file(world.middle.certificate),
    };
    const args = ['verify-callback', 'unionpay', '--body', desk.file(noticeBody(world.tester))];
    expect((await desk.run(args, env)).code).toBe(1);
    expect((await desk.run(args, { ...env, UNIONPAY_GATEWAY_URL: 'https://gateway.test.95516.com' })).code).toBe(0);
    expect((await desk.run([...args, '--test-environment'], env)).code).toBe(0);
  });
});

describe('What is printed', () => {
  it('begins with the verdict and ends with the string, exactly', async () => {
    const { out } = await desk.run(verified);
    const { string } = await desk.print(verified);
    expect(out).toMatch(/^VERIFIED {9}/);
    expect(out).toContain(`-----\n${string ?? ''}\n----- end -----\n`);
    expect((await desk.run([...verified.slice(0, -1), privateKey])).code).toBe(2);
  });

  it('says nothing to the terminal that the message would have it say', async () => {
    const args = [
      'verify-callback',
      'alipay',
      '--key',
      alipayKey,
      '--body',
      desk.file(signedNotice({ subject: '\u001b[2J\u0007\u202e!' })),
    ];
    const { out } = await desk.run(args);
    expect(out).toMatch(/^VERIFIED/);
    expect(out).toContain('\\u001b[2J\\u0007\\u202e!');
    expect(out).not.toMatch(/[\u001b\u0007\u202e]/);
    expect((await desk.print(args)).string).toContain('\u001b[2J');
  });

  it('has no secret in it, whatever goes wrong', async () => {
    const env = { WECHATPAY_PRIVATE_KEY_FILE: desk.file(merchant.privateKey.export(pkcs8)), WECHATPAY_API_V3_KEY: API_V3_KEY };
    const params = desk.file('{"signMethod":"11","a":"1"}');
    const { headers, body } = paymentNotice({ apiV3Key: 'x'.repeat(32) });
    const message = [
      '--headers',
      desk.file(JSON.stringify(headers)),
      '--body',
      desk.file(body),
      '--at',
      '1767579060',
      '--key',
      desk.file(wechats.publicKey.export(spki)),
    ];
    const runs: (readonly string[])[] = [
      ['verify-callback', 'wechatpay', ...message, '--api-v3-key', desk.file(API_V3_KEY)],
      ['verify-callback', 'wechatpay', ...message, '--api-v3-key', desk.file(`${API_V3_KEY}extra`)],
      ['verify-callback', 'wechatpay', ...message.slice(0, -1), privateKey],
      ['sign', 'alipay', '--params', params, '--key', privateKey],
      ['sign', 'unionpay', '--params', params, '--secure-key', desk.file('SECURE-KEY-CANARY')],
      ['sign', 'unionpay', '--params', params, '--secure-key', desk.file('SECURE-KEY-CANARY'), '--expect', 'x'],
      ['sign', 'alipay', '--params', privateKey],
    ];
    const ended = await Promise.all(runs.flatMap((args) => [desk.run(args, env), desk.run([...args, '--json'], env)]));
    const printed = ended.map(({ out, err }) => out + err).join('');
    const [, line = ''] = ours.privateKey.export(pkcs8).toString().split('\n');
    for (const secret of [API_V3_KEY, 'SECURE-KEY-CANARY', line, line.slice(0, 32)]) expect(printed).not.toContain(secret);
    expect(printed.length).toBeGreaterThan(1_000);
  });
});
