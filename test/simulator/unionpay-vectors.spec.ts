import { createPrivateKey, createPublicKey, createSign, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { merchantOf } from '../../simulator/unionpay/call.js';
import { answerText, fieldsOfForm, formOf } from '../../simulator/unionpay/message.js';
import { digestOf, secureKeySignature, signatureOf, signedText, verifies } from '../../simulator/unionpay/signing.js';
import { fieldsOfAnswer } from './unionpay-merchant.js';

type Fields = Record<string, string>;
interface Vector {
  id: string;
  inputs: { params: Fields; rawBody: string; secureKey: string };
  keys: { merchantPrivateKeyPem: string; merchantCertPem: string };
  expected: {
    valid: boolean;
    reason?: string;
    signature: string;
    signString?: string;
    digestHex?: string;
    certId?: string;
    params: Fields;
  };
}

function vectors(kind: string): [string, Vector][] {
  const file = join(process.cwd(), 'test/vectors/unionpay', `unionpay.${kind}.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }).vectors.map((vector) => [vector.id, vector]);
}

describe("The simulator's UnionPay signatures, against ones that others made", () => {
  it.each(vectors('request-sign'))('verifies and makes requests: %s', (_id, { inputs: { params }, keys, expected }) => {
    const message = { ...params, signature: expected.signature };
    const { certId, publicKey } = merchantOf(keys.merchantCertPem);
    expect(verifies(message, publicKey)).toBe(expected.valid);
    if (!expected.valid) return;
    expect(signedText(message)).toBe(expected.signString);
    expect(digestOf(message)).toBe(expected.digestHex);
    expect(certId).toBe(expected.certId);
    expect(signatureOf(params, createPrivateKey(keys.merchantPrivateKeyPem))).toBe(expected.signature);
    expect(merchantOf(keys.merchantPrivateKeyPem + keys.merchantCertPem).certId).toBe(certId);
  });

  it.each(vectors('verify').filter(([, { expected }]) => expected.valid || expected.reason === 'signature'))(
    "agrees on the gateway's own messages: %s",
    (_id, { inputs: { params, rawBody }, expected }) => {
      const message = rawBody === undefined ? params : fieldsOfAnswer(rawBody);
      expect(verifies(message, new X509Certificate(message.signPubKeyCert ?? '').publicKey)).toBe(expected.valid);
    },
  );

  it.each(vectors('verify').filter(([, { expected }]) => expected.reason === 'missing'))('misses a signature: %s', (_id, { inputs }) => {
    const key = new X509Certificate(inputs.params.signPubKeyCert ?? '').publicKey;
    expect(verifies(inputs.params, key)).toBe(false);
    expect(verifies({ ...inputs.params, signature: '' }, key)).toBe(false);
  });

  it.each(vectors('secure-key-sign'))('signs by a secret as the kit does: %s', (_id, { inputs: { params, secureKey }, expected }) => {
    expect(secureKeySignature(params, secureKey) === expected.signature).toBe(expected.valid);
  });

  it.each(vectors('parse'))('the merchant of these tests reads answers as the kit does: %s', (_id, { inputs, expected }) => {
    expect(fieldsOfAnswer(inputs.rawBody)).toEqual(expected.params);
  });

  it('writes an answer as the real one stands on the wire, byte for byte', () => {
    const [, { inputs }] = vectors('verify').find(([, { expected, inputs }]) => expected.valid && inputs.rawBody !== undefined) ?? fail();
    expect(answerText(fieldsOfAnswer(inputs.rawBody)).split('&').sort()).toEqual(inputs.rawBody.split('&').sort());
    expect(answerText(fieldsOfAnswer(inputs.rawBody))).toMatch(/&signPubKeyCert=-----BEGIN[^&]+-----END CERTIFICATE-----&signature=[^&]+$/);
  });

  it('encodes what a notice carries, so that one decoding brings it back', () => {
    const fields = { signature: 'a+b/c==', reqReserved: '透传 100%', signPubKeyCert: '-----BEGIN\r\n+/=\r\n' };
    expect(fieldsOfForm(formOf(fields))).toEqual(fields);
  });

  it('does not take a signature over the text itself for one over its digest', () => {
    const [, { inputs, keys }] = vectors('request-sign')[0] ?? fail();
    const key = createPrivateKey(keys.merchantPrivateKeyPem);
    const signature = createSign('RSA-SHA256').update(signedText(inputs.params)).sign(key, 'base64');
    expect(verifies({ ...inputs.params, signature }, createPublicKey(key))).toBe(false);
  });
});

function fail(): never {
  throw new Error('The vectors do not hold what this test needs.');
}
