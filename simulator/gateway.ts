import type { FastifyInstance } from 'fastify';
import type { Clock } from './clock.js';
import type { FaultPlan } from './faults.js';
import type { Ledger } from './ledger/ledger.js';
import type { Refund, RefundRequest } from './ledger/refund.js';
import type { GatewayName, Order, Trade } from './ledger/trade.js';
import type { NoticeWriter, SealedNotice } from './notices/notice.js';
import type { Message } from './notices/outbox.js';
import type { Refunds } from './refunds.js';
import type { RequestLog } from './request-log.js';

/** What every gateway works with. */
export interface GatewayParts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly faults: FaultPlan;
  readonly requests: RequestLog;
  readonly refunds: Refunds;
  /** Where payers and merchants reach the simulator; known once it listens. */
  readonly origin: () => string;
}

/** A notice that a test made up: what to change before it is signed, and after, and with what it is signed. */
export interface CraftedNotice {
  readonly refund: Refund | null; // What it is about; null: the trade.
  readonly tradeStatus: string | null;
  readonly fields: Readonly<Record<string, string | null>>; // Changed before signing; null leaves a field out.
  readonly tamper: Readonly<Record<string, string | null>>; // Changed after signing.
  readonly forge: ForgeryKind | null;
  readonly url: string;
}

export const FORGERY_KINDS = [
  'other_key',
  'no_signature',
  'empty_signature',
  'sign_type',
  'sign_type_rsa',
  'expired_timestamp',
  'unknown_serial',
  'signtest',
  'other_api_key',
  'other_cert',
  'wrong_cn',
  'expired_cert',
] as const;
export type ForgeryKind = (typeof FORGERY_KINDS)[number];

export interface SealedMessage {
  readonly message: Message & { readonly notifyId: string };
  readonly sealed: SealedNotice;
}

/** What a payer's device brings: an address, a form that its browser posts, or what the merchant gave to the gateway's SDK on it. */
export type Visit =
  | { readonly kind: 'url'; readonly url: URL }
  | { readonly kind: 'form'; readonly url: URL; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'params'; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'orderString'; readonly text: string };

/** Where the payer's browser goes after paying: by a link, or by a form that it posts. */
export interface WayBack {
  readonly url: string;
  readonly form: Readonly<Record<string, string>> | null;
}

/** One gateway, as the parts that all gateways share see it. */
export interface Gateway {
  readonly name: GatewayName;
  readonly title: string; // For the payer's page, in Chinese and English.
  readonly merchant: string;
  readonly writer: NoticeWriter;
  /** The forgeries that mean something here. */
  readonly forgeries: ReadonlySet<ForgeryKind>;

  /** Its wire protocol. */
  routes(app: FastifyInstance): void;
  /** What a test can set at this gateway alone, as `/control/<name>`. Bodies are JSON here. */
  controlRoutes?(app: FastifyInstance): void;
  /** Forgets what a test has set. */
  reset?(): void;
  /** Its own word for where a trade stands. */
  statusOf(trade: Trade): string;
  refundStatusOf(refund: Refund): string;
  /** What it tells the merchant about a trade, or about a refund of it; null where there is nothing to say or no address to say it to. */
  announcement(trade: Trade, refund?: Refund): Message | null;
  craft(trade: Trade, wish: CraftedNotice): Promise<SealedMessage>;
  /** The payer comes with what the merchant gave them. Null where it is none of this gateway's; throws what the gateway refuses. */
  visit(visit: Visit): Trade | null;
  /** The text in an order's QR picture, or null where it has none. */
  codeText(order: Order): string | null;
  /** Where the payer's browser goes back to, with the gateway's signed parameters. */
  wayBack(trade: Trade): WayBack | null;
  /** A refund that somebody makes in the gateway's own portal: under which numbers, and with what else. */
  portalRefund(trade: Trade, amount: number): RefundRequest;
  /** Whether a refund is over at once, or accepted first. */
  readonly refundsAtOnce: boolean;
}

/** A gateway says no to what a payer brought. The payer sees `code` and the message on a page; the merchant is not told. */
export class GatewayRefusal extends Error {
  constructor(
    readonly shownCode: string,
    readonly shownMessage: string,
  ) {
    super(`${shownCode}: ${shownMessage}`);
  }
}
