import { among, chosen, done, refused, type Deed } from '../deed.js';
import { EXPIRY, PRICES, SHIPPING_FEE, type Model, type Said } from '../model.js';
import { beginToClose, cancel } from '../money.js';
import type { Body, RealShop } from '../shop.js';

export class Place implements Deed {
  constructor(private readonly units: { readonly tea: number; readonly cups: number }) {}

  isPossible({ orders }: Model): boolean {
    return orders.length < 4;
  }

  send(_: Model, shop: RealShop, key: string) {
    const items = this.items().map(({ sku, quantity }) => ({ sku: shop.skuOf(sku), quantity }));
    return shop.post('/v1/orders', { customerId: 'c-1', items, shippingFee: SHIPPING_FEE }, key);
  }

  happen(model: Model, { id }: Body): Said {
    const items = this.items();
    const available = (sku: string) => model.level(sku).onHand - model.level(sku).reserved;
    if (items.some(({ sku, quantity }) => available(sku) < quantity)) return refused(409, 'insufficient_stock');
    for (const { sku, quantity } of items) model.level(sku).reserved += quantity;
    model.orders.push({
      id,
      lines: items.map((item) => ({ ...item, shipped: 0, cancelled: 0, returned: 0 })),
      due: items.reduce((all, { sku, quantity }) => all + quantity * (PRICES[sku] ?? 0), SHIPPING_FEE),
      expiresAt: model.now + EXPIRY,
      status: 'pending_payment',
      payment: 'open',
      refunding: 0,
      refunded: 0,
      attempts: [],
      refunds: [],
    });
    return done(201);
  }

  toString(): string {
    return `Place(${this.items()
      .map(({ sku, quantity }) => `${quantity} ${sku}`)
      .join(', ')})`;
  }

  private items() {
    const { tea, cups } = this.units;
    const items = [
      { sku: 'TEA', quantity: tea },
      { sku: 'CUP', quantity: cups },
    ].filter(({ quantity }) => quantity > 0);
    return items.length > 0 ? items : [{ sku: 'TEA', quantity: 1 }];
  }
}

export class Cancel implements Deed {
  constructor(private readonly order: number) {}

  isPossible(model: Model): boolean {
    return this.orders(model).length > 0;
  }

  send(model: Model, shop: RealShop, key: string) {
    return shop.post(`/v1/orders/${chosen(this.orders(model), this.order).id}/cancel`, { reason: 'no more' }, key);
  }

  happen(model: Model): Said {
    const order = chosen(this.orders(model), this.order);
    if (order.status === 'closing' || order.status === 'cancelled') return done(200);
    if (order.lines.some(({ shipped }) => shipped > 0)) return refused(409, 'illegal_transition');
    if (order.payment === 'open') beginToClose(model, order);
    else cancel(model, order);
    return done(200);
  }

  toString(): string {
    return `Cancel(order ${this.order})`;
  }

  private orders({ orders }: Model) {
    return among(orders, ({ status }) => status === 'pending_payment' || status === 'awaiting_shipment', this.order);
  }
}

export class Adjust implements Deed {
  constructor(
    private readonly sku: string,
    private readonly delta: number,
  ) {}

  isPossible(): boolean {
    return true;
  }

  send(_: Model, shop: RealShop, key: string) {
    return shop.post(`/v1/inventory/${shop.skuOf(this.sku)}/adjustments`, { delta: this.delta, reason: 'counted' }, key);
  }

  happen(model: Model): Said {
    const level = model.level(this.sku);
    if (level.onHand - level.reserved + this.delta < 0) return refused(409, 'insufficient_stock');
    level.onHand += this.delta;
    return done(201);
  }

  toString(): string {
    return `Adjust(${this.sku}, ${this.delta})`;
  }
}
