import { WAYS } from '../../support/world.js';
import { among, chosen, done, refused, type Deed } from '../deed.js';
import { isPayable, type Attempt, type GatewayName, type Model, type Said } from '../model.js';
import { ask, hearOfPayment } from '../money.js';
import type { Body, RealShop } from '../shop.js';

/** The shop sends its payer to a gateway. */
export class StartPayment implements Deed {
  constructor(
    private readonly order: number,
    private readonly gateway: GatewayName,
  ) {}

  isPossible(model: Model): boolean {
    return this.orders(model).length > 0;
  }

  send(model: Model, shop: RealShop, key: string) {
    return shop.post(`/v1/orders/${chosen(this.orders(model), this.order).id}/payments`, WAYS[this.gateway], key);
  }

  happen(model: Model, { id, outTradeNo, action }: Body): Said {
    const order = chosen(this.orders(model), this.order);
    if (order.status !== 'pending_payment') return refused(409, 'order_not_payable');
    // Only WeChat Pay is called for it, and has the trade from then on.
    const isCalled = this.gateway === 'wechatpay';
    order.attempts.push({
      ...{ order, gateway: this.gateway, id, outTradeNo: String(outTradeNo) },
      action: isCalled && model.isDown ? null : action,
      known: 'open',
      usedAs: null,
      closing: false,
      hasJob: false,
      watched: 'no',
      trade: isCalled && !model.isDown ? 'open' : 'absent',
      startedAt: model.now,
      givenBack: 0,
    });
    return done(201);
  }

  toString(): string {
    return `StartPayment(order ${this.order}, ${this.gateway})`;
  }

  private orders({ orders }: Model) {
    return among(orders, ({ status }) => status === 'pending_payment', this.order);
  }
}

/** The shop asks after an attempt, or wants it closed. */
export class AskAfter implements Deed {
  constructor(
    private readonly attempt: number,
    private readonly wish: 'sync' | 'close',
  ) {}

  isPossible(model: Model): boolean {
    return this.attempts(model).length > 0;
  }

  send(model: Model, shop: RealShop, key: string) {
    return shop.post(`/v1/payments/${chosen(this.attempts(model), this.attempt).id}/${this.wish}`, undefined, key);
  }

  happen(model: Model): Said {
    const attempt = chosen(this.attempts(model), this.attempt);
    if (this.wish === 'close') {
      if (attempt.known === 'succeeded') return refused(409, 'illegal_transition');
      if (attempt.known === 'closed') return done(200);
      attempt.closing = true;
    }
    ask(model, attempt);
    return done(200);
  }

  toString(): string {
    return `${this.wish === 'sync' ? 'Sync' : 'ClosePayment'}(attempt ${this.attempt})`;
  }

  private attempts({ attempts }: Model) {
    return among(attempts, ({ known }) => known !== 'succeeded', this.attempt);
  }
}

/** A gateway says again what it has to say about a payment, once or several times at once, however late that is. */
export class Notify implements Deed {
  constructor(
    private readonly attempt: number,
    private readonly times: number,
  ) {}

  isPossible(model: Model): boolean {
    return paid(model).length > 0;
  }

  async send(model: Model, { world }: RealShop) {
    const { outTradeNo } = chosen(paid(model), this.attempt);
    const { notices } = await world.payer.notifies({ outTradeNo, action: null }, { times: this.times, concurrent: true });
    const refusing = notices.find(({ status, body }) => status !== 200 || !/success|^ok$|^$/i.test(body ?? ''));
    const status = refusing === undefined ? 200 : (refusing.status ?? 0);
    return { status, headers: new Headers(), body: { ...refusing, id: '', status: String(status) } };
  }

  happen(model: Model): Said {
    hearOfPayment(chosen(paid(model), this.attempt));
    return done(200);
  }

  toString(): string {
    return `Notify(payment ${this.attempt}, ${this.times} times)`;
  }
}

const paid = ({ attempts }: Model): Attempt[] => attempts.filter(({ trade }) => trade === 'paid');
export const payable = (model: Model): Attempt[] => model.attempts.filter((attempt) => isPayable(attempt, model));
export const closedAtGateway = ({ attempts }: Model): Attempt[] => attempts.filter(({ trade }) => trade === 'closed');
