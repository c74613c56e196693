import { createHash, createPrivateKey, createSign, createVerify, X509Certificate } from 'node:crypto';
import type { ControlAnswer, Json, World } from './support.js';

export type Fields = Record<string, string>;
/** Undefined leaves a field out. */
export type Changes = Record<string, string | undefined>;

export interface Answer {
  readonly httpStatus: number;
  readonly text: string;
  readonly fields: Fields;
  readonly trusted: string; // `valid`, or why the merchant does not believe it.
}

const PATHS = { consume: 'frontTransReq.do', refund: 'backTransReq.do', cancel: 'backTransReq.do', query: 'queryTrans.do' } as const;
const BEIJING_MS = 8 * 3_600_000;

/** A merchant that speaks UnionPay 5.1.0 by code of its own, so that every byte of a message can be wrong. */
export class UnionPayMerchant {
  private nextNumber = 1;

  constructor(private readonly world: World) {}

  get account(): World['simulator']['unionpay'] {
    return this.world.simulator.unionpay;
  }

  number(): string {
    return `U${process.pid}N${String(this.nextNumber++).padStart(6, '0')}`;
  }

  /** The world's time, or one so many milliseconds from it, as `YYYYMMDDhhmmss` in Beijing. */
  time(later = 0): string {
    return new Date(this.world.now.getTime() + BEIJING_MS + later).toISOString().replace(/\D/g, '').slice(0, 14);
  }

  /** The form that the payer's browser posts. */
  consumeFields(changes: Changes = {}): Fields {
    return this.signed({
      ...this.common('01', '01'),
      channelType: '07',
      orderId: this.number(),
      txnTime: this.time(),
      txnAmt: '8888',
      currencyCode: '156',
      frontUrl: 'http://127.0.0.1:1/return?shop=1&lang=zh',
      backUrl: 'http://127.0.0.1:1/notify',
      payTimeout: this.time(15 * 60_000),
      riskRateInfo: '{commodityName=茶叶}',
      ...changes,
    });
  }

  async openOrder(changes: Changes = {}): Promise<Fields> {
    const fields = this.consumeFields(changes);
    const answer = await this.submit(fields);
    if (answer.status !== 302) throw new Error(await answer.text());
    return fields;
  }

  /** The payment's fields, with the number that UnionPay gave it. */
  async paidOrder(changes: Changes = {}, control: Json = {}): Promise<Fields & { orderId: string; queryId: string }> {
    const fields = await this.openOrder(changes);
    const paid = await this.world.control('POST', `/control/trades/${fields.orderId}/pay`, control);
    if (paid.httpStatus !== 200) throw new Error(paid.json.message);
    return { ...fields, orderId: fields.orderId ?? '', queryId: String(paid.json.trade.tradeNo) };
  }

  submit(fields: Fields): Promise<Response> {
    return fetch(this.url('consume'), { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' });
  }

  refund(origQryId: string, changes: Changes = {}): Promise<Answer> {
    return this.call('refund', this.signed(this.giveBackFields('04', origQryId, changes)));
  }

  cancel(origQryId: string, changes: Changes = {}): Promise<Answer> {
    return this.call('cancel', this.signed(this.giveBackFields('31', origQryId, changes)));
  }

  query({ orderId, txnTime }: Changes, changes: Changes = {}): Promise<Answer> {
    return this.call('query', this.signed({ ...this.common('00', '00'), orderId, txnTime, ...changes }));
  }

  /** Posts exactly this. */
  async call(method: keyof typeof PATHS, fields: Fields): Promise<Answer> {
    const answer = await fetch(this.url(method), { method: 'POST', body: new URLSearchParams(fields) });
    const text = await answer.text();
    const said = fieldsOfAnswer(text);
    return { httpStatus: answer.status, text, fields: said, trusted: this.trusts(said) };
  }

  giveBackFields(txnType: string, origQryId: string, changes: Changes): Changes {
    const own = { orderId: this.number(), txnTime: this.time(), txnAmt: '8888', backUrl: 'http://127.0.0.1:1/notify/refund' };
    return { ...this.common(txnType, '00'), channelType: '07', ...own, origQryId, ...changes };
  }

  signed(changes: Changes): Fields {
    const said = present({ certId: certIdOf(this.account.certificate), ...changes });
    const key = createPrivateKey(this.account.certificate);
    return { ...said, signature: createSign('RSA-SHA256').update(digest(said)).sign(key, 'base64') };
  }

  /** What a careful merchant finds wrong with a message of the gateway's, in the order in which it looks. */
  trusts(fields: Fields): string {
    const { signature = '', signPubKeyCert = '' } = fields;
    if (signature === '' || signPubKeyCert === '') return 'missing';
    if (fields.version !== '5.1.0' || fields.signMethod !== '01') return 'downgraded';
    const certificate = new X509Certificate(signPubKeyCert);
    const middle = new X509Certificate(this.account.middleCertificate);
    const root = new X509Certificate(this.account.rootCertificate);
    if (!certificate.verify(middle.publicKey) || !middle.verify(root.publicKey)) return 'chain';
    if (new Date(certificate.validTo) < this.world.now || new Date(certificate.validFrom) > this.world.now) return 'expired';
    const commonName = /^CN=(.*)$/m.exec(certificate.subject)?.[1] ?? '';
    if (commonName.split('@')[2] !== '中国银联股份有限公司') return 'cn';
    return this.believesBlindly(fields) ? 'valid' : 'signature';
  }

  /** What a careless merchant does: takes the message's own certificate at its word. */
  believesBlindly(fields: Fields): boolean {
    const { publicKey } = new X509Certificate(fields.signPubKeyCert ?? '');
    return createVerify('RSA-SHA256')
      .update(digest(fields))
      .verify(publicKey, fields.signature ?? '', 'base64');
  }

  control(method: string, path: string, body?: unknown): Promise<ControlAnswer> {
    return this.world.control(method, path, body);
  }

  private common(txnType: string, txnSubType: string): Fields {
    const fixed = { version: '5.1.0', encoding: 'UTF-8', signMethod: '01', accessType: '0', bizType: '000201' };
    return { ...fixed, txnType, txnSubType, merId: this.account.merId };
  }

  private url(method: keyof typeof PATHS): string {
    return `${this.account.gatewayUrl}/gateway/api/${PATHS[method]}`;
  }
}

/** An answer is not URL-encoded: `&` separates unless it stands in braces, and the first `=` ends the name. */
export function fieldsOfAnswer(text: string): Fields {
  const fields: Fields = {};
  let start = 0;
  let depth = 0;
  for (let at = 0; at <= text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    else if (text[at] === '}') depth -= 1;
    if (at < text.length && (text[at] !== '&' || depth > 0)) continue;
    const [name = '', ...value] = text.slice(start, at).split('=');
    fields[name] = value.join('=');
    start = at + 1;
  }
  return fields;
}

/** The serial number in decimal, by which UnionPay knows a merchant's certificate. */
export function certIdOf(certificate: string): string {
  return BigInt(`0x${new X509Certificate(certificate).serialNumber}`).toString();
}

function digest(fields: Fields): string {
  const names = Object.keys(fields).filter((name) => name !== 'signature' && fields[name] !== '');
  const text = names
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
  return createHash('sha256').update(text).digest('hex');
}

function present(changes: Changes): Fields {
  return Object.fromEntries(Object.entries(changes).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
