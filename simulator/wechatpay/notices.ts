import type { CraftedNotice, SealedMessage } from '../gateway.js';
import type { Refund } from '../ledger/refund.js';
import type { Trade } from '../ledger/trade.js';
import type { Attempt, Notice, NoticeWriter, SealedNotice } from '../notices/notice.js';
import { newNotifyId, type Message } from '../notices/outbox.js';
import type { Stranger } from '../stranger.js';
import { altered, apart } from './alterations.js';
import { envelope, kept, ofRefund, ofTrade, type Said } from './envelope.js';
import { headersBy, OTHER_API_KEY } from './forgeries.js';
import type { PlatformKeys } from './platform-keys.js';
import { signatureHeaders } from './signature-headers.js';
import { refundStatus, tradeState } from './transaction-fields.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const CONTENT_TYPE = 'application/json; charset=utf-8';
const PAID: ReadonlySet<string> = new Set(['SUCCESS', 'REFUND']);

/** What WeChat Pay posts to the `notify_url` of an order or of a refund. Source: docs 4012791861, 4013071196, 4012075420. */
export class WechatpayNotices implements NoticeWriter {
  readonly retryAfterMs = [
    ...[15, 15, 30].map((seconds) => seconds * SECOND_MS),
    ...[3, 10, 20, 30, 30, 30, 60].map((minutes) => minutes * MINUTE_MS),
    ...[3, 3, 3, 6, 6].map((hours) => hours * HOUR_MS),
  ];
  readonly timeoutMs = 5_000;

  constructor(
    private readonly platform: PlatformKeys,
    private readonly apiV3Key: string,
    private readonly stranger: Stranger,
  ) {}

  /** The status alone counts. */
  accepts(attempt: Attempt): boolean {
    return attempt.status === 200 || attempt.status === 204;
  }

  seal(notice: Notice, now: Date): SealedNotice {
    const body = JSON.stringify(envelope(notice.fields, notice, this.apiV3Key));
    return { contentType: CONTENT_TYPE, headers: signatureHeaders(body, this.platform.forNotice(), now), body };
  }

  /** Null where there is nothing to tell, or no address of the merchant's: a refund in the portal tells nobody. */
  announcement(trade: Trade, refund?: Refund): Message | null {
    const { notifyUrl } = refund ?? trade;
    if (notifyUrl === null || (refund ? refund.state === 'processing' : trade.paidAt === null)) return null;
    return message(trade, refund ?? null, refund ? ofRefund(refund, trade) : ofTrade(trade), notifyUrl);
  }

  async craft(trade: Trade, wish: CraftedNotice, now: Date): Promise<SealedMessage> {
    const changes = apart(wish.fields);
    const said = claimed(trade, wish, now);
    const told = { ...said, resource: altered(said.resource, changes.resource) };
    const notice = { ...message(trade, wish.refund, told, wish.url), notifyId: changes.envelope.id ?? newNotifyId(now) };
    const apiV3Key = wish.forge === 'other_api_key' ? OTHER_API_KEY : this.apiV3Key;
    const whole = envelope(notice.fields, { notifyId: notice.notifyId, createdAt: now.toISOString() }, apiV3Key);
    const body = JSON.stringify(altered(whole, changes.envelope));
    const headers = await headersBy(wish.forge, { body, key: this.platform.forNotice(), now, stranger: this.stranger });
    return { message: notice, sealed: tampered({ contentType: CONTENT_TYPE, headers, body }, wish.tamper) };
  }
}

/** What a notice says that a test made up; of a payment that nobody made, where it claims one. */
function claimed(trade: Trade, { refund, tradeStatus }: CraftedNotice, now: Date): Said {
  if (refund) return ofRefund(refund, trade, tradeStatus ?? undefined);
  const state = tradeStatus ?? tradeState(trade);
  const isClaim = PAID.has(state) && trade.paidAt === null;
  return ofTrade(isClaim ? { ...trade, paidAt: now.toISOString(), paidAmount: trade.totalAmount } : trade, state);
}

function message(trade: Trade, refund: Refund | null, said: Said, url: string): Message {
  const about = { gateway: trade.gateway, outTradeNo: trade.outTradeNo, outRequestNo: refund?.outRequestNo ?? null };
  const status = said.resource.refund_status ?? said.resource.trade_state;
  return {
    ...about,
    tradeStatus: typeof status === 'string' ? status : refund ? refundStatus(refund) : tradeState(trade),
    url,
    fields: kept(said),
  };
}

/** `body` replaces the whole body, `headers.<name>` a header; null leaves a header out. */
function tampered(sealed: SealedNotice, changes: Readonly<Record<string, string | null>>): SealedNotice {
  const headers = new Map(Object.entries(sealed.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  for (const [name, text] of Object.entries(changes)) {
    const header = /^headers\.(.+)$/.exec(name)?.[1]?.toLowerCase();
    if (header === undefined) continue;
    if (text === null) headers.delete(header);
    else headers.set(header, text);
  }
  return { ...sealed, headers: Object.fromEntries(headers), body: changes.body ?? sealed.body };
}
