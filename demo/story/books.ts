import type { Goods, Stage } from '../stage.js';
import type { Order } from '../shapes.js';
import { yuan } from '../transcript.js';

const HELD = ['pending_payment', 'closing', 'awaiting_shipment'];

/** What the orders say, held against the stock and against the gateway's own books. Answers the sums. */
export async function compareBooks(stage: Stage): Promise<string> {
  const { shop, transcript, goods, played } = stage;
  transcript.chapter('The books are compared');
  const orders = await Promise.all(played.map(({ order }) => shop.order(order.id)));
  transcript.say('Stock: what was there, less what was shipped, plus what came back.');
  for (const product of [goods.tea, goods.pot, goods.cup]) await compareStock(stage, product, orders);

  transcript.say('Money: what the gateways took and gave back for each order, by their own logs.');
  let paid = 0;
  let back = 0;
  for (const [index, { order, attempts }] of played.entries()) {
    const now = orders[index] ?? order;
    const trades = await Promise.all(attempts.map(({ outTradeNo }) => stage.payer.trade(outTradeNo)));
    const took = sum(trades.map((trade) => trade?.paidAmount ?? 0));
    const gave = sum(trades.map((trade) => trade?.refundedAmount ?? 0));
    const kept = now.amountPaid - now.amountRefunded;
    const claim = `${now.number}: ${yuan(took)} in, ${yuan(gave)} back = ${yuan(kept)} kept, ${now.status}, ${now.paymentStatus}`;
    transcript.check(claim, took - gave === kept, { took, gave, kept });
    paid += took;
    back += gave;
  }
  return `${counted(orders.length, 'order')}; ${yuan(paid)} came in, ${yuan(back)} went back, ${yuan(paid - back)} are kept, in both books.`;
}

async function compareStock({ shop, transcript }: Stage, { sku, stock }: Goods, orders: readonly Order[]): Promise<void> {
  const lines = orders.flatMap(({ status, items }) => items.filter((line) => line.sku === sku).map((line) => ({ status, ...line })));
  const onHand = stock - sum(lines.map(({ shippedQuantity, returnedQuantity }) => shippedQuantity - returnedQuantity));
  const waiting = lines.filter(({ status }) => HELD.includes(status));
  const reserved = sum(waiting.map(({ quantity, shippedQuantity, cancelledQuantity }) => quantity - shippedQuantity - cancelledQuantity));
  const [level, movements] = await Promise.all([shop.stock(sku), shop.movements(sku)]);
  transcript.check(`${sku}: ${onHand} on hand, ${reserved} reserved`, level.onHand === onHand && level.reserved === reserved, level);
  const moved = { onHand: sum(movements.map((one) => one.onHandDelta)), reserved: sum(movements.map((one) => one.reservedDelta)) };
  const same = moved.onHand === level.onHand && moved.reserved === level.reserved;
  transcript.check(
    `and its ${counted(movements.length, 'movement')} ${movements.length === 1 ? 'adds' : 'add'} up to exactly that`,
    same,
    moved,
  );
}

/** `1 order`, `7 orders`. */
const counted = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

const sum = (numbers: readonly number[]): number => numbers.reduce((left, right) => left + right, 0);
