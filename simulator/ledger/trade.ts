/** The gateways that the simulator stands in for. */
export type GatewayName = 'alipay';

/** How the payer meets the order: a page in a browser, a page on a phone, or a code that a phone scans. */
export type Product = 'page' | 'wap' | 'qr';

/** What the merchant asked for. A signed page URL or a QR code is an order; the gateway knows no trade until a payer opens it. */
export interface Order {
  readonly gateway: GatewayName;
  readonly outTradeNo: string;
  readonly product: Product;
  readonly totalAmount: number; // Fen.
  readonly subject: string;
  readonly body: string | null;
  readonly notifyUrl: string | null;
  readonly returnUrl: string | null;
  readonly passback: string | null; // The merchant's own text, given back in notices and nowhere else.
  readonly expiresAt: string; // ISO 8601, UTC; an unpaid trade is closed from then on.
  readonly code: QrCode | null;
}

export interface QrCode {
  readonly value: string; // The last part of the URL in the picture.
  readonly expiresAt: string;
}

export type TradeState = 'unpaid' | 'paid' | 'refunded' | 'closed';
export type TradeAction = 'pay' | 'close' | 'expire' | 'refundInPart' | 'refundInFull';

/** Every way a trade can go. `refunded` is a trade whose money went back completely; `closed` is one that never had any. */
export const TRADE_TRANSITIONS: Record<TradeState, Partial<Record<TradeAction, TradeState>>> = {
  unpaid: { pay: 'paid', close: 'closed', expire: 'closed' },
  paid: { refundInPart: 'paid', refundInFull: 'refunded' },
  refunded: {},
  closed: {},
};

export interface Trade extends Order {
  readonly tradeNo: string; // The gateway's own number.
  readonly state: TradeState;
  readonly paidAmount: number; // Fen; the asked amount unless a test made the payer pay another one.
  readonly refundedAmount: number; // Fen, all refunds together.
  readonly createdAt: string;
  readonly paidAt: string | null;
  readonly closedAt: string | null;
  readonly refusedAt: string | null; // The payer said no; the trade stays payable, as at a real gateway.
}

export interface Refund {
  readonly gateway: GatewayName;
  readonly outTradeNo: string;
  readonly outRequestNo: string;
  readonly amount: number; // Fen.
  readonly reason: string | null;
  readonly at: string;
}

export type RefusalReason =
  | 'unknown_trade'
  | 'different_order'
  | 'already_ordered'
  | 'already_paid'
  | 'already_closed'
  | 'expired'
  | 'not_unpaid'
  | 'not_paid'
  | 'request_number_reused'
  | 'exceeds_remaining';

/** A rule of the ledger said no. Each gateway has its own words for the reason. */
export class Refusal extends Error {
  constructor(readonly reason: RefusalReason) {
    super(reason);
  }
}
