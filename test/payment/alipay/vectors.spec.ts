import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAnswer } from '../../../src/payment/gateway/alipay/client.js';
import { rawMembers } from '../../../src/payment/gateway/alipay/envelope.js';
import { parseForm } from '../../../src/payment/gateway/alipay/form.js';
import { readNotice, signatureFlaw } from '../../../src/payment/gateway/alipay/notices.js';
import { requestContent, sign, verify } from '../../../src/payment/gateway/alipay/signing.js';
import { callback } from './support.js';

interface Vector {
  readonly id: string;
  readonly inputs: {
    readonly params: Readonly<Record<string, string>>;
    readonly formBody: string;
    readonly rawBody: string;
    readonly responseKey: string;
  };
  readonly keys: { readonly appPrivateKeyPem: string; readonly appPublicKeyPem: string; readonly alipayPublicKeyPem: string };
  readonly expected: { readonly valid: boolean; readonly sign: string; readonly signContent?: string; readonly signedSubstring?: string };
}

function vectors(kind: string): [string, Vector][] {
  const file = join(process.cwd(), 'test/vectors/alipay', `${kind}.json`);
  const { vectors: all, count } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[]; count: number };
  if (all.length !== count) throw new Error(`${kind} is incomplete`);
  return all.map((vector) => [vector.id, vector]);
}

describe('Public vectors of Alipay', () => {
  it.each(vectors('alipay.v2.request-sign'))('%s: a request is signed alike', async (_, { inputs, keys, expected }) => {
    const parameters = new Map(Object.entries(inputs.params));
    const content = requestContent(parameters);
    if (expected.signContent !== undefined) expect(content).toBe(expected.signContent);
    expect((await sign(content, createPrivateKey(keys.appPrivateKeyPem))) === expected.sign).toBe(expected.valid);
    expect(await verify(Buffer.from(content), expected.sign, createPublicKey(keys.appPublicKeyPem))).toBe(expected.valid);
  });

  it.each(vectors('alipay.v2.response-extract'))('%s: the signed text is found', (_, { inputs, expected }) => {
    expect(rawMembers(Buffer.from(inputs.rawBody))?.get(inputs.responseKey)).toBe(expected.signedSubstring);
  });

  it.each(vectors('alipay.v2.response-verify'))('%s: an answer is believed or not', async (_, { inputs, keys, expected }) => {
    const body = Buffer.from(inputs.rawBody);
    if (expected.signedSubstring !== undefined) expect(rawMembers(body)?.get(inputs.responseKey)).toBe(expected.signedSubstring);
    const method = inputs.responseKey.replace(/_response$/, '');
    const reply = await readAnswer(body, method, createPublicKey(keys.alipayPublicKeyPem));
    expect(reply.kind === 'answer' && reply.worked).toBe(expected.valid);
  });

  describe.each(vectors('alipay.v2.notify-verify'))('%s', (id, { inputs, keys, expected }) => {
    const key = createPublicKey(keys.alipayPublicKeyPem);

    it('has a signature that fits or does not', async () => {
      const form = parseForm(Buffer.from(inputs.formBody));
      if (typeof form === 'string') throw new Error(form);
      expect(Object.fromEntries(form.text)).toEqual(inputs.params);
      expect((await signatureFlaw(form, key)) === undefined).toBe(expected.valid);
    });

    it('is read as a notice only if it is one', async () => {
      const us = { appId: inputs.params['app_id'] ?? '', sellerId: inputs.params['seller_id'] ?? '', alipayPublicKey: key };
      const read = await readNotice(callback(inputs.formBody), us);
      // The parameters that a browser brings back are signed by the same rule and prove nothing.
      const isNotice = expected.valid && id.startsWith('alipay-notify');
      expect(read.kind).toBe(isNotice ? 'notice' : 'rejected');
    });
  });
});
