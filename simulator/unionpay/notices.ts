import type { CraftedNotice, ForgeryKind, SealedMessage } from '../gateway.js';
import type { Refund } from '../ledger/refund.js';
import type { Trade } from '../ledger/trade.js';
import type { Attempt, Notice, NoticeWriter, SealedNotice } from '../notices/notice.js';
import { newNotifyId, type Message } from '../notices/outbox.js';
import type { SigningKeys } from './credentials.js';
import { forgers } from './forgeries.js';
import { formOf, type Fields } from './message.js';
import { messageOf, SUCCESS } from './resp-codes.js';
import { signed } from './signing.js';
import { paymentCode, paymentFields, refundCode, refundFields } from './transaction-fields.js';

const MINUTE_MS = 60_000;

/** What UnionPay posts to a transaction's `backUrl`. Source: UnionPay's own Java kit, `BackRcvResponse` and `Form_6_2_FrontConsume`. */
export class UnionPayNotices implements NoticeWriter {
  /** Five tries in all. */
  readonly retryAfterMs = [0, MINUTE_MS, 2 * MINUTE_MS, 4 * MINUTE_MS];
  readonly timeoutMs = 10_000;

  private readonly forgers: ReturnType<typeof forgers>;

  constructor(private readonly keys: SigningKeys) {
    this.forgers = forgers(keys);
  }

  get forgeries(): ReadonlySet<ForgeryKind> {
    return new Set(this.forgers.keys());
  }

  /** The status alone counts; the kit's own `ok` is never read. */
  accepts(attempt: Attempt): boolean {
    return attempt.status === 200 || attempt.status === 302;
  }

  /** Nothing in it is dated, so that every try is the same, byte for byte. */
  seal(notice: Pick<Notice, 'fields'>): SealedNotice {
    return form(signed(notice.fields, this.keys.gateway));
  }

  craft(trade: Trade, wish: CraftedNotice, now: Date): SealedMessage {
    const respCode = wish.tradeStatus ?? (wish.refund ? refundCode(wish.refund) : paymentCode(trade));
    const subject = respCode === SUCCESS ? asPaid(trade, now) : trade;
    const said = altered(wish.refund ? aboutRefund(wish.refund, trade, respCode) : aboutPayment(subject, respCode), wish.fields);
    const sign = (wish.forge && this.forgers.get(wish.forge)) ?? ((fields: Fields): Fields => signed(fields, this.keys.gateway));
    const sealed = form(altered(sign(said), wish.tamper));
    const message = {
      gateway: trade.gateway,
      outTradeNo: trade.outTradeNo,
      outRequestNo: wish.refund?.outRequestNo ?? null,
      tradeStatus: said.respCode ?? '',
      url: wish.url,
    };
    return { message: { ...message, fields: said, notifyId: newNotifyId(now) }, sealed };
  }
}

/** A payment is announced when it succeeded and at no other time; a refund or a cancel when it is over, whichever way it went. */
export function announcement(trade: Trade, refund?: Refund): Message | null {
  const respCode = refund ? refundCode(refund) : paymentCode(trade);
  const url = refund ? refund.notifyUrl : trade.notifyUrl;
  if (url === null || (refund ? refund.state === 'processing' : respCode !== SUCCESS)) return null;
  return {
    gateway: trade.gateway,
    outTradeNo: trade.outTradeNo,
    outRequestNo: refund?.outRequestNo ?? null,
    tradeStatus: respCode,
    url,
    fields: refund ? aboutRefund(refund, trade, respCode) : aboutPayment(trade, respCode),
  };
}

/** What the payer's browser brings back to the merchant's `frontUrl`: the same words, which prove nothing there. */
export function frontNotice(trade: Trade, keys: SigningKeys): Fields {
  return signed(aboutPayment(trade, paymentCode(trade)), keys.gateway);
}

function aboutPayment(trade: Trade, respCode: string): Fields {
  return { ...paymentFields(trade), exchangeRate: '0', respCode, respMsg: spoken(respCode) };
}

function aboutRefund(refund: Refund, trade: Trade, respCode: string): Fields {
  return { ...refundFields(refund, trade), respCode, respMsg: spoken(respCode) };
}

/** Notices speak English where answers speak Chinese, of successes at least. */
function spoken(respCode: string): string {
  return respCode === SUCCESS ? 'success' : messageOf(respCode);
}

/** For a notice that claims a payment which nobody made. */
function asPaid(trade: Trade, now: Date): Trade {
  return trade.paidAt === null ? { ...trade, paidAt: now.toISOString(), paidAmount: trade.totalAmount } : trade;
}

function altered(fields: Fields, changes: Readonly<Record<string, string | null>>): Fields {
  return Object.fromEntries(Object.entries({ ...fields, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null));
}

function form(fields: Fields): SealedNotice {
  return { contentType: 'application/x-www-form-urlencoded; charset=UTF-8', body: formOf(fields) };
}
