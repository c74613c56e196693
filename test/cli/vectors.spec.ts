import { useDesk, vectors, type Vector } from './support.js';

const desk = useDesk();

/** A member of a vector that is a text. */
function text(members: Readonly<Record<string, unknown>>, name: string): string {
  const value = members[name];
  if (typeof value !== 'string') throw new Error(`the vector has no ${name}`);
  return value;
}

const exit = ({ expected }: Vector): number => (expected.valid ? 0 : 1);

describe('verify-callback and the public vectors of Alipay', () => {
  it.each(vectors('alipay/alipay.v2.notify-verify'))('%s, in a form and in JSON', async (_, vector) => {
    const key = ['--key', desk.file(text(vector.keys, 'alipayPublicKeyPem'))];
    const bodies = [
      text(vector.inputs, 'formBody'),
      JSON.stringify(vector.inputs.params),
      `https://shop.example.com/back?${text(vector.inputs, 'formBody')}`,
    ];
    for (const body of bodies) {
      const { code, verdict, string } = await desk.print(['verify-callback', 'alipay', '--body', desk.file(body), ...key]);
      expect([code, verdict]).toEqual([exit(vector), vector.expected.valid ? 'verified' : 'not_verified']);
      expect(string).toMatch(/^(?:app_id|auth_app_id)=\d+&/);
    }
  });

  it.each(vectors('alipay/alipay.v2.response-verify'))('%s', async (_, vector) => {
    const args = ['--body', desk.file(text(vector.inputs, 'rawBody')), '--key', desk.file(text(vector.keys, 'alipayPublicKeyPem'))];
    for (const more of [[], ['--answer'], ['--answer', '--node', text(vector.inputs, 'responseKey')]]) {
      const { code, string } = await desk.print(['verify-callback', 'alipay', ...args, ...more]);
      expect(code).toBe(exit(vector));
      if (vector.expected['signedSubstring'] !== undefined) expect(string).toBe(vector.expected['signedSubstring']);
    }
  });

  it.each(vectors('alipay/alipay.v2.response-extract'))('%s: the string is found', async (_, { inputs, expected }) => {
    const [[, { keys }]] = vectors('alipay/alipay.v2.response-verify') as [[string, Vector]];
    const key = desk.file(text(keys, 'alipayPublicKeyPem'));
    const { string } = await desk.print([
      'verify-callback',
      'alipay',
      '--body',
      desk.file(text(inputs, 'rawBody')),
      '--answer',
      '--key',
      key,
    ]);
    expect(string).toBe(expected['signedSubstring']);
  });

  it.each(vectors('alipay/alipay.v3.response-verify'))('%s', async (_, vector) => {
    const names = ['timestamp', 'nonce', 'signature'];
    const headers = desk.file(names.map((name) => `alipay-${name}: ${text(vector.inputs, name)}\r\n`).join(''));
    const args = [
      '--headers',
      headers,
      '--body',
      desk.file(text(vector.inputs, 'body')),
      '--key',
      desk.file(text(vector.keys, 'alipayPublicKeyPem')),
    ];
    expect((await desk.run(['verify-callback', 'alipay', ...args])).code).toBe(exit(vector));
    expect((await desk.run(['verify-callback', 'alipay', ...args, '--answer'])).code).toBe(exit(vector));
  });
});

describe('verify-callback and the public vectors of WeChat Pay', () => {
  function keysOf({ keys }: Vector): string[] {
    return Object.entries(keys.platformKeys ?? {}).flatMap(([serial, pem]) => ['--key', `${serial}=${desk.file(pem)}`]);
  }

  function argsOf(vector: Vector): string[] {
    const headers = desk.file(JSON.stringify(vector.inputs.headers));
    const body = desk.file(text(vector.inputs, 'body'));
    return ['verify-callback', 'wechatpay', '--headers', headers, '--body', body, '--at', String(vector.inputs['now']), ...keysOf(vector)];
  }

  it.each(vectors('wechatpay/wechat.http-verify'))('%s', async (_, vector) => {
    const { code, reason } = await desk.print(argsOf(vector));
    expect([code, reason]).toEqual([exit(vector), vector.expected.reason ?? null]);
    expect((await desk.run([...argsOf(vector), '--answer'])).code).toBe(exit(vector));
  });

  it.each(vectors('wechatpay/wechat.notify'))('%s', async (_, vector) => {
    const { code, reason, resource, notice } = await desk.print([
      ...argsOf(vector),
      '--api-v3-key',
      desk.file(`${text(vector.keys, 'apiV3Key')}\n`),
    ]);
    expect([code, reason]).toEqual([exit(vector), vector.expected.reason ?? null]);
    if (!vector.expected.valid) return;
    expect(resource).toBe(vector.expected['resource']);
    expect(notice).toMatchObject({ kind: 'notice', amount: { currency: 'CNY' } });
  });

  it.each(vectors('wechatpay/wechat.rsa-verify'))('%s', async (_, vector) => {
    const { inputs, keys } = vector;
    const headers = { 'Wechatpay-Serial': inputs['serial'], 'Wechatpay-Signature': inputs['signature'] };
    const args = ['--headers', desk.file(JSON.stringify(headers)), '--string', desk.file(text(inputs, 'message')), ...keysOf(vector)];
    const ended = await desk.run(['verify-callback', 'wechatpay', ...args, '--json']);
    // Without any key there is nothing to verify with.
    if (Object.keys(keys.platformKeys ?? {}).length === 0)
      expect(ended).toMatchObject({ code: 2, err: expect.stringContaining('--key') as string });
    else {
      expect(ended.code).toBe(exit(vector));
      expect(JSON.parse(ended.out)).toMatchObject({ reason: vector.expected.reason ?? null, string: inputs['message'] });
    }
  });
});

describe('verify-callback and the public vectors of UnionPay', () => {
  it.each(vectors('unionpay/unionpay.verify'))('%s', async (_, vector) => {
    const { inputs, keys, expected } = vector;
    const root = desk.file(text(keys, 'rootPem'));
    const middle = desk.file(text(keys, 'middlePem'));
    const raw = inputs['rawBody'] as string | undefined;
    const bodies = raw === undefined ? [new URLSearchParams(inputs.params).toString(), JSON.stringify(inputs.params)] : [raw];
    const anchors = [
      ['--root', root, '--middle', middle],
      ['--key', root, '--key', middle],
      ['--key', middle, '--root', root],
    ];
    for (const body of bodies) {
      for (const given of anchors) {
        const args = ['--body', desk.file(body), '--at', text(inputs, 'at'), ...given, ...(raw === undefined ? [] : ['--answer'])];
        const { code, reason } = await desk.print(['verify-callback', 'unionpay', ...args]);
        expect(code).toBe(exit(vector));
        expect(reason).toEqual(expected.reason === 'any' ? expect.any(String) : (expected.reason ?? null));
      }
    }
    if (raw !== undefined)
      expect(
        (
          await desk.run([
            'verify-callback',
            'unionpay',
            '--body',
            desk.file(raw),
            '--at',
            text(inputs, 'at'),
            '--root',
            root,
            '--middle',
            middle,
          ])
        ).code,
      ).toBe(exit(vector));
  });
});

describe('sign and the public vectors', () => {
  /** Signs with the private key, compares with it and with the public one. */
  async function signs(args: readonly string[], vector: Vector, privateKey: unknown, publicKey: unknown, signature: string): Promise<void> {
    const { expected } = vector;
    if (typeof privateKey === 'string') {
      const signed = await desk.print(['sign', ...args, '--key', desk.file(privateKey)]);
      expect(signed.signature === signature).toBe(expected.valid);
      const string = expected['signContent'] ?? expected['message'] ?? expected['signString'];
      if (string !== undefined) expect(signed.string).toBe(string);
      if (expected['authorization'] !== undefined) {
        // The fields may come in any order.
        const parts = (header: unknown): string[] => String(header).split(/[ ,]/).sort();
        expect(parts(signed['authorization'])).toEqual(parts(expected['authorization']));
      }
    }
    for (const key of [privateKey, publicKey].filter((one) => typeof one === 'string')) {
      const compared = await desk.print(['sign', ...args, '--key', desk.file(key), '--expect', signature]);
      expect([compared.code, compared.expected]).toEqual([exit(vector), expected.valid ? 'same' : 'different']);
      expect(compared.cause === null).toBe(expected.valid);
    }
  }

  it.each(vectors('alipay/alipay.v2.request-sign'))('%s', async (_, vector) => {
    const params = desk.file(JSON.stringify(vector.inputs.params));
    const { appPrivateKeyPem, appPublicKeyPem } = vector.keys;
    await signs(['alipay', '--params', params], vector, appPrivateKeyPem, appPublicKeyPem, text(vector.expected, 'sign'));
  });

  it.each(vectors('alipay/alipay.v3.request-sign'))('%s', async (_, vector) => {
    const { inputs, keys } = vector;
    const args = ['--auth-string', text(inputs, 'authString'), '--method', text(inputs, 'method'), '--url', text(inputs, 'uri')];
    const { appPrivateKeyPem, appPublicKeyPem } = keys;
    await signs(
      ['alipay', ...args, '--body', desk.file(text(inputs, 'body'))],
      vector,
      appPrivateKeyPem,
      appPublicKeyPem,
      text(vector.expected, 'sign'),
    );
  });

  function requestArgs({ inputs }: Vector): string[] {
    const { method, uri, timestamp, nonce } = inputs;
    const options = { method, url: uri, timestamp, nonce, mchid: inputs['mchid'], serial: inputs['serial'] };
    const given = Object.entries(options).flatMap(([name, value]) => (typeof value === 'string' ? [`--${name}`, value] : []));
    return ['wechatpay', ...given, '--body', desk.file(text(inputs, 'body'))];
  }

  it.each(vectors('wechatpay/wechat.request-message'))('%s', async (_, vector) => {
    expect((await desk.print(['sign', ...requestArgs(vector)])).string).toBe(vector.expected['message']);
  });

  it.each(vectors('wechatpay/wechat.request-sign'))('%s', async (_, vector) => {
    const { merchantPrivateKeyPem, merchantPublicKeyPem } = vector.keys;
    await signs(requestArgs(vector), vector, merchantPrivateKeyPem, merchantPublicKeyPem, text(vector.expected, 'signature'));
  });

  it.each(vectors('wechatpay/wechat.pay-sign'))('%s', async (_, vector) => {
    const { inputs, keys } = vector;
    const args = [
      'wechatpay',
      '--pay',
      text(inputs, 'channel'),
      '--appid',
      text(inputs, 'appId'),
      '--timestamp',
      text(inputs, 'timeStamp'),
    ];
    const given = [...args, '--nonce', text(inputs, 'nonceStr'), '--package', text(inputs, 'package')];
    const { merchantPrivateKeyPem, merchantPublicKeyPem } = keys;
    await signs(given, vector, merchantPrivateKeyPem, merchantPublicKeyPem, text(vector.expected, 'paySign'));
  });

  it.each(vectors('wechatpay/wechat.rsa-sign'))('%s', async (_, { inputs, keys, expected }) => {
    const args = ['wechatpay', '--string', desk.file(text(inputs, 'message')), '--key', desk.file(text(keys, 'merchantPrivateKeyPem'))];
    expect((await desk.print(['sign', ...args])).signature).toBe(expected['signature']);
  });

  it.each(vectors('unionpay/unionpay.request-sign'))('%s', async (_, vector) => {
    const { inputs, keys, expected } = vector;
    const params = desk.file(JSON.stringify(inputs.params));
    const key = desk.file(text(keys, 'merchantPrivateKeyPem'));
    const cert = desk.file(text(keys, 'merchantCertPem'));
    const { digest, certId } = await desk.print(['sign', 'unionpay', '--params', params, '--key', key, '--cert', cert]);
    expect([digest, certId]).toEqual([expected['digestHex'] ?? digest, expected['certId'] ?? certId]);
    const both = `${text(keys, 'merchantPrivateKeyPem')}${text(keys, 'merchantCertPem')}`;
    await signs(['unionpay', '--params', params], vector, both, keys['merchantCertPem'], text(expected, 'signature'));
  });

  it.each(vectors('unionpay/unionpay.secure-key-sign'))('%s', async (_, vector) => {
    const { inputs, expected } = vector;
    const given = ['--params', desk.file(JSON.stringify(inputs.params)), '--secure-key', desk.file(text(inputs, 'secureKey'))];
    const { code, signature } = await desk.print(['sign', 'unionpay', ...given, '--expect', text(expected, 'signature')]);
    expect([code, signature === expected['signature']]).toEqual([exit(vector), expected.valid]);
  });
});
