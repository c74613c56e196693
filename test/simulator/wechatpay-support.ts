import { createDecipheriv, createSign, createVerify, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { ControlAnswer, Json, World } from './support.js';

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: Json & { code?: string; message?: string; amount: Json };
  readonly signature: 'valid' | 'invalid' | 'none';
}

export interface CallOptions {
  readonly body?: unknown; // A text is sent as it is.
  readonly headers?: Readonly<Record<string, string | null>>; // Null leaves one out.
  readonly authorization?: Readonly<Record<string, string | undefined>>; // Parts of it, changed after signing; undefined leaves one out.
  readonly key?: string;
  readonly sentBody?: string; // Other bytes than those that were signed.
}

const ORDERS = '/v3/pay/transactions';
const REFUNDS = '/v3/refund/domestic/refunds';

/** A merchant's client, written here by hand: what the simulator takes must not depend on what the simulator writes. */
export class WechatpayMerchant {
  /** Certificates in use, by serial number. */
  readonly certificates = new Map<string, string>();

  constructor(private readonly world: World) {}

  get account(): World['simulator']['wechatpay'] {
    return this.world.simulator.wechatpay;
  }

  order(changes: Json = {}): Json {
    return {
      appid: this.account.appId,
      mchid: this.account.mchId,
      description: '龙井茶 250g',
      out_trade_no: this.world.number(),
      notify_url: 'http://127.0.0.1:9/notify',
      amount: { total: 8888, currency: 'CNY' },
      ...changes,
    };
  }

  place(product: string, changes: Json = {}, options: CallOptions = {}): Promise<WireAnswer & { outTradeNo: string }> {
    const body = this.order(changes);
    return this.call('POST', `${ORDERS}/${product}`, { body, ...options }).then((answer) => ({
      ...answer,
      outTradeNo: String(body.out_trade_no),
    }));
  }

  query(outTradeNo: string, options: CallOptions = {}): Promise<WireAnswer> {
    return this.call('GET', `${ORDERS}/out-trade-no/${encodeURIComponent(outTradeNo)}?mchid=${this.account.mchId}`, options);
  }

  queryById(transactionId: string): Promise<WireAnswer> {
    return this.call('GET', `${ORDERS}/id/${transactionId}?mchid=${this.account.mchId}`);
  }

  close(outTradeNo: string): Promise<WireAnswer> {
    return this.call('POST', `${ORDERS}/out-trade-no/${outTradeNo}/close`, { body: { mchid: this.account.mchId } });
  }

  refund(outTradeNo: string, outRefundNo: string, amounts: { refund: number; total: number }, changes: Json = {}): Promise<WireAnswer> {
    const body = { out_trade_no: outTradeNo, out_refund_no: outRefundNo, amount: { ...amounts, currency: 'CNY' }, ...changes };
    return this.call('POST', REFUNDS, { body });
  }

  queryRefund(outRefundNo: string): Promise<WireAnswer> {
    return this.call('GET', `${REFUNDS}/${outRefundNo}`);
  }

  async paidOrder(changes: Json = {}): Promise<string> {
    const { outTradeNo } = await this.place('native', changes);
    const paid = await this.world.control('POST', `/control/trades/${outTradeNo}/pay`);
    if (paid.httpStatus !== 200) throw new Error(paid.json.message);
    return outTradeNo;
  }

  async call(method: string, target: string, options: CallOptions = {}): Promise<WireAnswer> {
    const body = options.body === undefined ? '' : typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
    const headers: Record<string, string | null> = {
      accept: 'application/json',
      'user-agent': 'suanpan-test',
      'wechatpay-serial': this.account.publicKeyId,
      authorization: this.authorization(method, target, body, options),
      ...(body !== '' && { 'content-type': 'application/json' }),
      ...options.headers,
    };
    const {
      status,
      headers: answered,
      text,
    } = await exchange(this.account.baseUrl, method, target, present(headers), options.sentBody ?? body);
    return { status, headers: answered, text, json: parsed(text), signature: this.signatureOf(answered, text) };
  }

  /** Whether a notice or an answer was signed by WeChat Pay, under the name that it gives. */
  signatureOf(headers: Readonly<Record<string, string | string[] | undefined>>, body: string): WireAnswer['signature'] {
    const signature = headers['wechatpay-signature'];
    if (typeof signature !== 'string') return 'none';
    const serial = String(headers['wechatpay-serial']);
    const key = serial === this.account.publicKeyId ? this.account.publicKey : this.certificates.get(serial);
    if (key === undefined) return 'invalid';
    const text = `${String(headers['wechatpay-timestamp'])}\n${String(headers['wechatpay-nonce'])}\n${body}\n`;
    return createVerify('RSA-SHA256').update(text).verify(key, signature, 'base64') ? 'valid' : 'invalid';
  }

  decrypted(resource: { nonce: string; ciphertext: string; associated_data: string }, key = this.account.apiV3Key): string {
    const bytes = Buffer.from(resource.ciphertext, 'base64');
    const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key), Buffer.from(resource.nonce));
    decipher.setAAD(Buffer.from(resource.associated_data)).setAuthTag(bytes.subarray(-16));
    return decipher.update(bytes.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8');
  }

  /** A notice as it came: who signed it, and what it says once it is decrypted. */
  read(notice: { readonly headers: Readonly<Record<string, string | string[] | undefined>>; readonly body: string }): {
    signature: WireAnswer['signature'];
    envelope: Json;
    said: Json & { amount: Json };
  } {
    const envelope = JSON.parse(notice.body) as Json & { resource: { nonce: string; ciphertext: string; associated_data: string } };
    const said = JSON.parse(this.decrypted(envelope.resource)) as Json & { amount: Json };
    return { signature: this.signatureOf(notice.headers, notice.body), envelope, said };
  }

  /** What the merchant's page hands to WeChat's client. */
  clientParams(prepayId: string): Record<string, string> {
    const timeStamp = String(Math.floor(this.world.now.getTime() / 1_000));
    const said = { appId: this.account.appId, timeStamp, nonceStr: randomBytes(8).toString('hex'), package: `prepay_id=${prepayId}` };
    const paySign = this.signed([said.appId, said.timeStamp, said.nonceStr, said.package]);
    return { ...said, signType: 'RSA', paySign };
  }

  appParams(prepayid: string): Record<string, string> {
    const timestamp = String(Math.floor(this.world.now.getTime() / 1_000));
    const said = { appid: this.account.appId, partnerid: this.account.mchId, prepayid, package: 'Sign=WXPay', timestamp };
    const noncestr = randomBytes(8).toString('hex');
    return { ...said, noncestr, sign: this.signed([said.appid, timestamp, noncestr, prepayid]) };
  }

  control(path: string, body?: unknown): Promise<ControlAnswer> {
    return this.world.control('POST', path, body);
  }

  private signed(parts: readonly string[], key = this.account.privateKey): string {
    return createSign('RSA-SHA256')
      .update(parts.map((part) => `${part}\n`).join(''))
      .sign(key, 'base64');
  }

  private authorization(method: string, target: string, body: string, { authorization = {}, key }: CallOptions): string {
    const timestamp = authorization.timestamp ?? String(Math.floor(this.world.now.getTime() / 1_000));
    const nonce_str = randomBytes(16).toString('hex');
    const signature = this.signed([method, target, timestamp, nonce_str, body], key);
    const parts: Record<string, string | undefined> = {
      mchid: this.account.mchId,
      nonce_str,
      signature,
      timestamp,
      serial_no: this.account.serialNo,
      ...authorization,
    };
    const written = Object.entries(parts).flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]));
    return `WECHATPAY2-SHA256-RSA2048 ${written.join(',')}`;
  }
}

/** Node's own client: it sends exactly the target that is given, where others tidy it up first. */
function exchange(
  origin: string,
  method: string,
  target: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; text: string }> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path: target, headers, agent: false, timeout: 5_000 }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: Buffer.concat(chunks).toString('utf8') }),
      );
      answer.on('error', reject);
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(body);
  });
}

function present(headers: Record<string, string | null>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null));
}

function parsed(text: string): WireAnswer['json'] {
  try {
    return JSON.parse(text) as WireAnswer['json'];
  } catch {
    return { amount: {} };
  }
}
