/** The gateways that the simulator stands in for. */
export const GATEWAY_NAMES = ['alipay', 'wechatpay', 'unionpay'] as const;
export type GatewayName = (typeof GATEWAY_NAMES)[number];

/**
 * How the payer meets the order: `page` in a browser, `wap` on a phone, `qr` by a code whose trade comes with the scan; WeChat's
 * `native` (a code), `jsapi` (inside WeChat) and `h5` (a phone's browser); `app` through the gateway's SDK.
 */
export type Product = 'page' | 'wap' | 'qr' | 'app' | 'native' | 'jsapi' | 'h5';

/** What a gateway keeps with an order or a refund for itself. The ledger never looks inside. */
export type Details = Readonly<Record<string, string>>;

/** What the merchant asked for. Where a payer's browser brings the order, the gateway knows no trade until the payer opens it. */
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
  readonly code: PayerCode | null;
  readonly details: Details;
}

/** What leads a payer's device to the order: the secret part of a QR picture's text, or of a link. */
export interface PayerCode {
  readonly value: string;
  readonly expiresAt: string;
}

export type TradeState = 'unpaid' | 'paid' | 'refunded' | 'closed';
export type TradeAction = 'pay' | 'close' | 'expire' | 'payLate' | 'refundInPart' | 'refundInFull';

/** Every way a trade can go. `refunded` is a trade whose money went back completely; `closed` is one that never had any. */
export const TRADE_TRANSITIONS: Record<TradeState, Partial<Record<TradeAction, TradeState>>> = {
  unpaid: { pay: 'paid', close: 'closed', expire: 'closed' },
  paid: { refundInPart: 'paid', refundInFull: 'refunded' },
  refunded: {},
  closed: { payLate: 'paid' }, // Only a test makes money arrive after the end; a bank's page can.
};

export interface Trade extends Order {
  readonly tradeNo: string; // The gateway's own number.
  readonly state: TradeState;
  readonly paidAmount: number; // Fen; the asked amount unless a test made the payer pay another one.
  readonly refundedAmount: number; // Fen, all refunds that succeeded together.
  readonly refundingAmount: number; // Fen, of refunds that are under way: they count against what is left.
  readonly createdAt: string;
  readonly paidAt: string | null;
  readonly closedAt: string | null;
  readonly refusedAt: string | null; // The payer said no; the trade stays payable, as at a real gateway.
}
