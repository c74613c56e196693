import { orderUntil, refundUntilSucceeded, remember, startPayment, type Stage } from '../stage.js';
import type { Attempt, Order } from '../shapes.js';
import { yuan } from '../transcript.js';

/** The shop adds what it sells. */
export async function openTheShop({ shop, goods, transcript }: Stage): Promise<void> {
  transcript.chapter('The shop adds three products');
  for (const product of [goods.tea, goods.pot, goods.cup]) {
    await shop.addProduct(product);
    transcript.say(`${product.sku}: ${product.name}, ${yuan(product.price)}, ${product.stock} in stock`);
  }
  const { onHand, reserved, available } = await shop.stock(goods.tea.sku);
  transcript.check(`tea: ${onHand} on hand, ${reserved} reserved, ${available} available`, onHand === 20 && available === 20);
}

/** An order of three lines; the same request again is the same order. */
export async function placeIt(stage: Stage): Promise<Order> {
  const { shop, goods, transcript, run } = stage;
  transcript.chapter('A customer orders 2 tea, 1 pot and 4 cups, with ¥12.00 for shipping');
  const wanted = {
    customerId: `demo-${run}`,
    items: [
      { sku: goods.tea.sku, quantity: 2 },
      { sku: goods.pot.sku, quantity: 1 },
      { sku: goods.cup.sku, quantity: 4 },
    ],
    shippingFee: 1200,
  };
  const key = `demo-${run}-order-1`;
  const { order } = await shop.place(wanted, key);
  remember(stage, order);
  transcript.say(`Order ${order.number} is ${order.status}. Prices are the catalogue's, never the client's.`);
  transcript.check(`it comes to ${yuan(order.amountDue)}`, order.amountDue === 2 * 15000 + 32000 + 4 * 4500 + 1200, order.amountDue);
  const tea = await shop.stock(goods.tea.sku);
  transcript.check(
    'its stock was set aside in the same commit: 2 tea reserved, 18 available',
    tea.reserved === 2 && tea.available === 18,
    tea,
  );

  transcript.say('The network hiccups, and the same request is sent again with the same Idempotency-Key.');
  const again = await shop.place(wanted, key);
  transcript.check('the first answer is given again, for the same order', again.replayed && again.order.id === order.id, again.order.id);
  transcript.check('and no more stock is reserved', (await shop.stock(goods.tea.sku)).reserved === 2);
  return order;
}

/** Paid at the cashier, announced by a signed notice. */
export async function payIt(stage: Stage, order: Order): Promise<void> {
  const { shop, payer, transcript, gateway } = stage;
  transcript.chapter(`The payer pays at ${gateway.title}'s cashier`);
  const attempt = await startPayment(stage, order, gateway.byPage);
  transcript.say(
    `The shop starts a payment (${gateway.byPage.method}) and hands the payer's browser what leads there: ${actionOf(attempt)}.`,
  );
  await payer.openAndPay(attempt.action);
  transcript.say('The payer opens the cashier and pays. The gateway posts a signed notice to the program.');
  const paid = await orderUntil(stage, order.id, 'awaiting_shipment');
  transcript.check(`the order is ${paid.status}, and ${paid.paymentStatus}`, paid.status === 'awaiting_shipment', paid.status);
  transcript.check(`${yuan(paid.amountPaid)} of ${yuan(paid.amountDue)} arrived`, paid.amountPaid === paid.amountDue, paid.amountPaid);
  const notices = await shop.callbacks(attempt.outTradeNo);
  const believed = notices.filter(({ verdict, effect }) => verdict === 'verified' && effect === 'applied');
  transcript.check('the callback inbox has the notice: verified, applied once', believed.length === 1, notices);
}

function actionOf({ action }: Attempt): string {
  return action?.type === 'form' ? 'a signed form to post' : 'an address';
}

/** Two parcels, then the customer has it. */
export async function shipIt({ shop, goods, transcript, run }: Stage, order: Order): Promise<void> {
  transcript.chapter('The warehouse ships in two parcels, and the customer confirms receipt');
  await shop.ship(order.id, { trackingNumber: `SF-${run}-1`, items: [{ sku: goods.tea.sku, quantity: 2 }] });
  const partly = await shop.order(order.id);
  const tea = await shop.stock(goods.tea.sku);
  transcript.check('the tea left first: the order still is awaiting_shipment', partly.status === 'awaiting_shipment', partly.status);
  transcript.check(
    '18 tea on hand and none reserved: stock leaves the shelf when the parcel does',
    tea.onHand === 18 && tea.reserved === 0,
    tea,
  );
  await shop.ship(order.id, { trackingNumber: `SF-${run}-2` });
  const shipped = await shop.order(order.id);
  transcript.check('the second parcel takes all that is left: the order is shipped', shipped.status === 'shipped', shipped.status);
  const completed = await shop.complete(order.id);
  transcript.check('receipt is confirmed: the order is completed', completed.status === 'completed', completed.status);
}

/** A cup came back. */
export async function refundPartOfIt(stage: Stage, order: Order): Promise<void> {
  const { shop, goods, transcript } = stage;
  transcript.chapter('One cup came back unused: its ¥45.00 are refunded and it is put on sale again');
  const back = { amount: goods.cup.price, reason: 'one cup returned', restock: [{ sku: goods.cup.sku, quantity: 1 }] };
  const asked = await shop.refund(order.id, back);
  transcript.say(`Refund ${asked.id} is ${asked.status}: the amount is set aside, and a worker sends it to the gateway.`);
  const refund = await refundUntilSucceeded(stage, order.id, 'requested');
  transcript.check('the gateway confirmed the refund', refund?.status === 'succeeded', refund?.status);
  const now = await shop.order(order.id);
  transcript.check(
    `the order is ${now.paymentStatus}: ${yuan(now.amountRefunded)} of ${yuan(now.amountPaid)}`,
    now.amountRefunded === 4500,
    now,
  );
  const cup = await shop.stock(goods.cup.sku);
  transcript.check('9 cups on hand: 12, less 4 shipped, and the one that came back', cup.onHand === 9 && cup.available === 9, cup);
  const left = now.amountPaid - now.amountRefunded;
  const refusal = await shop.refusedRefund(order.id, left + 1);
  const says = `one fen more than the ${yuan(left)} that are left is refused: 409 refund_exceeds_paid`;
  transcript.check(says, refusal.code === 'refund_exceeds_paid' && refusal.refundable === left, refusal);
}
