import { orderUntil, placeOrder, startPayment, type Stage } from '../stage.js';
import type { Attempt } from '../shapes.js';

/** Cancelled by hand while the payer has the cashier open. */
export async function cancelledByHand(stage: Stage): Promise<void> {
  const { shop, payer, goods, transcript, gateway } = stage;
  transcript.chapter('A third order is cancelled while the payer hesitates at the cashier');
  const before = await shop.stock(goods.pot.sku);
  const order = await placeOrder(stage, [[goods.pot, 2]]);
  const attempt = await startPayment(stage, order, gateway.byPage);
  const cashier = await payer.open(attempt.action);
  const held = await shop.stock(goods.pot.sku);
  transcript.check('2 pots are reserved for it', held.available === before.available - 2, held);
  const closing = await shop.cancel(order.id, 'customer changed their mind');
  transcript.say(`The shop cancels. The order is ${closing.status}: first, the attempt has to be over at the gateway.`);
  const cancelled = await orderUntil(stage, order.id, 'cancelled');
  transcript.check('the order is cancelled', cancelled.status === 'cancelled', cancelled.status);
  const types = (await shop.timeline(order.id)).map(({ type }) => type);
  const inOrder = types.indexOf('payment.attempt_settled') < types.indexOf('order.cancelled') && types.includes('payment.attempt_settled');
  transcript.check('its timeline says so: the attempt was closed first, the order cancelled after it', inOrder, types);
  const after = await shop.stock(goods.pot.sku);
  transcript.check('the pots are for sale again', after.available === before.available && after.reserved === before.reserved, after);
  await (gateway.closes ? payTooLate(stage, attempt, cashier) : leave(stage, attempt));
}

async function payTooLate({ payer, transcript }: Stage, { outTradeNo }: Attempt, cashier: string): Promise<void> {
  await payer.pressPay(cashier);
  const trade = await payer.trade(outTradeNo);
  const isClosed = trade?.state === 'closed' && trade.paidAmount === 0;
  transcript.check('the payer presses the button after all, too late: nothing is paid', isClosed, trade);
}

/** Such a gateway only says that nothing has been paid. What happens to money that comes all the same, the next chapter tells. */
async function leave({ payer, transcript, gateway }: Stage, { outTradeNo }: Attempt): Promise<void> {
  const trade = await payer.trade(outTradeNo);
  transcript.check(
    `${gateway.title} closes nothing before its time: its trade is still ${trade?.state}`,
    trade?.state === 'unpaid' && trade.paidAmount === 0,
    trade,
  );
  transcript.say('The payer leaves without paying. Once the time to pay is over, the program asks again.');
}

/** Nobody pays, and the order ends by itself. */
export async function expiresByItself(stage: Stage): Promise<void> {
  const { shop, goods, transcript } = stage;
  transcript.chapter('An order that may be paid for two seconds, and is not, expires by itself');
  const before = await shop.stock(goods.cup.sku);
  const order = await placeOrder(stage, [[goods.cup, 3]], { expiresInSeconds: 2 });
  transcript.say('3 cups are reserved. The program looks every second for what is due.');
  const expired = await orderUntil(stage, order.id, 'cancelled');
  transcript.check(`the order is ${expired.status}: ${expired.cancelReason}`, expired.status === 'cancelled', expired.status);
  const after = await shop.stock(goods.cup.sku);
  transcript.check('the cups are for sale again', after.available === before.available, after);
}
