import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encrypted } from '../../simulator/wechatpay/encryption.js';
import { answerText, payText, requestText, signed, verifies } from '../../simulator/wechatpay/signing.js';

interface Vector {
  readonly id: string;
  readonly inputs: Record<string, string> & { headers: Record<string, string>; now: number };
  readonly keys: { merchantPrivateKeyPem?: string; merchantPublicKeyPem: string; platformKeys: Record<string, string>; apiV3Key: string };
  readonly expected: {
    valid?: boolean;
    reason?: string;
    message?: string;
    signature: string;
    paySign: string;
    plaintext: string;
    resource: string;
  };
}

function vectors(kind: string, which: (vector: Vector) => boolean = () => true): [string, Vector][] {
  const file = join(process.cwd(), 'test/vectors/wechatpay', `wechat.${kind}.json`);
  const all = (JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] }).vectors;
  return all.filter(which).map((vector) => [vector.id, vector]);
}

/** Other reasons are the receiver's to find, before it looks at the signature or after it. */
const isOfSignature = ({ expected }: Vector) => expected.valid === true || expected.reason === 'signature';

describe("The simulator's WeChat signatures, against ones that others made", () => {
  it.each(vectors('request-sign'))('verifies requests: %s', (_id, { inputs, keys, expected }) => {
    const { method = '', uri = '', timestamp = '', nonce = '', body = '' } = inputs;
    const text = requestText({ method, target: uri, timestamp, nonce, body });
    if (expected.message !== undefined) expect(text).toBe(expected.message);
    expect(verifies(text, expected.signature, createPublicKey(keys.merchantPublicKeyPem))).toBe(expected.valid);
    if (expected.valid && keys.merchantPrivateKeyPem) {
      expect(signed(text, createPrivateKey(keys.merchantPrivateKeyPem))).toBe(expected.signature);
    }
  });

  it.each(vectors('request-message'))('writes what is signed: %s', (_id, { inputs, expected }) => {
    const { method = '', uri = '', timestamp = '', nonce = '', body = '' } = inputs;
    expect(requestText({ method, target: uri, timestamp, nonce, body })).toBe(expected.message);
  });

  it.each(vectors('pay-sign'))('verifies what a payer’s client is handed: %s', (_id, { inputs, keys, expected }) => {
    const { appId = '', timeStamp = '', nonceStr = '' } = inputs;
    const text = payText(appId, timeStamp, nonceStr, inputs.package ?? '');
    if (expected.message !== undefined) expect(text).toBe(expected.message);
    expect(verifies(text, expected.paySign, createPublicKey(keys.merchantPublicKeyPem))).toBe(expected.valid);
  });

  it.each([...vectors('http-verify', isOfSignature), ...vectors('notify', isOfSignature)])(
    'agrees on answers and notices: %s',
    (_id, { inputs: { headers, body = '' }, keys, expected }) => {
      const key = createPublicKey(keys.platformKeys[headers['Wechatpay-Serial'] ?? ''] ?? '');
      const text = answerText(headers['Wechatpay-Timestamp'] ?? '', headers['Wechatpay-Nonce'] ?? '', body);
      expect(verifies(text, headers['Wechatpay-Signature'] ?? '', key)).toBe(expected.valid);
    },
  );

  it.each(vectors('rsa-verify', isOfSignature))('verifies as RSA does: %s', (_id, { inputs, keys, expected }) => {
    const key = createPublicKey(keys.platformKeys[inputs.serial ?? ''] ?? '');
    expect(verifies(inputs.message ?? '', inputs.signature ?? '', key)).toBe(expected.valid);
  });

  it.each(vectors('rsa-sign'))('signs as RSA does: %s', (_id, { inputs, keys, expected }) => {
    expect(signed(inputs.message ?? '', createPrivateKey(keys.merchantPrivateKeyPem ?? ''))).toBe(expected.signature);
  });

  it.each(vectors('aes-gcm', ({ expected }) => expected.valid === true))(
    'encrypts as others decrypt: %s',
    (_id, { inputs, keys, expected }) => {
      const made = encrypted(expected.plaintext, keys.apiV3Key, inputs.aad ?? '', inputs.nonce);
      expect(made.ciphertext).toBe(inputs.ciphertext);
    },
  );

  it.each(vectors('notify', ({ expected }) => expected.valid === true))(
    'encrypts notices as they are: %s',
    (_id, { inputs, keys, expected }) => {
      const { resource } = JSON.parse(inputs.body ?? '') as { resource: { nonce: string; associated_data: string; ciphertext: string } };
      expect(encrypted(expected.resource, keys.apiV3Key, resource.associated_data, resource.nonce).ciphertext).toBe(resource.ciphertext);
    },
  );
});
