import type { AttemptBody } from '../support/world.js';
import { Once, type ShopCommand } from './commands.js';
import { chosen } from './deed.js';
import { Cancel, Place } from './deeds/buying.js';
import { RequestRefund, Ship } from './deeds/fulfilling.js';
import { StartPayment, closedAtGateway, payable } from './deeds/paying.js';
import type { Attempt, GatewayName, Model, Refund } from './model.js';
import { heardOfTwice, hearOfPayment, passTime, work } from './money.js';
import { A_WHILE, type Body, type RealShop } from './shop.js';

// What payers, gateways, time and bad luck do.

/** The payer opens what the shop handed out, and pays. The gateway says so at once, later, or never. */
export class Pay implements ShopCommand {
  constructor(
    private readonly attempt: number,
    private readonly notice: 'deliver' | 'hold' | 'drop',
  ) {}

  check(model: Readonly<Model>): boolean {
    return payable(model).length > 0;
  }

  async run(model: Model, { world }: RealShop): Promise<void> {
    const attempt = chosen(payable(model), this.attempt);
    if (this.notice !== 'drop') await world.payer.noticesAre(this.notice);
    const { notices } = await world.payer.pays(attempt as unknown as AttemptBody);
    if (this.notice !== 'drop') await world.payer.noticesAre('drop');
    expect(notices.map(({ state }) => state)).toEqual([{ deliver: 'delivered', hold: 'held', drop: 'dropped' }[this.notice]]);
    attempt.trade = 'paid';
    if (this.notice === 'hold') model.held.push(attempt);
    if (this.notice === 'deliver') hearOfPayment(attempt);
  }

  toString(): string {
    const notice = { deliver: '', hold: ', its notice held back', drop: ', its notice lost' }[this.notice];
    return `Pay(payable attempt ${this.attempt}${notice})`;
  }
}

/**
 * Where most stories begin: an order that was paid, shipped, or shipped and came back; one whose refund is under way when the power
 * fails; one that was cancelled while its payer still has the page; one whose payer has two pages, at two gateways.
 */
export type Story = 'paid' | 'shipped' | 'returned' | 'refund in the dark' | 'cancelled' | 'two pages';

export class Begin implements ShopCommand {
  constructor(
    private readonly story: Story,
    private readonly units: ConstructorParameters<typeof Place>[0],
    private readonly gateway: GatewayName,
    /** After so many packets the power fails. */
    private readonly packets: number,
  ) {}

  check(model: Readonly<Model>): boolean {
    return new Place(this.units).isPossible(model) && !model.isDown;
  }

  async run(model: Model, shop: RealShop): Promise<void> {
    const before = model.orders.length;
    await new Once(new Place(this.units)).run(model, shop);
    if (model.orders.length === before) return;
    const its = model.orders.filter(({ status }) => status === 'pending_payment').length - 1;
    await new Once(new StartPayment(its, this.gateway)).run(model, shop);
    const pages = payable(model).findIndex(({ order }) => order === model.orders.at(-1));
    if (this.story === 'two pages')
      return new Once(new StartPayment(its, this.gateway === 'alipay' ? 'unionpay' : 'alipay')).run(model, shop);
    const order = -before - 1;
    if (this.story === 'cancelled') {
      await new Once(new Cancel(order)).run(model, shop);
      return new Work().run(model, shop);
    }
    await new Pay(pages, 'deliver').run(model, shop);
    if (this.story === 'shipped' || this.story === 'returned') await new Once(new Ship(order, undefined)).run(model, shop);
    if (this.story === 'returned') await new Once(new RequestRefund(order, undefined, 1)).run(model, shop);
    if (this.story === 'refund in the dark') {
      await new Once(new RequestRefund(order, 100, 0)).run(model, shop);
      await new Crash(this.packets).run(model, shop);
    }
  }

  toString(): string {
    const when = this.story === 'refund in the dark' ? ` after ${this.packets}` : '';
    return `Begin(${this.story}${when}, ${new Place(this.units).toString()}, ${this.gateway})`;
  }
}

/** Money comes although the trade is closed at its gateway, as it can from a bank's own page. */
export class PayAfterAll implements ShopCommand {
  constructor(private readonly attempt: number) {}

  check(model: Readonly<Model>): boolean {
    return closedAtGateway(model).length > 0;
  }

  async run(model: Model, { world }: RealShop): Promise<void> {
    const attempt = chosen(closedAtGateway(model), this.attempt);
    await world.payer.noticesAre('deliver');
    const { notices } = await world.payer.pays({ outTradeNo: attempt.outTradeNo, action: null }, { late: true });
    await world.payer.noticesAre('drop');
    expect(notices).toMatchObject([{ state: 'delivered' }]);
    attempt.trade = 'paid';
    hearOfPayment(attempt);
  }

  toString(): string {
    return `PayAfterAll(closed attempt ${this.attempt})`;
  }
}

/** The payer only looks, and while the gateways are down sees nothing. */
export class OpenPage implements ShopCommand {
  constructor(private readonly attempt: number) {}

  check(model: Readonly<Model>): boolean {
    return this.pages(model).length > 0;
  }

  async run(model: Model, { world }: RealShop): Promise<void> {
    const attempt = chosen(this.pages(model), this.attempt);
    const opened = world.payer.opensThePage(attempt as unknown as AttemptBody);
    if (model.isDown) return void (await expect(opened).rejects.toThrow('fetch failed'));
    expect(await opened).toBeLessThan(400);
    attempt.trade = 'open';
  }

  toString(): string {
    return `OpenPage(page ${this.attempt})`;
  }

  private pages(model: Readonly<Model>): Attempt[] {
    return payable(model as Model).filter(({ gateway, trade }) => gateway === 'alipay' && trade === 'absent');
  }
}

/** The gateways let go of the notices that they have held back, the last one first or not. */
export class ReleaseNotices implements ShopCommand {
  constructor(private readonly order: 'sent' | 'reversed') {}

  check({ held }: Readonly<Model>): boolean {
    return held.length > 0;
  }

  async run(model: Model, { world }: RealShop): Promise<void> {
    const { notices } = await world.payer.releasesNotices(this.order);
    const held = model.held.splice(0);
    expect(notices.map(({ state }) => state)).toEqual(held.map(() => 'delivered'));
    for (const attempt of this.order === 'sent' ? held : held.reverse()) hearOfPayment(attempt);
  }

  toString(): string {
    return `ReleaseNotices(${this.order})`;
  }
}

export class Gateways implements ShopCommand {
  constructor(private readonly state: 'down' | 'up' | 'declining' | 'kind') {}

  check(model: Readonly<Model>): boolean {
    return { down: !model.isDown, up: model.isDown, declining: !model.isDeclining, kind: model.isDeclining }[this.state];
  }

  async run(model: Model, { world }: RealShop): Promise<void> {
    if (this.state === 'down' || this.state === 'up') {
      model.isDown = this.state === 'down';
      await world.payer.outage(model.isDown);
    } else if (this.state === 'declining') {
      model.isDeclining = true;
      for (const fault of [
        { gateway: 'alipay', method: 'alipay.trade.refund', subCode: 'ACQ.TRADE_NOT_ALLOW_REFUND' },
        { gateway: 'wechatpay', method: 'refund', subCode: 'INVALID_REQUEST' },
      ]) {
        await world.payer.breaks({ kind: 'declined', times: 0, ...fault });
      }
    } else {
      model.isDeclining = false;
      await world.payer.isMended();
    }
  }

  toString(): string {
    const says = { down: 'go down', up: 'come up', declining: 'refuse refunds', kind: 'refuse refunds no more' };
    return `Gateways(${says[this.state]})`;
  }
}

/** WeChat Pay and UnionPay make an end of the refunds that they have accepted. */
export class EndRefunds implements ShopCommand {
  constructor(
    private readonly outcome: 'succeeded' | 'closed',
    private readonly isAnnounced: boolean,
  ) {}

  check(model: Readonly<Model>): boolean {
    const open = accepted(model);
    // At UnionPay a cancel that fails is followed by a refund, which is another story.
    return open.length > 0 && (this.outcome === 'succeeded' || open.every(({ attempt }) => attempt.gateway === 'wechatpay'));
  }

  async run(model: Model, { world }: RealShop): Promise<void> {
    if (this.isAnnounced) await world.payer.noticesAre('deliver');
    const { notices } = await world.payer.settlesRefunds({ outcome: this.outcome });
    if (this.isAnnounced) await world.payer.noticesAre('drop');
    if (this.isAnnounced) expect(notices.map(({ state }) => state)).toEqual(notices.map(() => 'delivered'));
    const ended = accepted(model);
    expect(notices).toHaveLength(ended.length);
    for (const refund of ended) {
      refund.ended = this.outcome;
      if (this.outcome === 'succeeded') refund.attempt.givenBack += refund.amount;
    }
    // A notice about a refund has all open ones of its trade asked about.
    const trades = new Set(ended.map(({ attempt }) => attempt));
    const told = model.refunds.filter(({ attempt, state }) => trades.has(attempt) && (state === 'accepted' || state === 'lost'));
    if (this.isAnnounced) for (const refund of told) refund.announced = true;
  }

  toString(): string {
    return `EndRefunds(${this.outcome}${this.isAnnounced ? ', announced' : ''})`;
  }
}

const accepted = ({ refunds }: Readonly<Model>): Refund[] => refunds.filter(({ state, ended }) => state === 'accepted' && ended === null);

/** The worker does what there is to do. */
export class Work implements ShopCommand {
  check(): boolean {
    return true;
  }

  async run(model: Model, shop: RealShop): Promise<void> {
    await follow(model, shop, () => shop.world.settle(), work);
  }

  toString(): string {
    return 'Work';
  }
}

/** Time passes, and the worker does what is due by then. */
export class PassTime implements ShopCommand {
  constructor(private readonly milliseconds: number) {}

  check(): boolean {
    return true;
  }

  async run(model: Model, shop: RealShop): Promise<void> {
    await follow(
      model,
      shop,
      () => shop.passTime(this.milliseconds),
      (its) => passTime(its, this.milliseconds),
    );
  }

  toString(): string {
    return `PassTime(${this.milliseconds / 60_000} min)`;
  }
}

/** The program dies while it has nothing to do, or in the midst of its worker's work, which is found again by the clock. */
export class Crash implements ShopCommand {
  constructor(private readonly packets: number | undefined) {}

  check(): boolean {
    return true;
  }

  async run(model: Model, shop: RealShop): Promise<void> {
    if (this.packets === undefined) return shop.crash();
    const crashing = async (packets: number) => {
      shop.losesTheDatabaseAfter(packets);
      await shop.world.settle().catch(() => undefined);
      await shop.crash();
      await shop.passTime(A_WHILE);
    };
    await follow(
      model,
      shop,
      () => crashing(this.packets ?? 0),
      (its) => passTime(its, A_WHILE),
    );
  }

  toString(): string {
    return this.packets === undefined ? 'Crash' : `Crash(at work, after ${this.packets})`;
  }
}

/** The program first: where it hears of two payments at once, it says itself which of them was the first. */
async function follow(model: Model, shop: RealShop, real: () => Promise<void>, modelled: (model: Model) => void): Promise<void> {
  const ambiguous = model.isDown ? [] : heardOfTwice(model);
  await real();
  for (const { attempts } of ambiguous) {
    for (const attempt of attempts) {
      const { usedAs } = await shop.get<Body & { usedAs: string | null }>(`/v1/payments/${attempt.id}`);
      if (usedAs === 'payment') model.first.add(attempt);
    }
  }
  modelled(model);
}
