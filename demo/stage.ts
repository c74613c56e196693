import type { DemoGateway, Way } from './gateways.js';
import type { Payer } from './payer.js';
import type { Attempt, Order, Refund } from './shapes.js';
import type { Shop } from './shop.js';
import type { Transcript } from './transcript.js';
import { until } from './until.js';

/** Something that the story sells, with what there was of it when it was added. */
export interface Goods {
  readonly sku: string;
  readonly name: string;
  readonly price: number;
  readonly stock: number;
}

/** Everything that a scene of the story needs, and what the scenes before it have left. */
export interface Stage {
  readonly shop: Shop;
  readonly payer: Payer;
  readonly gateway: DemoGateway;
  readonly transcript: Transcript;
  /** Makes the names of this run unlike those of any other, so that the story can be played again on the same database. */
  readonly run: string;
  readonly goods: { readonly tea: Goods; readonly pot: Goods; readonly cup: Goods };
  /** Every order of this run with its attempts, to be held against the gateway's books at the end. */
  readonly played: { readonly order: Order; readonly attempts: Attempt[] }[];
}

/** Places an order for one customer of this run. */
export async function placeOrder(
  stage: Stage,
  items: readonly (readonly [Goods, number])[],
  options: { readonly shippingFee?: number; readonly expiresInSeconds?: number } = {},
): Promise<Order> {
  const wanted = {
    customerId: `demo-${stage.run}`,
    items: items.map(([{ sku }, quantity]) => ({ sku, quantity })),
    ...options,
  };
  const { order } = await stage.shop.place(wanted);
  remember(stage, order);
  return order;
}

export function remember(stage: Stage, order: Order): void {
  stage.played.push({ order, attempts: [] });
}

/** Starts a payment of an order, at the gateway of the story where none is named. */
export async function startPayment(stage: Stage, order: Order, way: Way, gateway: DemoGateway = stage.gateway): Promise<Attempt> {
  const attempt = await stage.shop.startPayment(order.id, gateway, way);
  stage.played.find((one) => one.order.id === order.id)?.attempts.push(attempt);
  return attempt;
}

export function orderUntil({ shop }: Stage, id: string, status: string): Promise<Order> {
  return until(
    () => shop.order(id),
    (order) => order.status === status,
  );
}

/** The order's refund of this kind, once it has succeeded. */
export async function refundUntilSucceeded({ shop }: Stage, orderId: string, kind: string): Promise<Refund | undefined> {
  const ofKind = async () => (await shop.refunds(orderId)).find((refund) => refund.kind === kind);
  return until(ofKind, (refund) => refund?.status === 'succeeded');
}
