import { setTimeout as pause } from 'node:timers/promises';

import type { Random } from '../random.js';
import { SCARCE, SHELF } from './goods.js';
import type { Attempt, Item, Order, Shop } from './shop.js';

const LOOKS_AT_PAYMENT = 40;
const BETWEEN_LOOKS = 250;

/** What becomes of an order, with how often in a hundred. */
const LIVES: readonly (readonly [share: number, live: (shop: Shop, order: Order, random: Random) => Promise<void>])[] = [
  [8, async () => Promise.resolve()],
  [12, (shop, order) => shop.cancel(order)],
  [38, paidAndShipped],
  [14, paidAndRefunded],
  [8, paidAndCancelled],
  [8, paidWhileCancelled],
  [6, paidTwice],
  [6, paidTooLate],
];

/** One customer's way through the shop, from the basket to its end. */
export async function live(shop: Shop, random: Random): Promise<void> {
  const order = await shop.place(basket(random), random.percent(5) ? random.between(2, 6) : 1_800);
  if (order === undefined) return;
  let chance = random.below(100);
  for (const [share, life] of LIVES) {
    chance -= share;
    if (chance < 0) return life(shop, order, random);
  }
}

/** In any order: whoever locks what is in it must not wait for one who locks it the other way round. */
function basket(random: Random): Item[] {
  if (random.percent(10)) return [{ sku: random.pick(SCARCE).sku, quantity: 1 }];
  return random
    .shuffled(SHELF)
    .slice(0, random.between(1, 4))
    .map(({ sku }) => ({ sku, quantity: random.between(1, 3) }));
}

async function paid(shop: Shop, order: Order, random: Random): Promise<boolean> {
  const attempt = await shop.startPayment(order, random);
  if (attempt === undefined) return false;
  // A gateway tells it more than once where it does not hear the answer.
  const how = random.percent(20) ? { times: random.between(2, 4), concurrent: random.percent(50) } : {};
  if (!(await shop.pays(attempt, how))) return false;
  for (let looks = 0; looks < LOOKS_AT_PAYMENT; looks += 1) {
    if ((await shop.statusOf(order)) === 'awaiting_shipment') return true;
    await pause(BETWEEN_LOOKS);
  }
  return false;
}

async function paidAndShipped(shop: Shop, order: Order, random: Random): Promise<void> {
  if (!(await paid(shop, order, random))) return;
  const [first] = order.items;
  if (first && first.quantity > 1 && random.percent(40)) await shop.ship(order, [{ sku: first.sku, quantity: 1 }]);
  await shop.ship(order);
  if (random.percent(15)) await shop.refund(order, random.between(1, order.amountDue));
}

async function paidAndRefunded(shop: Shop, order: Order, random: Random): Promise<void> {
  if (!(await paid(shop, order, random))) return;
  const isScarce = order.items.some(({ sku }) => SCARCE.some((scarce) => scarce.sku === sku));
  const [first] = order.items;
  const restock = first !== undefined && !isScarce && random.percent(50) ? [{ sku: first.sku, quantity: 1 }] : [];
  const part = random.between(1, order.amountDue);
  // At once, and together more than there is: one of them may be refused, and never both.
  await Promise.all([shop.refund(order, part, restock), shop.refund(order, order.amountDue)]);
  if (random.percent(50)) await shop.refund(order, Math.max(1, order.amountDue - part));
}

async function paidAndCancelled(shop: Shop, order: Order, random: Random): Promise<void> {
  if (await paid(shop, order, random)) await shop.cancel(order);
}

async function paidWhileCancelled(shop: Shop, order: Order, random: Random): Promise<void> {
  const attempt = await shop.startPayment(order, random);
  if (attempt !== undefined) await Promise.all([shop.pays(attempt), shop.cancel(order)]);
}

async function paidTwice(shop: Shop, order: Order, random: Random): Promise<void> {
  const attempts = await Promise.all([shop.startPayment(order, random), shop.startPayment(order, random)]);
  await Promise.all(attempts.filter((attempt): attempt is Attempt => attempt !== undefined).map((attempt) => shop.pays(attempt)));
}

async function paidTooLate(shop: Shop, order: Order, random: Random): Promise<void> {
  const attempt = await shop.startPayment(order, random);
  if (attempt === undefined) return;
  await shop.cancel(order);
  await shop.pays(attempt, { late: true });
}
