import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { money } from '../../../src/kernel/money.js';
import { readArchive } from '../../../src/payment/gateway/archive.js';
import { certificateNumber, certificatesIn, rootNumber } from '../../../src/payment/gateway/alipay/certificates.js';
import { readAnswer } from '../../../src/payment/gateway/alipay/client.js';
import { decryptContent, encryptContent } from '../../../src/payment/gateway/alipay/content-encryption.js';
import { rawMembers } from '../../../src/payment/gateway/alipay/envelope.js';
import { parseForm } from '../../../src/payment/gateway/form.js';
import { readNotice, signatureFlaw } from '../../../src/payment/gateway/alipay/notices.js';
import { oneKey } from '../../../src/payment/gateway/alipay/keys.js';
import {
  restAnswerFlaw,
  restAuthorization,
  restAuthString,
  restRequestContent,
  type RestAnswer,
} from '../../../src/payment/gateway/alipay/rest-signing.js';
import { requestContent } from '../../../src/payment/gateway/alipay/signing.js';
import { readStatement, readStatements } from '../../../src/payment/gateway/alipay/statement.js';
import { sign, verify } from '../../../src/payment/gateway/rsa.js';
import { callback } from './support.js';

interface Vector {
  readonly id: string;
  readonly inputs: {
    readonly params: Readonly<Record<string, string>>;
    readonly formBody: string;
    readonly rawBody: string;
    readonly responseKey: string;
    readonly pem: string;
    readonly kind: 'leaf' | 'root';
    readonly plaintext: string;
    readonly gbkBase64: string;
    readonly utf8: string;
    readonly zipBase64: string;
  };
  readonly keys: {
    readonly appPrivateKeyPem: string;
    readonly appPublicKeyPem: string;
    readonly alipayPublicKeyPem: string;
    readonly aesKeyBase64: string;
  };
  readonly expected: {
    readonly valid: boolean;
    readonly sign: string;
    readonly signContent?: string;
    readonly signedSubstring?: string;
    readonly sn: string;
    readonly ciphertext: string;
    readonly message: string;
    readonly authorization: string;
  };
}

interface RestRequestVector {
  readonly inputs: { authString: string; method: 'GET' | 'POST'; uri: string; body: string; appAuthToken: string | null };
}

interface StatementVector {
  readonly expected: {
    readonly columns: number;
    readonly rows: number;
    readonly trades: { readonly count: number; readonly sum: string };
    readonly refunds: { readonly count: number; readonly sum: string };
    readonly summary: Readonly<Record<string, { readonly count: number; readonly sum: string }>>;
    readonly summaryMatches: boolean;
    readonly first: Readonly<Record<string, string>>;
    readonly fourth: Readonly<Record<string, string>>;
    readonly entries: readonly string[];
    readonly detailEntry: string;
    readonly detailUtf8: string;
  };
}

function vectors<More = unknown>(kind: string): [string, Vector & More][] {
  const file = join(process.cwd(), 'test/vectors/alipay', `${kind}.json`);
  const { vectors: all, count } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: (Vector & More)[]; count: number };
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
    const reply = await readAnswer(body, method, oneKey(createPublicKey(keys.alipayPublicKeyPem)));
    expect(reply.kind === 'answer' && reply.worked).toBe(expected.valid);
  });

  describe.each(vectors('alipay.v2.notify-verify'))('%s', (id, { inputs, keys, expected }) => {
    const key = createPublicKey(keys.alipayPublicKeyPem);

    it('has a signature that fits or does not', async () => {
      const form = parseForm(Buffer.from(inputs.formBody), 'charset');
      if (typeof form === 'string') throw new Error(form);
      expect(Object.fromEntries(form.text)).toEqual(inputs.params);
      expect((await signatureFlaw(form, [key])) === undefined).toBe(expected.valid);
    });

    it('is read as a notice only if it is one', async () => {
      const us = { appId: inputs.params['app_id'] ?? '', sellerId: inputs.params['seller_id'] ?? '', keys: oneKey(key) };
      const read = await readNotice(callback(inputs.formBody), us);
      // The parameters that a browser brings back are signed by the same rule and prove nothing.
      const isNotice = expected.valid && id.startsWith('alipay-notify');
      expect(read.kind).toBe(isNotice ? 'notice' : 'rejected');
    });
  });

  it.each(vectors('alipay.cert-sn'))('%s: a certificate has the same number', (_, { inputs, expected }) => {
    const certificates = certificatesIn(inputs.pem) ?? [];
    const [first] = certificates;
    if (first === undefined) throw new Error('no certificate');
    expect(inputs.kind === 'root' ? rootNumber(certificates) : certificateNumber(first)).toBe(expected.sn);
  });

  it.each(vectors<RestRequestVector>('alipay.v3.request-sign'))('%s: a request of version 3 is signed alike', async (_, vector) => {
    const { inputs, keys, expected } = vector;
    const { appAuthToken, ...given } = inputs;
    const request = appAuthToken === null ? given : { ...given, appAuthToken };
    const content = restRequestContent(inputs.authString, request);
    expect(content).toBe(expected.message);
    expect(await verify(content, expected.sign, createPublicKey(keys.appPublicKeyPem))).toBe(expected.valid);
    const [, appId = '', nonce = '', at = ''] = /^app_id=([^,]+),nonce=([^,]+),timestamp=(\d+)$/.exec(inputs.authString) ?? [];
    const authString = restAuthString(appId, nonce, new Date(Number(at)));
    expect(await restAuthorization(authString, request, createPrivateKey(keys.appPrivateKeyPem))).toBe(expected.authorization);
  });

  it.each(vectors<{ inputs: RestAnswer }>('alipay.v3.response-verify'))(
    '%s: an answer of version 3 is believed or not',
    async (_, { inputs, keys, expected }) => {
      expect((await restAnswerFlaw(inputs, createPublicKey(keys.alipayPublicKeyPem))) === undefined).toBe(expected.valid);
    },
  );

  it.each(vectors('alipay.aes-cbc'))('%s: a content is encrypted alike', (_, { inputs, keys, expected }) => {
    const key = Buffer.from(keys.aesKeyBase64, 'base64');
    expect(encryptContent(inputs.plaintext, key)).toBe(expected.ciphertext);
    expect(decryptContent(expected.ciphertext, key)).toBe(inputs.plaintext);
  });

  it.each(vectors<StatementVector>('alipay.bill'))('%s: a statement is read', (_, { inputs, expected }) => {
    const statement = readStatement(Buffer.from(inputs.gbkBase64, 'base64'));
    if (typeof statement === 'string') throw new Error(statement);
    const { rows, payments, refunds, stated } = statement;
    expect([statement.columns.length, rows.length, statement.odd]).toEqual([expected.columns, expected.rows, []]);
    const said = [payments, refunds, stated.payments, stated.refunds].map((totals) => [
      totals?.count,
      (totals?.received.amount ?? NaN) / 100,
    ]);
    const wanted = [expected.trades, expected.refunds, expected.summary['交易'], expected.summary['退款']];
    expect(said).toEqual(wanted.map((totals) => [totals?.count, Number(totals?.sum)]));
    expect(statement.consistent).toBe(expected.summaryMatches);
    expect(Object.fromEntries(rows[0]?.cells ?? [])).toMatchObject(expected.first);
    expect(Object.fromEntries(rows[3]?.cells ?? [])).toMatchObject(expected.fourth);
    expect(rows[3]).toMatchObject({ kind: 'refund', refundNo: expected.fourth['退款批次号/请求号'], received: money(-1) });
  });

  it.each(vectors<StatementVector>('alipay.bill-zip'))('%s: a statement is unpacked', async (_, { inputs, expected }) => {
    const zip = Buffer.from(inputs.zipBase64, 'base64');
    const entries = await readArchive(zip);
    if (typeof entries === 'string') throw new Error(entries);
    expect(entries.map(({ name }) => name)).toEqual(expected.entries);
    const detail = entries.find(({ name }) => name === expected.detailEntry);
    expect(new TextDecoder('gbk').decode(detail?.bytes)).toBe(expected.detailUtf8);
    const statements = await readStatements(zip);
    expect(statements).toEqual([readStatement(detail?.bytes ?? Buffer.alloc(0))]);
    expect(statements).toMatchObject([{ consistent: true }]);
  });
});
