import type { CraftedNotice, ForgeryKind, SealedMessage } from '../gateway.js';
import type { Refund } from '../ledger/refund.js';
import type { Trade } from '../ledger/trade.js';
import type { Attempt, Notice, NoticeWriter, SealedNotice } from '../notices/notice.js';
import { newNotifyId, type Message } from '../notices/outbox.js';
import type { Stranger } from '../stranger.js';
import { ALIPAY_SELLER_ID, type App, type Apps } from './apps.js';
import { beijingTime } from './beijing-time.js';
import { noticeText, rsa1, rsa2, type Parameters } from './signing.js';
import { amountFields, BUYER, moment, statusWord, tradeAmount } from './trade-fields.js';
import { yuan } from './yuan.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SELLER_EMAIL = 'seller@example.com';
/** The forgeries that mean something to Alipay's notices. */
export const ALIPAY_FORGERIES: ReadonlySet<ForgeryKind> = new Set<ForgeryKind>([
  'other_key',
  'no_signature',
  'empty_signature',
  'sign_type_rsa',
]);
const PAID: ReadonlySet<string> = new Set(['TRADE_SUCCESS', 'TRADE_FINISHED']);

/** What Alipay posts to the merchant's `notify_url`. Source: docs open/00f7nu and common/02mse7. */
export class AlipayNotices implements NoticeWriter {
  readonly retryAfterMs = [4 * MINUTE_MS, 10 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 6 * HOUR_MS, 15 * HOUR_MS];

  readonly timeoutMs = 5_000;

  constructor(
    private readonly apps: Apps,
    private readonly stranger: Stranger,
  ) {}

  /** Seven bytes and nothing else; `SUCCESS`, quotes or a line end make Alipay try again. */
  accepts(attempt: Attempt): boolean {
    return attempt.status === 200 && attempt.body === 'success';
  }

  seal(notice: Pick<Notice, 'notifyId' | 'fields'>, now: Date): SealedNotice {
    const app = this.apps.of({ details: { appId: notice.fields.app_id ?? '' } });
    const said = complete(notice.fields, notice.notifyId, now, app);
    return form({ ...said, sign: rsa2(noticeText(said), app.signing.privateKey) });
  }

  /** Null where the merchant left no address. */
  announcement(trade: Trade, refund?: Refund): Message | null {
    if (trade.notifyUrl === null) return null;
    const about = { gateway: trade.gateway, outTradeNo: trade.outTradeNo, outRequestNo: refund?.outRequestNo ?? null };
    const fields = announcementFields(trade, this.apps.of(trade), refund);
    return { ...about, tradeStatus: statusWord(trade), url: trade.notifyUrl, fields };
  }

  async craft(trade: Trade, wish: CraftedNotice, now: Date): Promise<SealedMessage> {
    const app = this.apps.of(trade);
    const claimed = PAID.has(wish.tradeStatus ?? '') ? asPaid(trade, now) : trade;
    const fields = announcementFields(claimed, app, wish.refund ?? undefined);
    const status = wish.tradeStatus ?? statusWord(trade);
    const said = altered(complete({ ...fields, trade_status: status }, newNotifyId(now), now, app), wish.fields);
    const sealed = form(altered(await this.signed(said, wish, app), wish.tamper));
    const about = { gateway: trade.gateway, outTradeNo: trade.outTradeNo, outRequestNo: wish.refund?.outRequestNo ?? null };
    const message = { ...about, tradeStatus: said.trade_status ?? '', url: wish.url };
    return { message: { ...message, fields: said, notifyId: said.notify_id ?? newNotifyId(now) }, sealed };
  }

  private async signed(said: Parameters, { forge }: CraftedNotice, { signing }: App): Promise<Parameters> {
    if (forge === 'no_signature') return said;
    if (forge === 'empty_signature') return { ...said, sign: '' };
    if (forge === 'sign_type_rsa') return { ...said, sign_type: 'RSA', sign: rsa1(noticeText(said), signing.privateKey) };
    const key = forge === 'other_key' ? await this.stranger.privateKey() : signing.privateKey;
    return { ...said, sign: rsa2(noticeText(said), key) };
  }
}

/** A field without a value is left out, so that signing rules which differ on empty values agree on ours. */
function announcementFields(trade: Trade, app: App, refund?: Refund): Parameters {
  const bills = JSON.stringify([{ amount: tradeAmount(trade), fundChannel: 'ALIPAYACCOUNT' }]);
  return {
    app_id: app.appId,
    auth_app_id: app.appId,
    trade_no: trade.tradeNo,
    out_trade_no: trade.outTradeNo,
    trade_status: statusWord(trade),
    ...amountFields(trade),
    buyer_id: BUYER.id,
    buyer_logon_id: BUYER.logonId,
    seller_id: ALIPAY_SELLER_ID,
    seller_email: SELLER_EMAIL,
    subject: trade.subject,
    ...(trade.body !== null && { body: trade.body }),
    ...(trade.passback !== null && { passback_params: trade.passback }),
    gmt_create: moment(trade.createdAt),
    ...(trade.paidAt !== null && { gmt_payment: moment(trade.paidAt), fund_bill_list: bills }),
    ...(trade.refundedAmount > 0 && { refund_fee: yuan(trade.refundedAmount) }),
    ...(refund && { out_biz_no: refund.outRequestNo, gmt_refund: `${moment(refund.endedAt ?? refund.at)}.000` }),
    ...(trade.closedAt !== null && { gmt_close: moment(trade.closedAt) }),
  };
}

/** `notify_time` is when this try leaves, so a retry is dated and signed anew under the same id. */
function complete(fields: Parameters, notifyId: string, now: Date, { signing }: App): Parameters {
  const common = { notify_type: 'trade_status_sync', charset: 'utf-8', version: '1.0', sign_type: 'RSA2' };
  const certificate: Parameters = signing.certificateSn === null ? {} : { alipay_cert_sn: signing.certificateSn };
  return { ...fields, ...common, ...certificate, notify_id: notifyId, notify_time: beijingTime(now) };
}

/** For a notice that claims a payment which nobody made. */
function asPaid(trade: Trade, now: Date): Trade {
  return trade.paidAt === null ? { ...trade, paidAt: now.toISOString(), paidAmount: trade.totalAmount } : trade;
}

function altered(fields: Parameters, changes: Readonly<Record<string, string | null>>): Parameters {
  return Object.fromEntries(Object.entries({ ...fields, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null));
}

function form(fields: Parameters): SealedNotice {
  return { contentType: 'application/x-www-form-urlencoded; charset=UTF-8', body: new URLSearchParams(fields).toString() };
}
