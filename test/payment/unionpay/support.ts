import { createHash, createSign } from 'node:crypto';
import { FakeGateway, type RawRequest } from '../fake-gateway.js';
import { Clock } from '../../../src/kernel/clock.js';
import { money } from '../../../src/kernel/money.js';
import type { AttemptRequest, RawCallback, RefundRequest } from '../../../src/payment/gateway/gateway.js';
import type { ClientOptions } from '../../../src/payment/gateway/http-client.js';
import { UNIONPAY_ACCOUNT } from '../../../src/payment/gateway/unionpay/settings.js';
import { UnionpayGateway } from '../../../src/payment/gateway/unionpay/unionpay.gateway.js';
import type { Authority, Issued } from './authority.js';

export const GATEWAY_URL = 'https://gateway.95516.com';
export const MER_ID = '777290058110048';
export const OUT_TRADE_NO = '0abcdefghijklmnopqrstuvwx01';
export const REFUND_NO = '019b8c2a7d3e7f10a2b3c4d5e6f70123';
export const QUERY_ID = '512601051011122345678';
export const REFUND_QUERY_ID = '612601051230002345678';

/** 2026-01-05 10:15:00 in Beijing. */
export const NOW = new Date('2026-01-05T02:15:00.000Z');

export class MovableClock extends Clock {
  constructor(private instant = NOW) {
    super();
  }
  now(): Date {
    return this.instant;
  }
  moveTo(instant: Date | string): void {
    this.instant = new Date(instant);
  }
}

export function accountFields(world: Authority, gatewayUrl = GATEWAY_URL): Record<string, string> {
  return {
    gatewayUrl,
    merId: MER_ID,
    certificate: `${world.merchant.privateKey}${world.merchant.certificate}`,
    rootCertificate: world.root.certificate,
    middleCertificate: world.middle.certificate,
  };
}

export function gatewayAt(world: Authority, url: string, clock: Clock, options: Partial<ClientOptions> = {}): UnionpayGateway {
  return new UnionpayGateway(UNIONPAY_ACCOUNT.read(accountFields(world, url)), clock, options);
}

export const attempt: AttemptRequest = {
  outTradeNo: OUT_TRADE_NO,
  method: 'page',
  amount: money(8_888),
  subject: '龙井 500g',
  startedAt: new Date('2026-01-05T02:11:12.345Z'),
  expiresAt: new Date('2026-01-05T02:41:12.345Z'),
  notifyUrl: 'https://shop.example.com/v1/callbacks/unionpay',
  returnUrl: 'https://shop.example.com/orders/1?a=1&b=2',
};

export const refund: RefundRequest = {
  outTradeNo: OUT_TRADE_NO,
  gatewayRef: QUERY_ID,
  startedAt: attempt.startedAt,
  expiresAt: attempt.expiresAt,
  refundNo: REFUND_NO,
  amount: money(1_000),
  paid: money(8_888),
  paidAt: new Date('2026-01-05T02:12:30.000Z'),
  sentAt: new Date('2026-01-05T04:30:00.000Z'),
  reason: '少发一件',
  notifyUrl: 'https://shop.example.com/v1/callbacks/unionpay',
};

/** All of the money, on the day that it came: what a cancel is for. */
export const wholeRefund: RefundRequest = { ...refund, amount: refund.paid };

export type Changes = Readonly<Record<string, string | undefined>>;
export type Values = Readonly<Record<string, string>>;

export function changed(fields: Values, changes: Changes): Values {
  return Object.fromEntries(Object.entries({ ...fields, ...changes }).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The string that is signed: written out here once more, apart from the adapter. */
export function signedText(fields: Values): string {
  return Object.keys(fields)
    .filter((name) => name !== 'signature' && fields[name] !== '')
    .sort()
    .map((name) => `${name}=${fields[name] ?? ''}`)
    .join('&');
}

/** SHA-256 twice, by Node alone, so that a mistake of the adapter's signing cannot hide here. */
export function signatureOf(text: string | Buffer, privateKey: string): string {
  const digest = createHash('sha256').update(text).digest('hex');
  return createSign('RSA-SHA256').update(digest).sign(privateKey, 'base64');
}

/** Fields with the signer's certificate and signature, as UnionPay completes what it sends. */
export function signed(fields: Values, signer: Issued): Values {
  const complete = { ...fields, signPubKeyCert: signer.certificate.trim().replace(/\n/g, '\r\n') };
  return { ...complete, signature: signatureOf(signedText(complete), signer.privateKey) };
}

/** A synchronous answer: raw, nothing URL-encoded. */
export function rawBody(fields: Values): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

export interface Received {
  readonly path: string;
  readonly fields: Values;
}

/** A server that answers each transaction as the test says, well or badly. */
export class FakeUnionpay extends FakeGateway<Received> {
  private constructor(private readonly signer: Issued) {
    super();
  }

  static start(world: Authority): Promise<FakeUnionpay> {
    return new FakeUnionpay(world.unionpay).listen();
  }

  get url(): string {
    return this.origin;
  }

  /** `on` is `04`, `31`, or `00 <orderId>`, or `*`. The fields of the request come back, changed as the test says. */
  answers(on: string, changes: Changes): this {
    return this.does(on, (response, { fields }) => response.end(this.answer(fields, changes)));
  }

  answer(fields: Values, changes: Changes, signer = this.signer): string {
    const own = { certId: undefined, signature: undefined, respMsg: '成功[0000000]' };
    return rawBody(signed(changed(fields, { ...own, ...changes }), signer));
  }

  protected read({ url, body }: RawRequest): Received {
    return { path: url, fields: Object.fromEntries(new URLSearchParams(body)) };
  }

  /** A kind of transaction, or a question about a number. */
  protected callOf({ fields }: Received): string {
    return keyOf(fields);
  }
}

function keyOf(fields: Values): string {
  return fields['txnType'] === '00' ? `00 ${fields['orderId'] ?? ''}` : (fields['txnType'] ?? '');
}

/** What the answer to a query says of a payment that succeeded. */
export const paidAnswer: Values = {
  respCode: '00',
  origRespCode: '00',
  origRespMsg: '成功[0000000]',
  txnType: '01',
  txnSubType: '01',
  txnAmt: '8888',
  currencyCode: '156',
  queryId: QUERY_ID,
  traceNo: '234567',
  traceTime: '0105101230',
};

export const noticeFields: Values = {
  accNo: '6226090000000048',
  accessType: '0',
  bizType: '000201',
  currencyCode: '156',
  encoding: 'UTF-8',
  exchangeRate: '0',
  merId: MER_ID,
  orderId: OUT_TRADE_NO,
  payCardType: '01',
  queryId: QUERY_ID,
  reqReserved: '100% 棉 + 麻 & 丝=好',
  respCode: '00',
  respMsg: '成功[0000000]',
  settleAmt: '8888',
  settleCurrencyCode: '156',
  settleDate: '0105',
  signMethod: '01',
  traceNo: '234567',
  traceTime: '0105101230',
  txnAmt: '8888',
  txnSubType: '01',
  txnTime: '20260105101112',
  txnType: '01',
  version: '5.1.0',
};

export function noticeBody(signer: Issued, changes: Changes = {}): string {
  return new URLSearchParams(signed(changed(noticeFields, changes), signer)).toString();
}

export function callback(body: string | Buffer, receivedAt = NOW): RawCallback {
  return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from(body), receivedAt };
}
