import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { answerText } from '../../simulator/alipay/answer.js';
import { noticeText, requestText, rsa2, verifiesRsa2 } from '../../simulator/alipay/signing.js';
import { signedSubstring, sharedKeys } from './support.js';

interface Vector {
  id: string;
  inputs: { params: Record<string, string>; formBody: string; rawBody: string; responseKey: string };
  keys: { appPrivateKeyPem: string; appPublicKeyPem: string; alipayPublicKeyPem: string };
  expected: { valid: boolean; sign: string; signContent?: string; signedSubstring: string };
}

function vectors(kind: string): Vector[] {
  const file = join(process.cwd(), 'test/vectors/alipay', `alipay.v2.${kind}.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }).vectors;
}

describe("The simulator's signatures, against ones that others made", () => {
  it.each(vectors('request-sign').map((vector) => [vector.id, vector] as const))(
    'verifies requests: %s',
    (_id, { inputs, keys, expected }) => {
      const text = requestText(inputs.params);
      if (expected.signContent !== undefined) expect(text).toBe(expected.signContent);
      expect(verifiesRsa2(text, expected.sign, createPublicKey(keys.appPublicKeyPem))).toBe(expected.valid);
      if (expected.valid) expect(rsa2(text, createPrivateKey(keys.appPrivateKeyPem))).toBe(expected.sign);
    },
  );

  it.each(vectors('notify-verify').map((vector) => [vector.id, vector] as const))(
    'agrees on notices: %s',
    (_id, { inputs, keys, expected }) => {
      const decoded = Object.fromEntries(new URLSearchParams(inputs.formBody));
      expect(decoded).toEqual(inputs.params);
      expect(verifiesRsa2(noticeText(decoded), decoded.sign ?? '', createPublicKey(keys.alipayPublicKeyPem))).toBe(expected.valid);
    },
  );

  it.each(vectors('response-verify').map((vector) => [vector.id, vector] as const))(
    'agrees on answers: %s',
    (_id, { inputs, keys, expected }) => {
      const { sign } = JSON.parse(inputs.rawBody) as { sign: string };
      const signed = signedSubstring(inputs.rawBody, inputs.responseKey);
      expect(verifiesRsa2(signed, sign, createPublicKey(keys.alipayPublicKeyPem))).toBe(expected.valid);
    },
  );

  it.each(vectors('response-extract').map((vector) => [vector.id, vector] as const))(
    'finds what is signed: %s',
    (_id, { inputs, expected }) => {
      expect(signedSubstring(inputs.rawBody, inputs.responseKey)).toBe(expected.signedSubstring);
    },
  );

  it('signs an answer over exactly the bytes that it sends, with slashes escaped', async () => {
    const { alipayPrivateKey, alipayPublicKey } = (await sharedKeys()).alipay;
    const fields = { code: '10000', url: 'http://a/b', tricky: '"sign":"}{' };
    const key = { privateKey: createPrivateKey(alipayPrivateKey), certificateSn: null };
    const text = answerText('alipay_trade_query_response', fields, key);
    const signed = signedSubstring(text, 'alipay_trade_query_response');
    expect(signed).toContain('http:\\/\\/a\\/b');
    expect(JSON.parse(signed)).toEqual(fields);
    const { sign } = JSON.parse(text) as { sign: string };
    expect(verifiesRsa2(signed, sign, createPublicKey(alipayPublicKey))).toBe(true);
  });
});
