import { MINUTE } from '../../src/kernel/clock.js';

export type GatewayName = 'alipay' | 'wechatpay' | 'unionpay';

/** What a shop is told: the status of the answer, and the code of the problem where it is one. */
export interface Said {
  readonly status: number;
  readonly code?: string;
}

export interface Line {
  readonly sku: string;
  readonly quantity: number;
  shipped: number;
  cancelled: number;
  returned: number;
}

/** One try at a gateway: what we know of it, and what the gateway has in its books. */
export interface Attempt {
  readonly order: Order;
  readonly gateway: GatewayName;
  id: string;
  outTradeNo: string;
  action: unknown;
  known: 'open' | 'succeeded' | 'closed';
  usedAs: 'payment' | 'surplus' | 'late' | null;
  /** It is to be closed at its gateway. */
  closing: boolean;
  /** A job that is to close it has not run yet. */
  hasJob: boolean;
  /** Closed by us, although the payer can still open it: it is asked about once more when its time is over, or before long. */
  watched: 'no' | 'at_the_end' | 'soon';
  trade: 'absent' | 'open' | 'paid' | 'closed';
  readonly startedAt: number;
  /** What the gateway has given back. */
  givenBack: number;
}

export interface Refund {
  readonly order: Order;
  readonly attempt: Attempt;
  readonly kind: 'requested' | 'cancelled' | 'surplus' | 'late';
  readonly amount: number;
  /** `requested`: its job has not run. `lost`: whether it arrived at its gateway is asked before long. `accepted`: the gateway has it. */
  state: 'requested' | 'lost' | 'accepted' | 'succeeded' | 'failed';
  /** What the gateway has made of one that it had accepted. */
  ended: 'succeeded' | 'closed' | null;
  /** The gateway has said something about refunds of this attempt: it is asked at once. */
  announced: boolean;
}

export interface Order {
  id: string;
  readonly lines: readonly Line[];
  readonly due: number;
  readonly expiresAt: number;
  status: 'pending_payment' | 'closing' | 'awaiting_shipment' | 'shipped' | 'completed' | 'cancelled';
  payment: 'open' | 'succeeded' | 'closed';
  refunding: number;
  refunded: number;
  readonly attempts: Attempt[];
  readonly refunds: Refund[];
}

export interface Level {
  onHand: number;
  reserved: number;
}

export const PRICES: Readonly<Record<string, number>> = { TEA: 1_000, CUP: 2_500 };
export const SHIPPING_FEE = 300;
export const EXPIRY = 30 * MINUTE;
/** So long after its expiry an attempt is left in peace. */
export const GRACE = MINUTE;
/** UnionPay takes a page whose transaction is said to be of so long ago for one of another time. */
const UNIONPAY_PAGE = 15 * MINUTE;

/** All that a shop's engineer would say of the state of things, on one page: no table, no event, no lock. */
export class Model {
  now = 0;
  readonly stock = new Map<string, Level>([
    ['TEA', { onHand: 8, reserved: 0 }],
    ['CUP', { onHand: 4, reserved: 0 }],
  ]);
  readonly orders: Order[] = [];
  /** Notices that the gateways hold back, in the order in which they were written. */
  readonly held: Attempt[] = [];
  /** Of payments that are heard of at once, those that were first: which one is, is nobody's promise. */
  readonly first = new Set<Attempt>();
  /** No gateway can be reached. */
  isDown = false;
  /** Alipay and WeChat Pay turn refunds down. */
  isDeclining = false;

  get attempts(): Attempt[] {
    const all = this.orders.flatMap((order) => order.attempts);
    return [...all.filter((one) => this.first.has(one)), ...all.filter((one) => !this.first.has(one))];
  }

  get refunds(): Refund[] {
    return this.orders.flatMap((order) => order.refunds);
  }

  level(sku: string): Level {
    const level = this.stock.get(sku);
    if (!level) throw new Error(`the model has no ${sku}`);
    return level;
  }
}

export const toShip = ({ quantity, shipped, cancelled }: Line): number => quantity - shipped - cancelled;
export const unitsToShip = ({ lines }: Order): number => lines.reduce((all, line) => all + toShip(line), 0);
export const refundable = ({ payment, due, refunding, refunded }: Order): number =>
  payment === 'succeeded' ? due - refunding - refunded : 0;
export const isOver = ({ order }: Attempt, now: number): boolean => now >= order.expiresAt + GRACE;

/** Whether the payer can still open it, with what the shop has handed out. */
export function isPayable(attempt: Attempt, { now }: Model): boolean {
  const { gateway, trade, action, order, startedAt } = attempt;
  if (action === null || now >= order.expiresAt) return false;
  return trade === 'open' || (trade === 'absent' && (gateway !== 'unionpay' || now < startedAt + UNIONPAY_PAGE));
}
