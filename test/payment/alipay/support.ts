import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { FakeGateway, type RawRequest } from '../fake-gateway.js';
import { Clock } from '../../../src/kernel/clock.js';
import { money } from '../../../src/kernel/money.js';
import { AlipayGateway } from '../../../src/payment/gateway/alipay/alipay.gateway.js';
import type { AttemptRequest, RawCallback, RefundRequest } from '../../../src/payment/gateway/gateway.js';
import type { ClientOptions } from '../../../src/payment/gateway/http-client.js';

export const APP_ID = '2021000122671080';
export const SELLER_ID = '2088721000000000';
export const OUT_TRADE_NO = 'A0000000000000000000000000000001';
export const REFUND_NO = 'R0000000000000000000000000000001';
export const TRADE_NO = '2026010522001446880501234567';

export const ours = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const alipays = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const strangers = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** 2026-01-05 10:11:00 in Beijing. */
export const NOW = new Date('2026-01-05T02:11:00.000Z');

export class StoppedClock extends Clock {
  constructor(private readonly instant = NOW) {
    super();
  }
  now(): Date {
    return this.instant;
  }
}

export function gatewayAt(gatewayUrl: string, options: Partial<ClientOptions> = {}, now = NOW): AlipayGateway {
  const settings = { gatewayUrl, appId: APP_ID, sellerId: SELLER_ID, privateKey: ours.privateKey, alipayPublicKey: alipays.publicKey };
  return new AlipayGateway(settings, new StoppedClock(now), options);
}

export const attempt: AttemptRequest = {
  outTradeNo: OUT_TRADE_NO,
  method: 'page',
  amount: money(8_888),
  subject: '龙井 500g',
  startedAt: NOW,
  expiresAt: new Date('2026-01-05T02:41:00.000Z'),
  notifyUrl: 'https://shop.example.com/v1/callbacks/alipay',
  returnUrl: 'https://shop.example.com/orders/1?a=1&b=2',
};

export const refund: RefundRequest = {
  outTradeNo: OUT_TRADE_NO,
  refundNo: REFUND_NO,
  amount: money(1_000),
  paid: money(8_888),
  reason: '少发一件',
  startedAt: NOW,
  expiresAt: attempt.expiresAt,
  paidAt: new Date('2026-01-05T02:12:30.000Z'),
  sentAt: new Date('2026-01-05T03:00:00.000Z'),
  notifyUrl: 'https://shop.example.com/v1/callbacks/alipay',
};

/** RSA2 by Node alone, so that a mistake of the adapter's signing cannot hide here. */
export function rsa2(content: string, key: KeyObject): string {
  return createSign('RSA-SHA256').update(content, 'utf8').sign(key, 'base64');
}

export type Node = Readonly<Record<string, unknown>>;

export function nodeName(method: string): string {
  return `${method.split('.').join('_')}_response`;
}

/** An answer as Alipay writes it, slashes escaped. */
export function answerBody(name: string, node: Node, key: KeyObject | null = alipays.privateKey): string {
  const text = JSON.stringify(node).split('/').join('\\/');
  return key === null ? `{"${name}":${text}}` : `{"${name}":${text},"sign":"${rsa2(text, key)}"}`;
}

export interface Received {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly content: Node;
}

/** A server that answers each method as the test says, well or badly. */
export class FakeAlipay extends FakeGateway<Received> {
  static start(): Promise<FakeAlipay> {
    return new FakeAlipay().listen();
  }

  get url(): string {
    return `${this.origin}/gateway.do`;
  }

  answers(method: string, node: Node): this {
    return this.does(method, (response) => response.end(answerBody(nodeName(method), node)));
  }

  protected read({ url, body }: RawRequest): Received {
    const query = new URL(url, 'http://localhost').searchParams;
    const form = new URLSearchParams(body);
    return { method: query.get('method') ?? '', query, form, content: JSON.parse(form.get('biz_content') ?? '{}') as Node };
  }

  protected callOf({ method }: Received): string {
    return method;
  }
}

export const noticeFields: Readonly<Record<string, string>> = {
  gmt_create: '2026-01-05 10:12:01',
  charset: 'utf-8',
  gmt_payment: '2026-01-05 10:12:30',
  notify_time: '2026-01-05 10:12:31',
  subject: '100% 棉 + 麻 & 丝=好',
  passback_params: 'merchantBizType%3d3C%26k%3dv',
  buyer_id: '2088102177846880',
  invoice_amount: '88.88',
  version: '1.0',
  notify_id: '2026010500222101230046880501234567',
  fund_bill_list: '[{"amount":"88.88","fundChannel":"ALIPAYACCOUNT"}]',
  notify_type: 'trade_status_sync',
  out_trade_no: OUT_TRADE_NO,
  total_amount: '88.88',
  trade_status: 'TRADE_SUCCESS',
  trade_no: TRADE_NO,
  auth_app_id: APP_ID,
  receipt_amount: '88.88',
  point_amount: '0.00',
  app_id: APP_ID,
  buyer_pay_amount: '88.88',
  seller_id: SELLER_ID,
};

/** The string that Alipay signs of a notice: written out here once more, apart from the adapter. */
export function signedText(fields: Readonly<Record<string, string>>): string {
  const names = Object.keys(fields).filter((name) => name !== 'sign' && name !== 'sign_type');
  return names
    .sort()
    .map((name) => `${name}=${fields[name] ?? ''}`)
    .join('&');
}

export function signedNotice(changes: Readonly<Record<string, string | undefined>> = {}, key = alipays.privateKey): string {
  const merged = Object.entries({ ...noticeFields, ...changes }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const fields = Object.fromEntries(merged);
  return new URLSearchParams({ ...fields, sign_type: 'RSA2', sign: rsa2(signedText(fields), key) }).toString();
}

export function callback(body: string | Buffer): RawCallback {
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from(body), receivedAt: NOW };
}
