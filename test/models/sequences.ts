import fc from 'fast-check';

import {
  Begin,
  Crash,
  EndRefunds,
  Gateways,
  OpenPage,
  PassTime,
  Pay,
  PayAfterAll,
  ReleaseNotices,
  Work,
  type Story,
} from './circumstances.js';
import { Interrupted, Once, Repeated, type ShopCommand } from './commands.js';
import { compare, comeToRest } from './comparing.js';
import type { Deed } from './deed.js';
import { Adjust, Cancel, Place } from './deeds/buying.js';
import { Complete, RequestRefund, RetryRefund, Ship } from './deeds/fulfilling.js';
import { AskAfter, Notify, StartPayment } from './deeds/paying.js';
import { Model, PRICES } from './model.js';
import { A_WHILE, LONG, type RealShop } from './shop.js';

/** What fast-check needs to come to the same failure again. */
export interface Replay {
  readonly seed: number;
  readonly path?: string;
  readonly replayPath?: string;
}

const index = fc.constantFrom(0, 0, 1, 1, 2, 3, -1, -2);
const one = fc.nat({ max: 3 });
const gateway = fc.constantFrom('alipay', 'wechatpay', 'unionpay');
const packets = fc.nat({ max: 14 });

const place = fc.record({ tea: fc.nat({ max: 3 }), cups: fc.nat({ max: 2 }) }).map((units) => new Place(units));
const start = fc.tuple(index, gateway).map(([order, at]) => new StartPayment(order, at));
const startSigned = fc.tuple(index, fc.constantFrom('alipay', 'unionpay')).map(([order, at]) => new StartPayment(order, at));
const cancel = index.map((order) => new Cancel(order));
const ship = fc.tuple(index, fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined })).map(([order, units]) => new Ship(order, units));
const complete = index.map((order) => new Complete(order));
const amount = fc.option(fc.constantFrom(1, 100, 700, 1_300, 2_800), { nil: undefined });
const refund = fc.tuple(index, amount, fc.nat({ max: 2 })).map(([order, money, restock]) => new RequestRefund(order, money, restock));
const retry = one.map((refunds) => new RetryRefund(refunds));
const notify = fc.tuple(one, fc.integer({ min: 1, max: 5 })).map(([payment, times]) => new Notify(payment, times));
const askAfter = fc.tuple(index, fc.constantFrom('sync', 'close')).map(([attempt, wish]) => new AskAfter(attempt, wish));
const adjust = fc.tuple(fc.constantFrom('TEA', 'CUP'), fc.constantFrom(-2, -1, 1, 2)).map(([sku, delta]) => new Adjust(sku, delta));

/** Whatever is done in one commit may be interrupted, and asked for again under the same key. */
const inOneCommit = fc.oneof<fc.Arbitrary<Deed>[]>(place, startSigned, cancel, ship, complete, refund, notify, adjust);
const anyDeed = fc.oneof<fc.Arbitrary<Deed>[]>(place, start, cancel, ship, refund, retry, complete);

const pay = fc
  .tuple(one, fc.constantFrom('deliver' as const, 'deliver' as const, 'hold' as const, 'drop' as const))
  .map(([attempt, notice]) => new Pay(attempt, notice));

const begin = (story: Story) =>
  fc
    .tuple(fc.record({ tea: fc.nat({ max: 3 }), cups: fc.nat({ max: 2 }) }), gateway, packets)
    .map(([units, at, after]) => new Begin(story, units, at, after));

const once = (deed: fc.Arbitrary<Deed>): fc.Arbitrary<ShopCommand> => deed.map((one) => new Once(one));

/** Each as likely as the others; what sequences live by stands here several times. */
const COMMANDS: fc.Arbitrary<ShopCommand>[] = [
  ...[
    begin('paid'),
    begin('paid'),
    begin('shipped'),
    begin('returned'),
    begin('refund in the dark'),
    begin('cancelled'),
    begin('two pages'),
    once(place),
    once(place),
    once(start),
    once(start),
    once(start),
    pay,
    pay,
    pay,
  ],
  ...[
    once(cancel),
    once(cancel),
    once(ship),
    once(ship),
    once(complete),
    once(refund),
    once(refund),
    once(refund),
    once(retry),
    once(notify),
    once(askAfter),
  ],
  once(adjust),
  one.map((attempt) => new PayAfterAll(attempt)),
  one.map((attempt) => new PayAfterAll(attempt)),
  one.map((attempt) => new OpenPage(attempt)),
  fc.constantFrom('sent' as const, 'reversed' as const).map((order) => new ReleaseNotices(order)),
  fc.constantFrom('down' as const, 'up' as const, 'up' as const, 'declining' as const, 'kind' as const).map((state) => new Gateways(state)),
  fc
    .tuple(fc.constantFrom('succeeded' as const, 'succeeded' as const, 'closed' as const), fc.boolean())
    .map(([outcome, isAnnounced]) => new EndRefunds(outcome, isAnnounced)),
  fc.constant(new Work()),
  fc.constant(new Work()),
  fc.constantFrom(A_WHILE, A_WHILE, LONG).map((time) => new PassTime(time)),
  fc.tuple(anyDeed, fc.integer({ min: 2, max: 4 })).map(([deed, times]) => new Repeated(deed, times)),
  fc.tuple(inOneCommit, packets).map(([deed, after]) => new Interrupted(deed, after)),
  fc.option(packets, { nil: undefined }).map((after) => new Crash(after)),
];

const LONGEST = 40;
const IN_ONE_SHOP = 100;

/** That the shop does, in sequences of commands drawn from a seed, what the model says. Rejects with the shortest sequence where it does not. */
export async function tryOut(
  shop: RealShop,
  runs: number,
  { seed, path, replayPath }: Replay,
  ran: () => void = () => undefined,
): Promise<void> {
  const commands = fc.commands(COMMANDS, { maxCommands: LONGEST, size: 'max', ...(replayPath === undefined ? {} : { replayPath }) });
  let played = 0;
  const property = fc.asyncProperty(commands, async (sequence) => {
    played += 1;
    // What was sold before costs time when everything is looked at.
    if (played % IN_ONE_SHOP === 0) await shop.startOver();
    try {
      await play(shop, sequence);
    } catch (failure) {
      await shop.startOver();
      throw failure;
    }
    ran();
  });
  await fc.assert(property, { numRuns: runs, seed, endOnFailure: false, ...(path === undefined ? {} : { path }) });
}

async function play(shop: RealShop, sequence: Iterable<ShopCommand>): Promise<void> {
  const model = new Model();
  await shop.stockUp(model.stock, PRICES);
  await fc.asyncModelRun(() => ({ model, real: shop }), sequence);
  await compare(model, shop);
  await comeToRest(model, shop);
  await compare(model, shop);
  expect(await shop.world.violations()).toEqual([]);
}
