import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verify } from '../../../src/payment/gateway/rsa.js';
import { parseAnswerBody } from '../../../src/payment/gateway/unionpay/answer-body.js';
import { parseForm } from '../../../src/payment/gateway/form.js';
import { readNotice } from '../../../src/payment/gateway/unionpay/notices.js';
import { certIdOf } from '../../../src/payment/gateway/unionpay/settings.js';
import { decodeFileContent } from '../../../src/payment/gateway/unionpay/file-content.js';
import { readSettlementFile } from '../../../src/payment/gateway/unionpay/settlement-file.js';
import { readSettlementReport } from '../../../src/payment/gateway/unionpay/settlement-report.js';
import { secureKeySignature, signedContent, signedDigest, signFields } from '../../../src/payment/gateway/unionpay/signing.js';
import { parseCompactTime } from '../../../src/payment/gateway/unionpay/times.js';
import { readAnswer } from '../../../src/payment/gateway/unionpay/trades.js';
import { messageFlaw, TEST_NAME, UNIONPAY_NAME, type TrustAnchors } from '../../../src/payment/gateway/unionpay/verification.js';
import { callback } from './support.js';

interface Vector {
  readonly id: string;
  readonly inputs: {
    readonly params?: Readonly<Record<string, string>>;
    readonly rawBody?: string;
    readonly at: string;
    readonly secureKey: string;
    readonly fileContent: string;
    readonly text: string;
    readonly gbkBase64: string;
  };
  readonly keys: {
    readonly merchantPrivateKeyPem: string;
    readonly merchantCertPem: string;
    readonly rootPem: string;
    readonly middlePem: string;
  };
  readonly expected: {
    readonly valid: boolean;
    readonly reason?: string;
    readonly signature: string;
    readonly signString?: string;
    readonly digestHex?: string;
    readonly certId?: string;
    readonly params: Readonly<Record<string, string>>;
    readonly text: string;
    readonly rows: number;
    readonly amountFen: string;
    readonly feeFen: string;
    readonly netFen: string;
    readonly first: Readonly<Record<string, string>>;
    readonly total: Readonly<Record<string, string>>;
  };
}

function vectors(kind: string): [string, Vector][] {
  const file = join(process.cwd(), 'test/vectors/unionpay', `${kind}.json`);
  const { vectors: all, count } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[]; count: number };
  if (all.length !== count) throw new Error(`${kind} is incomplete`);
  return all.map((vector) => [vector.id, vector]);
}

/** The test environment's, as the vectors are from there. */
function anchorsOf({ keys }: Vector): TrustAnchors {
  return { root: new X509Certificate(keys.rootPem), middle: new X509Certificate(keys.middlePem), names: [UNIONPAY_NAME, TEST_NAME] };
}

describe('Public vectors of UnionPay', () => {
  it.each(vectors('unionpay.request-sign'))('%s: a request is signed alike', async (_, { inputs, keys, expected }) => {
    const fields = new Map(Object.entries(inputs.params ?? {}));
    const certId = certIdOf(new X509Certificate(keys.merchantCertPem));
    if (expected.certId !== undefined) expect(certId).toBe(expected.certId);
    if (expected.signString !== undefined) expect(signedContent(fields).toString('utf8')).toBe(expected.signString);
    if (expected.digestHex !== undefined) expect(signedDigest(fields)).toBe(expected.digestHex);

    const complete = await signFields(fields, { privateKey: createPrivateKey(keys.merchantPrivateKeyPem), certId });
    expect(complete.get('signature') === expected.signature).toBe(expected.valid);
    const { publicKey } = new X509Certificate(keys.merchantCertPem);
    expect(await verify(signedDigest(fields), expected.signature, publicKey)).toBe(expected.valid);
  });

  it.each(vectors('unionpay.secure-key-sign'))('%s: a secure key signs alike', (_, { inputs, expected }) => {
    const signature = secureKeySignature(new Map(Object.entries(inputs.params ?? {})), inputs.secureKey, '11');
    expect(signature === expected.signature).toBe(expected.valid);
  });

  it.each(vectors('unionpay.parse'))('%s: an answer is taken apart', (_, { inputs, expected }) => {
    const fields = parseAnswerBody(Buffer.from(inputs.rawBody ?? ''));
    if (typeof fields === 'string') throw new Error(fields);
    expect(Object.fromEntries(fields)).toEqual(expected.params);
  });

  describe.each(vectors('unionpay.verify'))('%s', (_, vector) => {
    const { inputs, expected } = vector;
    const anchors = anchorsOf(vector);
    const at = new Date(inputs.at);
    const reason = () => (expected.reason === 'any' ? (expect.any(String) as unknown) : expected.reason);

    it('has a signature that holds or does not', async () => {
      const fields = inputs.params ? new Map(Object.entries(inputs.params)) : parseAnswerBody(Buffer.from(inputs.rawBody ?? ''));
      if (typeof fields === 'string') throw new Error(fields);
      const flaw = await messageFlaw(fields, anchors, at);
      if (expected.valid) expect(flaw).toBeUndefined();
      else expect(flaw?.reason).toEqual(reason());
    });

    it('is believed or not as it comes', async () => {
      if (inputs.rawBody !== undefined) {
        const answer = await readAnswer(Buffer.from(inputs.rawBody), anchors, at);
        expect(answer.kind).toBe(expected.valid ? 'message' : 'unknown');
        return;
      }
      const body = new URLSearchParams(inputs.params).toString();
      const form = parseForm(Buffer.from(body), 'encoding');
      if (typeof form === 'string') throw new Error(form);
      expect(Object.fromEntries(form.text)).toEqual(inputs.params);
      const read = await readNotice(callback(body, at), inputs.params?.['merId'] ?? '', anchors);
      expect(read.kind).toBe(expected.valid ? 'notice' : 'rejected');
    });
  });

  it.each(vectors('unionpay.file-content'))('%s: a file is unpacked', (_, { inputs, expected }) => {
    expect(decodeFileContent(inputs.fileContent)?.toString('utf8')).toBe(expected.text);
  });

  it.each(vectors('unionpay.bill-zm'))('%s: settled transactions are read', (_, { inputs, expected }) => {
    const file = readSettlementFile(inputs.text, '20150905');
    if (typeof file === 'string') throw new Error(file);
    const { totals, rows } = file;
    expect(totals).toEqual({
      count: expected.rows,
      amount: Number(expected.amountFen),
      fee: Number(expected.feeFen),
      settled: Number(expected.netFen),
    });
    const { amountFen, tradeTime, ...first } = expected.first;
    expect(rows[0]).toMatchObject({ ...first, amount: Number(amountFen), at: parseCompactTime(`2015${tradeTime ?? ''}`) });
  });

  it.each(vectors('unionpay.bill-rd'))('%s: the report of a day is read', (_, { inputs, expected }) => {
    const report = readSettlementReport(Buffer.from(inputs.gbkBase64, 'base64'));
    if (typeof report === 'string') throw new Error(report);
    const fen = (yuan = '') => Number(yuan.replace('.', ''));
    const { count, amount, fee, net } = expected.total;
    expect(report).toMatchObject({
      merId: '802310048993424',
      settlementDate: '20150905',
      total: { count: Number(count), amount: fen(amount), fee: fen(fee), settled: fen(net) },
    });
    expect(report.lines.map(({ title }) => title)).toEqual(['自助消费', '借记卡', '贷记卡', '准贷记卡', '其他卡']);
  });
});
