/** What the driver is asked to do once. */
export interface Job {
  readonly flow: FlowName;
  readonly target: Target;
  readonly connections: number;
  readonly warmUp: number;
  readonly seconds: number;
}

export interface Target {
  readonly url: string;
  readonly apiKey: string;
  readonly skus: readonly string[];
}

export type FlowName = 'order' | 'order-hot';

/** What the driver found. */
export interface Measured {
  /** From the first to the last of the measured ones, by the driver's clock. */
  readonly seconds: number;
  /** How many ended in which way, such as `placed`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Milliseconds of each that was measured, in no order. */
  readonly latencies: Float64Array;
  /** What nobody expects, with an example of each kind. */
  readonly unexpected: Readonly<Record<string, { readonly times: number; readonly example: string }>>;
  readonly requests: number;
}

/** From the driver: it has begun to measure, it has stopped measuring, it has ended. */
export type DriverMessage =
  | { readonly kind: 'ready' | 'measuring' | 'measured' }
  | { readonly kind: 'done'; readonly measured: Measured }
  | { readonly kind: 'failed'; readonly reason: string };
