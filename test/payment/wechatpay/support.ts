import { createCipheriv, createSecretKey, createSign, createVerify, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { FakeGateway, type RawRequest } from '../fake-gateway.js';
import { Clock } from '../../../src/kernel/clock.js';
import { money } from '../../../src/kernel/money.js';
import type { AttemptRequest, RawCallback, RefundRequest } from '../../../src/payment/gateway/gateway.js';
import type { ClientOptions } from '../../../src/payment/gateway/http-client.js';
import type { WechatpaySettings } from '../../../src/payment/gateway/wechatpay/settings.js';
import { WechatpayGateway } from '../../../src/payment/gateway/wechatpay/wechatpay.gateway.js';

export const MCH_ID = '1900006891';
export const APP_ID = 'wxdace645e0bc2c424';
export const SERIAL_NO = '5F1C72E2A8931B72A2E13AF8DEE92471EB397115';
export const API_V3_KEY = 'a7cde1ZJB1kG2e7VfTs3jQzaWizur8Gb';
export const PUBLIC_KEY_ID = 'PUB_KEY_ID_0119000068912026010100000000';
export const OUT_TRADE_NO = 'a0000000000000000000000000001';
export const REFUND_NO = 'b0000000000000000000000000000001';
export const TRANSACTION_ID = '4200001234202601059876543210';
export const REFUND_ID = '50300807092021020105990201735';
export const PREPAY_ID = 'wx201410272009395522657a690389285100';

export const ours = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const wechats = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** 2026-01-05 10:11:00 in Beijing. */
export const NOW = new Date('2026-01-05T02:11:00.000Z');

export class MovedClock extends Clock {
  constructor(private instant = NOW) {
    super();
  }
  now(): Date {
    return this.instant;
  }
  advance(milliseconds: number): void {
    this.instant = new Date(this.instant.getTime() + milliseconds);
  }
}

export const settings: WechatpaySettings = {
  baseUrl: 'https://api.mch.weixin.qq.com',
  mchId: MCH_ID,
  appId: APP_ID,
  serialNo: SERIAL_NO,
  privateKey: ours.privateKey,
  apiV3Key: createSecretKey(Buffer.from(API_V3_KEY)),
  publicKey: { id: PUBLIC_KEY_ID, key: wechats.publicKey },
};

/** `publicKey: undefined` makes an account that knows WeChat Pay by its certificates alone. */
export function gatewayAt(
  baseUrl: string,
  options: Partial<ClientOptions> = {},
  changes: Partial<WechatpaySettings> = {},
  clock: Clock = new MovedClock(),
): WechatpayGateway {
  return new WechatpayGateway({ ...settings, baseUrl, ...changes }, clock, options);
}

export const attempt: AttemptRequest = {
  outTradeNo: OUT_TRADE_NO,
  method: 'native',
  amount: money(8_888),
  subject: '龙井 500g',
  startedAt: NOW,
  expiresAt: new Date('2026-01-05T02:41:00.000Z'),
  notifyUrl: 'https://shop.example.com/v1/callbacks/wechatpay/payments',
  returnUrl: 'https://shop.example.com/orders/1?a=1&b=2',
  openId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
  clientIp: '203.0.113.9',
};

export const refund: RefundRequest = {
  outTradeNo: OUT_TRADE_NO,
  startedAt: NOW,
  expiresAt: attempt.expiresAt,
  refundNo: REFUND_NO,
  sentAt: NOW,
  amount: money(1_000),
  paid: money(8_888),
  paidAt: NOW,
  reason: '少发一件',
  notifyUrl: 'https://shop.example.com/v1/callbacks/wechatpay/refunds',
};

export type Node = Readonly<Record<string, unknown>>;

/** An order as a query shows it. */
export const order: Node = {
  appid: APP_ID,
  mchid: MCH_ID,
  out_trade_no: OUT_TRADE_NO,
  transaction_id: TRANSACTION_ID,
  trade_type: 'NATIVE',
  trade_state: 'SUCCESS',
  trade_state_desc: '支付成功',
  bank_type: 'CMB_DEBIT',
  success_time: '2026-01-05T10:12:30+08:00',
  payer: { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
  amount: { total: 8_888, payer_total: 8_000, currency: 'CNY', payer_currency: 'CNY' },
};

/** A refund as the request or a query shows it. */
export const refunded: Node = {
  refund_id: REFUND_ID,
  out_refund_no: REFUND_NO,
  transaction_id: TRANSACTION_ID,
  out_trade_no: OUT_TRADE_NO,
  channel: 'ORIGINAL',
  status: 'SUCCESS',
  create_time: '2026-01-05T11:00:00+08:00',
  success_time: '2026-01-05T11:00:03+08:00',
  amount: { total: 8_888, refund: 1_000, payer_total: 8_000, payer_refund: 900, currency: 'CNY' },
};

/** SHA256withRSA by Node alone, so that a mistake of the adapter's signing cannot hide here. */
export function rsa(content: string | Buffer, key: KeyObject): string {
  return createSign('RSA-SHA256').update(content).sign(key, 'base64');
}

export interface Signer {
  readonly serial: string;
  readonly key: KeyObject;
}

export const wechat: Signer = { serial: PUBLIC_KEY_ID, key: wechats.privateKey };

/** The headers that WeChat Pay puts beside a body that it signs. */
export function signedHeaders(body: string | Buffer, signer = wechat, at = NOW): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const nonce = randomBytes(16).toString('hex');
  const content = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), Buffer.from(body), Buffer.from('\n')]);
  return {
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': nonce,
    'wechatpay-serial': signer.serial,
    'wechatpay-signature': rsa(content, signer.key),
    'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
  };
}

/** AEAD_AES_256_GCM as WeChat Pay does it: the tag at the end. */
export function sealed(text: string, associated_data: string, key = API_V3_KEY): Node {
  const nonce = randomBytes(6).toString('hex');
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(associated_data));
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64');
  return { algorithm: 'AEAD_AES_256_GCM', nonce, associated_data, ciphertext };
}

export interface NoticeWish {
  readonly envelope?: Node;
  readonly resource?: Node;
  readonly signer?: Signer;
  readonly at?: Date;
  readonly apiV3Key?: string;
}

export const NOTICE_ID = 'EV-2026010510123456';

/** A notice of a payment, in the state of `order` but for what is wished. */
export function paymentNotice(wish: NoticeWish = {}): RawCallback {
  return notice('TRANSACTION.SUCCESS', 'transaction', { ...order, ...wish.resource }, wish);
}

export function refundNotice(wish: NoticeWish = {}, event = 'REFUND.SUCCESS'): RawCallback {
  const { status, ...rest } = refunded;
  const amount = { total: 8_888, refund: 1_000, payer_total: 8_000, payer_refund: 900 };
  return notice(event, 'refund', { mchid: MCH_ID, ...rest, amount, refund_status: status, ...wish.resource }, wish);
}

function notice(event_type: string, kind: string, resource: Node, wish: NoticeWish): RawCallback {
  const envelope = {
    id: NOTICE_ID,
    create_time: '2026-01-05T10:12:31+08:00',
    resource_type: 'encrypt-resource',
    event_type,
    summary: '支付成功',
    resource: { original_type: kind, ...sealed(JSON.stringify(resource), kind, wish.apiV3Key) },
    ...wish.envelope,
  };
  return callback(JSON.stringify(envelope), wish.signer, wish.at);
}

export function callback(body: string | Buffer, signer = wechat, at = NOW): RawCallback {
  const headers = { 'content-type': 'application/json', ...signedHeaders(body, signer, at) };
  return { headers, body: Buffer.from(body), receivedAt: NOW };
}

export interface Received {
  readonly method: string;
  /** Path and query as they came. */
  readonly url: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  readonly content: Node;
}

/** The fields of an `Authorization` header. */
export function authorizationOf({ headers }: Received): Record<string, string> {
  const [scheme = '', rest = ''] = String(headers['authorization']).split(' ');
  const fields = [...rest.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);
  return { scheme, ...(Object.fromEntries(fields) as Record<string, string>) };
}

/** Whether a request was signed with the merchant's key, over what came. */
export function isSignedByUs(received: Received): boolean {
  const { timestamp = '', nonce_str = '', signature = '' } = authorizationOf(received);
  const content = `${received.method}\n${received.url}\n${timestamp}\n${nonce_str}\n${received.body}\n`;
  return createVerify('RSA-SHA256').update(content).verify(ours.publicKey, signature, 'base64');
}

export function answer(response: ServerResponse, node: Node, signer = wechat, at = NOW): void {
  const body = JSON.stringify(node);
  response.writeHead(200, { 'content-type': 'application/json', ...signedHeaders(body, signer, at) }).end(body);
}

export function noContent(response: ServerResponse, signer = wechat, at = NOW): void {
  response.writeHead(204, signedHeaders('', signer, at)).end();
}

export function refuse(response: ServerResponse, status: number, code: string, message = '说明'): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ code, message }));
}

/** Which call a request is. */
export function callOf({ method, path }: Received): string {
  if (path === '/v3/certificates') return 'certificates';
  if (path === '/v3/refund/domestic/refunds') return 'refund';
  if (path.startsWith('/v3/refund/domestic/refunds/')) return 'queryRefund';
  if (path.endsWith('/close')) return 'close';
  return method === 'POST' ? 'pay' : 'query';
}

/** A server that answers each call as the test says, well or badly. */
export class FakeWechatPay extends FakeGateway<Received> {
  static start(): Promise<FakeWechatPay> {
    return new FakeWechatPay().listen();
  }

  get url(): string {
    return this.origin;
  }

  answers(call: string, node: Node): this {
    return this.does(call, (response) => answer(response, node));
  }

  refuses(call: string, status: number, code: string): this {
    return this.does(call, (response) => refuse(response, status, code));
  }

  protected read(request: RawRequest): Received {
    const path = new URL(request.url, 'http://localhost').pathname;
    return { ...request, path, content: JSON.parse(request.body === '' ? '{}' : request.body) as Node };
  }

  protected callOf(received: Received): string {
    return callOf(received);
  }
}
