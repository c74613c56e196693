import type { FastifyInstance } from 'fastify';
import type { GatewayName, Refund, Trade } from './ledger/trade.js';
import type { NoticeWriter, SealedNotice } from './notices/notice.js';
import type { Message } from './notices/outbox.js';

/** A notice that a test made up: what to change before it is signed, and after, and with what it is signed. */
export interface CraftedNotice {
  readonly tradeStatus: string | null;
  readonly fields: Readonly<Record<string, string | null>>; // Changed before signing; null leaves a field out.
  readonly tamper: Readonly<Record<string, string | null>>; // Changed after signing.
  readonly forge: ForgeryKind | null;
  readonly url: string;
}

export const FORGERY_KINDS = ['other_key', 'no_signature', 'empty_signature', 'sign_type_rsa'] as const;
export type ForgeryKind = (typeof FORGERY_KINDS)[number];

export interface SealedMessage {
  readonly message: Message & { readonly notifyId: string };
  readonly sealed: SealedNotice;
}

/** One gateway, as the parts that all gateways share see it. */
export interface Gateway {
  readonly name: GatewayName;
  readonly title: string; // For the payer's page, in Chinese and English.
  readonly merchant: string;
  readonly writer: NoticeWriter;

  /** Its wire protocol. */
  routes(app: FastifyInstance): void;
  /** Its own word for where a trade stands. */
  statusOf(trade: Trade): string;
  /** What it tells the merchant about a trade, or null where the merchant left no address. */
  announcement(trade: Trade, refund?: Refund): Message | null;
  craft(trade: Trade, wish: CraftedNotice): Promise<SealedMessage>;
  /** Whether a URL is a page of this gateway's, for a payer to open. */
  ownsPage(url: URL): boolean;
  /** The payer follows a signed page URL: the trade comes into being. Throws what the gateway refuses. */
  openPage(url: URL): Trade;
  /** Where the payer's browser goes back to, with the gateway's signed parameters. */
  returnAddress(trade: Trade): string | null;
}
