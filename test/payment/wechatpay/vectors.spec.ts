import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sign, verify } from '../../../src/payment/gateway/rsa.js';
import { readBillFile } from '../../../src/payment/gateway/wechatpay/bill-file.js';
import { decryptField, encryptField, open } from '../../../src/payment/gateway/wechatpay/encryption.js';
import { openNotice } from '../../../src/payment/gateway/wechatpay/notices.js';
import {
  authorization,
  contentFlaw,
  invocationContent,
  requestContent,
  signatureFlaw,
  type KeyLookup,
  type SignedMessage,
} from '../../../src/payment/gateway/wechatpay/signing.js';
import { readTradeStatement } from '../../../src/payment/gateway/wechatpay/statement.js';

interface Vector<Inputs, Keys, Expected> {
  readonly id: string;
  readonly inputs: Inputs;
  readonly keys: Keys;
  readonly expected: Expected;
}

function vectors<Inputs, Keys, Expected>(kind: string): [string, Vector<Inputs, Keys, Expected>][] {
  const file = join(process.cwd(), 'test/vectors/wechatpay', `${kind}.json`);
  const { vectors: all, count } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector<Inputs, Keys, Expected>[]; count: number };
  if (all.length !== count || count === 0) throw new Error(`${kind} is incomplete`);
  return all.map((vector) => [vector.id, vector]);
}

interface MerchantKeys {
  readonly merchantPrivateKeyPem?: string;
  readonly merchantPublicKeyPem: string;
}
interface PlatformKeys {
  readonly platformKeys: Readonly<Record<string, string>>;
}
interface Verdict {
  readonly valid: boolean;
  readonly reason?: string;
}
interface Message {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly now: number;
}

function among({ platformKeys }: PlatformKeys): KeyLookup {
  const keys = new Map<string, KeyObject>(Object.entries(platformKeys).map(([serial, pem]) => [serial, createPublicKey(pem)]));
  return (serial) => keys.get(serial) ?? 'is not known';
}

function messageOf({ headers, body }: Message): SignedMessage {
  const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { headers: Object.fromEntries(lowered) as Record<string, string>, body: Buffer.from(body) };
}

describe('Public vectors of WeChat Pay', () => {
  interface Request {
    readonly mchid: string;
    readonly serial: string;
    readonly method: string;
    readonly uri: string;
    readonly timestamp: string;
    readonly nonce: string;
    readonly body: string;
  }

  it.each(vectors<Request, object, { message: string }>('wechat.request-message'))('%s: the string to sign', (_, { inputs, expected }) => {
    expect(requestContent({ ...inputs, path: inputs.uri })).toBe(expected.message);
  });

  it.each(
    vectors<Request, MerchantKeys, { valid: boolean; message?: string; signature: string; authorization?: string }>('wechat.request-sign'),
  )('%s: a request is signed alike', async (_, { inputs, keys, expected }) => {
    const content = requestContent({ ...inputs, path: inputs.uri });
    if (expected.message !== undefined) expect(content).toBe(expected.message);
    expect(await verify(content, expected.signature, createPublicKey(keys.merchantPublicKeyPem))).toBe(expected.valid);
    if (keys.merchantPrivateKeyPem !== undefined) {
      expect(await sign(content, createPrivateKey(keys.merchantPrivateKeyPem))).toBe(expected.signature);
    }
    if (expected.authorization !== undefined) {
      // The fields may come in any order.
      const parts = (header: string) => header.split(/[ ,]/).sort();
      expect(parts(authorization(inputs.mchid, inputs.serial, inputs, expected.signature))).toEqual(parts(expected.authorization));
    }
  });

  it.each(
    vectors<
      { appId: string; timeStamp: string; nonceStr: string; package: string },
      MerchantKeys,
      { valid: boolean; paySign: string; message?: string }
    >('wechat.pay-sign'),
  )('%s: what the payer invokes is signed alike', async (_, { inputs, keys, expected }) => {
    const content = invocationContent(inputs.appId, inputs.timeStamp, inputs.nonceStr, inputs.package);
    if (expected.message !== undefined) expect(content).toBe(expected.message);
    expect(await verify(content, expected.paySign, createPublicKey(keys.merchantPublicKeyPem))).toBe(expected.valid);
    expect((await sign(content, createPrivateKey(keys.merchantPrivateKeyPem ?? ''))) === expected.paySign).toBe(expected.valid);
  });

  it.each(vectors<{ message: string }, { merchantPrivateKeyPem: string }, { signature: string }>('wechat.rsa-sign'))(
    '%s: a text is signed alike',
    async (_, { inputs, keys, expected }) => {
      expect(await sign(inputs.message, createPrivateKey(keys.merchantPrivateKeyPem))).toBe(expected.signature);
    },
  );

  it.each(vectors<{ serial: string; message: string; signature: string }, PlatformKeys, Verdict>('wechat.rsa-verify'))(
    '%s: a signature fits or does not',
    async (_, { inputs, keys, expected }) => {
      const flaw = await contentFlaw(inputs.message, inputs.serial, inputs.signature, among(keys));
      expect(flaw?.check).toBe(expected.valid ? undefined : expected.reason);
    },
  );

  it.each(vectors<Message, PlatformKeys, Verdict>('wechat.http-verify'))(
    '%s: a message is believed or not',
    async (_, { inputs, keys, expected }) => {
      const flaw = await signatureFlaw(messageOf(inputs), new Date(inputs.now * 1000), among(keys));
      expect(flaw?.check).toBe(expected.valid ? undefined : expected.reason);
    },
  );

  it.each(vectors<Message, PlatformKeys & { apiV3Key: string }, Verdict & { resource?: string }>('wechat.notify'))(
    '%s: a notice is opened, or what is wrong is said',
    async (_, { inputs, keys, expected }) => {
      const apiV3Key = createSecretKey(Buffer.from(keys.apiV3Key));
      const opened = await openNotice(messageOf(inputs), new Date(inputs.now * 1000), among(keys), apiV3Key);
      if (expected.valid) expect(opened).toMatchObject({ resource: JSON.parse(expected.resource ?? '') as object });
      else expect(opened).toMatchObject({ check: expected.reason });
    },
  );

  const gcm = ['wechat.aes-gcm', 'wechat.aes-gcm-128-nonstandard'].flatMap((kind) =>
    vectors<{ aad: string; nonce: string; ciphertext: string }, { key?: string; apiV3Key?: string }, { plaintext?: string }>(kind),
  );

  it.each(gcm)('%s: a resource is decrypted or not', (_, { inputs, keys, expected }) => {
    const key = createSecretKey(Buffer.from(keys.apiV3Key ?? keys.key ?? ''));
    expect(open({ ...inputs, associatedData: inputs.aad }, key)?.toString('utf8')).toBe(expected.plaintext);
  });

  it.each(vectors<{ ciphertext: string }, { privateKeyPem: string }, { plaintext?: string }>('wechat.rsa-oaep'))(
    '%s: a sensitive field is decrypted or not',
    (_, { inputs, keys, expected }) => {
      const privateKey = createPrivateKey(keys.privateKeyPem);
      expect(decryptField(inputs.ciphertext, privateKey)).toBe(expected.plaintext);
      // The encryption has chance in it, so that only the way back can be compared.
      expect(decryptField(encryptField('张三丰', createPublicKey(privateKey)), privateKey)).toBe('张三丰');
    },
  );

  it.each(
    vectors<{ gzipBase64: string; hashType: string; hashValue: string }, object, Verdict & { text?: string }>('wechat.bill-download'),
  )('%s: a downloaded bill is taken or not', (_, { inputs, expected }) => {
    const file = readBillFile(Buffer.from(inputs.gzipBase64, 'base64'), { ...inputs, compressed: true });
    if (expected.valid) expect(file).toEqual({ text: expected.text });
    else expect(file).toHaveProperty('problem');
  });

  interface ExpectedBill {
    readonly headerColumns: number;
    readonly rows: number;
    readonly summary: Readonly<Record<string, string>>;
    readonly sums?: Readonly<Record<string, string>>;
    readonly sumMatchesSummary: boolean;
    readonly first: Readonly<Record<string, string>>;
  }

  it.each(vectors<{ text: string }, object, ExpectedBill>('wechat.bill'))('%s: a bill is read', (_, { inputs, expected }) => {
    const statement = readTradeStatement(inputs.text);
    if ('problem' in statement) throw new Error(statement.problem);
    const { table, rows, disagreements } = statement;
    expect(table.columns).toHaveLength(expected.headerColumns);
    expect(rows).toHaveLength(expected.rows);
    expect(Object.fromEntries(table.summary)).toMatchObject(expected.summary);
    expect(Object.fromEntries(table.rows[0] ?? [])).toMatchObject(expected.first);
    expect(disagreements.length === 0).toBe(expected.sumMatchesSummary);
    const yuan = (fen: number) => (fen / 100).toFixed(2);
    const sums = {
      应结订单金额: yuan(rows.reduce((all, row) => all + (row.settled ?? 0), 0)),
      退款金额: yuan(rows.reduce((all, row) => all + (row.refund?.refunded ?? 0), 0)),
    };
    expect(sums).toMatchObject(expected.sums ?? {});
  });
});
