import { orderUntil, placeOrder, refundUntilSucceeded, startPayment, type Stage } from '../stage.js';
import type { Attempt, Order, TimelineEvent } from '../shapes.js';
import { yuan } from '../transcript.js';
import { until } from '../until.js';

/** Money and a cancel that cross on the way. How they can depends on when a trade begins at the gateway. */
export function paidWhileCancelled(stage: Stage): Promise<void> {
  return stage.gateway.tradeBegins === 'at_once' ? tooEarly(stage) : tooLate(stage);
}

/**
 * The payer got what leads to the cashier before the cancel and opens it after. The gateway knows of no trade until then,
 * so there was nothing that could be closed.
 */
async function tooLate(stage: Stage): Promise<void> {
  const { shop, payer, goods, transcript, gateway } = stage;
  transcript.chapter('Money that comes too late: a payer opens an old tab after the order was cancelled');
  const order = await placeOrder(stage, [[goods.tea, 3]]);
  const attempt = await startPayment(stage, order, gateway.byPage);
  transcript.say('The payer gets the way to the cashier and does not go it yet. The gateway knows of no trade, so none can be closed.');
  await shop.cancel(order.id, 'sold elsewhere');
  const cancelled = await orderUntil(stage, order.id, 'cancelled');
  transcript.check('the order is cancelled', cancelled.status === 'cancelled', cancelled.status);
  await payer.openAndPay(attempt.action);
  transcript.say(`The payer opens the tab and pays ${yuan(order.amountDue)}: the gateway takes it, since what we signed is still good.`);
  const refund = await refundUntilSucceeded(stage, order.id, 'late');
  transcript.check(`the money went back by itself: "${refund?.reason ?? 'no refund'}"`, refund?.status === 'succeeded', refund);
  const now = await shop.order(order.id);
  transcript.check('the order stays cancelled, and was never paid', now.status === 'cancelled' && now.amountPaid === 0, now);
  const timeline = await tellTimeline(stage, order);
  const why = timeline.find(({ type }) => type === 'payment.unusable_money_received')?.facts.why;
  transcript.check('it names the money that no order could use, and why', why === 'late', why);
}

/**
 * The gateway knows the trade from the start, so a cancel closes it and no money can come after that. Money that was there before
 * is found by the close itself, even though its notice has not come yet.
 */
async function tooEarly(stage: Stage): Promise<void> {
  const { shop, payer, goods, transcript, gateway } = stage;
  transcript.chapter('Money that crosses a cancel: the payer has paid a moment before, and the notice is still on its way');
  await payer.setNotices('hold');
  const order = await placeOrder(stage, [[goods.tea, 3]]);
  const attempt = await startPayment(stage, order, gateway.byPage);
  await payer.openAndPay(attempt.action);
  transcript.say(`The payer has paid ${yuan(order.amountDue)}, and the shop, which has not heard of it, cancels.`);
  await shop.cancel(order.id, 'sold elsewhere');
  const paid = await orderUntil(stage, order.id, 'awaiting_shipment');
  transcript.check(
    `${gateway.title} does not close what is paid: the order is ${paid.status} with ${yuan(paid.amountPaid)}, not cancelled`,
    paid.status === 'awaiting_shipment' && paid.amountPaid === paid.amountDue,
    paid,
  );
  await payer.setNotices('deliver');
  await payer.releaseNotices();
  const repeats = await until(
    () => shop.callbacks(attempt.outTradeNo),
    (seen) => seen.length > 0,
  );
  const news = repeats.map(({ verdict, effect }) => `${verdict}, ${effect}`).join();
  transcript.check(`then the notice arrives: ${news}`, news === 'verified, already_applied', repeats);
  await shop.cancel(order.id, 'sold elsewhere');
  transcript.say('The shop cancels once more, now that it is paid.');
  const refund = await refundUntilSucceeded(stage, order.id, 'cancelled');
  transcript.check(`all of it went back: "${refund?.reason ?? 'no refund'}"`, refund?.amount === order.amountDue, refund);
  const now = await orderUntil(stage, order.id, 'cancelled');
  transcript.check(`the order is ${now.status}, and ${now.paymentStatus}`, now.paymentStatus === 'refunded', now);
  await tellTimeline(stage, order);
}

/** Two cashiers open at once, both paid before either notice arrives. */
export async function paidTwice(stage: Stage): Promise<void> {
  const { shop, payer, goods, transcript, gateway } = stage;
  const { byPage, byCode } = gateway;
  const how = byPage === byCode ? 'in two tabs' : 'in a browser and by phone';
  transcript.chapter(`An order is paid twice: ${how}, before the gateway has said anything`);
  await payer.setNotices('hold');
  const order = await placeOrder(stage, [[goods.cup, 2]]);
  const attempts = [await startPayment(stage, order, byPage), await startPayment(stage, order, byCode)];
  const cashiers = [await payer.open(attempts[0]?.action ?? null), await payer.open(attempts[1]?.action ?? null)];
  for (const cashier of cashiers) await payer.pressPay(cashier);
  transcript.say(`The payer pays ${yuan(order.amountDue)} ${byPage.words}, and again ${byCode.words}. Then both notices arrive.`);
  await payer.setNotices('deliver');
  await payer.releaseNotices();
  const refund = await refundUntilSucceeded(stage, order.id, 'surplus');
  transcript.check(`one of the two went back by itself: "${refund?.reason ?? 'no refund'}"`, refund?.status === 'succeeded', refund);
  const settled = await until(
    () => Promise.all(attempts.map(({ id }) => shop.attempt(id))),
    (seen) => seen.every(({ status }) => status === 'succeeded'),
  );
  transcript.check('one attempt is the payment, the other is surplus', usesOf(settled) === 'payment,surplus', usesOf(settled));
  const paid = await shop.order(order.id);
  transcript.check(
    `the order counts its money once: ${yuan(paid.amountPaid)} paid, ${yuan(paid.amountRefunded)} refunded`,
    paid.amountPaid === order.amountDue && paid.amountRefunded === 0,
    paid,
  );
}

function usesOf(attempts: readonly Attempt[]): string {
  return attempts
    .map(({ usedAs }) => usedAs ?? 'nothing')
    .sort()
    .join();
}

async function tellTimeline({ shop, transcript }: Stage, order: Order): Promise<readonly TimelineEvent[]> {
  const timeline = await shop.timeline(order.id);
  transcript.say('Its timeline, in the order in which it happened:');
  for (const { label, actor, facts } of timeline) {
    const reason = typeof facts.reason === 'string' ? ` (${facts.reason})` : '';
    transcript.say(`   ${label.en}${reason} — ${actor.startsWith('api_key:') ? 'the shop' : actor}`);
  }
  return timeline;
}
