/** What the driver is asked to do once. */
export interface Job {
  readonly target: Target;
  readonly connections: number;
  readonly work: Work;
}

export interface Target {
  readonly url: string;
  readonly apiKey: string;
  readonly skus: readonly string[];
}

/** In seconds. */
export interface Stretch {
  readonly warmUp: number;
  readonly seconds: number;
}

export type Work =
  | ({ readonly kind: 'orders'; readonly lines: 1 | 2 } & Stretch)
  /** Orders that are sent at their times, `rate` of them a second, whether the former ones are answered or not. */
  | ({ readonly kind: 'paced-orders'; readonly lines: 1 | 2; readonly rate: number } & Stretch)
  /** Orders of customers who may be turned away. */
  | ({ readonly kind: 'customers'; readonly lines: 1 | 2 } & Stretch)
  /** More orders than can be placed, `rate` of them a second: who is turned away has come in vain. */
  | ({ readonly kind: 'rush'; readonly lines: 1 | 2; readonly rate: number } & Stretch)
  | ({ readonly kind: 'mixed' } & Stretch)
  /** Buyers of one unit each, for as long as there are any. */
  | { readonly kind: 'buyers'; readonly buyers: number }
  /** The notices that were signed last, until they or the time run out. */
  | ({ readonly kind: 'notices' } & Stretch)
  | ({ readonly kind: 'paid-orders' } & Stretch)
  | { readonly kind: 'refunds'; readonly orderIds: readonly string[] };

/** A payment attempt that the gateway will speak about. */
export interface OpenTrade {
  readonly orderId: string;
  readonly outTradeNo: string;
  /** In fen. */
  readonly amount: number;
}

/** Whom the driver plays: Alipay, to one application of one merchant. */
export interface GatewayRole {
  readonly appId: string;
  readonly sellerId: string;
  readonly privateKeyFile: string;
}

/** To the driver. */
export type Order =
  | { readonly kind: 'play'; readonly role: GatewayRole }
  /** Signs a notice for each, ahead of the measured time. */
  | { readonly kind: 'sign'; readonly trades: readonly OpenTrade[] }
  | { readonly kind: 'run'; readonly job: Job };

/** What the driver found. */
export interface Measured {
  /** That were measured, by the driver's clock. */
  readonly seconds: number;
  /** Milliseconds of each, in no order, by how it ended, such as `placed`. */
  readonly latencies: Readonly<Record<string, Float64Array>>;
  /** What nobody expects, with an example of each kind. */
  readonly unexpected: Readonly<Record<string, { readonly times: number; readonly example: string }>>;
}

/** From the driver. It begins and stops measuring as often as its work wants it. */
export type DriverMessage =
  | { readonly kind: 'ready' | 'measuring' | 'measured' | 'signed' }
  | { readonly kind: 'playing'; readonly gatewayUrl: string }
  | { readonly kind: 'done'; readonly measured: Measured }
  | { readonly kind: 'failed'; readonly reason: string };
