import { among, chosen, done, refused, type Deed } from '../deed.js';
import { refundable, toShip, unitsToShip, type Line, type Model, type Refund, type Said } from '../model.js';
import { free, leavesNothingToShip, newRefund } from '../money.js';
import type { Body, RealShop } from '../shop.js';

export class Ship implements Deed {
  /** All that is left where no units are named. */
  constructor(
    private readonly order: number,
    private readonly units: number | undefined,
  ) {}

  isPossible(model: Model): boolean {
    return this.orders(model).length > 0;
  }

  send(model: Model, shop: RealShop, key: string) {
    const { id, lines } = chosen(this.orders(model), this.order);
    const items = this.units === undefined ? {} : { items: [{ sku: shop.skuOf(first(lines).sku), quantity: this.units }] };
    return shop.post(`/v1/orders/${id}/shipments`, { carrier: 'SF', trackingNumber: 'SF1', ...items }, key);
  }

  happen(model: Model): Said {
    const order = chosen(this.orders(model), this.order);
    if (order.status !== 'awaiting_shipment') return refused(409, 'illegal_transition');
    if (order.refunding + order.refunded === order.due) return refused(409, 'order_refunded');
    if (this.units !== undefined && this.units > toShip(first(order.lines))) return refused(422, 'units_exceed_order');
    if (unitsToShip(order) === 0) return refused(409, 'illegal_transition');
    for (const line of order.lines) {
      const leaving = this.units === undefined ? toShip(line) : line === first(order.lines) ? this.units : 0;
      line.shipped += leaving;
      model.level(line.sku).onHand -= leaving;
      model.level(line.sku).reserved -= leaving;
    }
    if (unitsToShip(order) === 0) order.status = 'shipped';
    return done(201);
  }

  toString(): string {
    return `Ship(order ${this.order}, ${this.units ?? 'all that is left'})`;
  }

  private orders({ orders }: Model) {
    return among(orders, ({ status }) => status === 'awaiting_shipment', this.order);
  }
}

export class Complete implements Deed {
  constructor(private readonly order: number) {}

  isPossible(model: Model): boolean {
    return this.orders(model).length > 0;
  }

  send(model: Model, shop: RealShop, key: string) {
    return shop.post(`/v1/orders/${chosen(this.orders(model), this.order).id}/complete`, undefined, key);
  }

  happen(model: Model): Said {
    const order = chosen(this.orders(model), this.order);
    if (order.status !== 'shipped') return refused(409, 'illegal_transition');
    order.status = 'completed';
    return done(200);
  }

  toString(): string {
    return `Complete(order ${this.order})`;
  }

  private orders({ orders }: Model) {
    return among(orders, ({ status }) => status === 'shipped', this.order);
  }
}

/** Money goes back, a part or all that is left, and with it units on sale again where that is wanted. */
export class RequestRefund implements Deed {
  constructor(
    private readonly order: number,
    private readonly amount: number | undefined,
    private readonly restock: number,
  ) {}

  isPossible(model: Model): boolean {
    return this.orders(model).length > 0;
  }

  send(model: Model, shop: RealShop, key: string) {
    const { id, lines } = chosen(this.orders(model), this.order);
    const amount = this.amount === undefined ? {} : { amount: this.amount };
    const restock = this.restock === 0 ? {} : { restock: [{ sku: shop.skuOf(first(lines).sku), quantity: this.restock }] };
    return shop.post(`/v1/orders/${id}/refunds`, { reason: 'wanted back', ...amount, ...restock }, key);
  }

  happen(model: Model): Said {
    const order = chosen(this.orders(model), this.order);
    const paying = order.attempts.find(({ usedAs }) => usedAs === 'payment');
    if (!paying) return refused(409, 'order_not_paid');
    const left = refundable(order);
    const amount = this.amount ?? left;
    if (amount === 0 || amount > left) return refused(409, 'refund_exceeds_paid');
    const line = first(order.lines);
    if (this.restock > toShip(line) + line.shipped - line.returned) return refused(422, 'units_exceed_order');
    const unshipped = Math.min(this.restock, toShip(line));
    if (leavesNothingToShip(order, unshipped)) order.status = 'shipped';
    free(model, line, unshipped);
    line.returned += this.restock - unshipped;
    model.level(line.sku).onHand += this.restock - unshipped;
    order.refunding += amount;
    order.refunds.push(newRefund(paying, 'requested', amount));
    return done(201);
  }

  toString(): string {
    const units = this.restock === 0 ? '' : `, ${this.restock} on sale again`;
    return `Refund(order ${this.order}, ${this.amount ?? 'all that is left'}${units})`;
  }

  private orders({ orders }: Model) {
    return among(orders, (order) => refundable(order) > 0, this.order);
  }
}

/** A person tries again what a gateway has refused. */
export class RetryRefund implements Deed {
  constructor(private readonly refund: number) {}

  isPossible(model: Model): boolean {
    return failed(model).length > 0;
  }

  async send(model: Model, shop: RealShop, key: string) {
    const { order, kind, amount, attempt } = chosen(failed(model), this.refund);
    const { data } = await shop.get<{ data: (Body & { kind: string; amount: number; paymentId: string })[] }>(
      `/v1/orders/${order.id}/refunds`,
    );
    const its = data.find((one) => one.status === 'failed' && one.kind === kind && one.amount === amount && one.paymentId === attempt.id);
    if (!its) throw new Error(`the shop has no failed refund of ${amount} (${kind})`);
    return shop.post(`/v1/refunds/${its.id}/retry`, undefined, key);
  }

  happen(model: Model): Said {
    const refund = chosen(failed(model), this.refund);
    if (!canBeRetried(refund)) return refused(409, 'refund_exceeds_paid');
    if (isOwn(refund)) refund.order.refunding += refund.amount;
    Object.assign(refund, { state: 'requested', ended: null, announced: false });
    return done(200);
  }

  toString(): string {
    return `RetryRefund(failed refund ${this.refund})`;
  }
}

export const failed = (model: Model): Refund[] => model.refunds.filter(({ state }) => state === 'failed');

/** Unless its money went back by another refund meanwhile. */
export function canBeRetried(refund: Refund): boolean {
  return !isOwn(refund) || refund.amount <= refundable(refund.order);
}

/** Of money that was the order's own. */
const isOwn = ({ kind }: Refund): boolean => kind === 'requested' || kind === 'cancelled';

function first(lines: readonly Line[]): Line {
  return chosen(lines, 0);
}
