import { orderUntil, placeOrder, refundUntilSucceeded, startPayment, type Stage } from '../stage.js';
import type { Attempt } from '../shapes.js';
import { yuan } from '../transcript.js';
import { until } from '../until.js';

/**
 * The payer got the cashier's address before the cancel and opens it after. The gateway knows of no trade until then,
 * so there was nothing that could be closed.
 */
export async function tooLate(stage: Stage): Promise<void> {
  const { shop, payer, goods, transcript } = stage;
  transcript.chapter('Money that comes too late: a payer opens an old tab after the order was cancelled');
  const order = await placeOrder(stage, [[goods.tea, 3]]);
  const attempt = await startPayment(stage, order, 'byPage');
  transcript.say('The payer gets the address of the cashier and leaves it unopened. The gateway knows of no trade, so none can be closed.');
  await shop.cancel(order.id, 'sold elsewhere');
  const cancelled = await orderUntil(stage, order.id, 'cancelled');
  transcript.check('the order is cancelled', cancelled.status === 'cancelled', cancelled.status);
  await payer.openAndPay(attempt.action);
  transcript.say(`The payer opens the tab and pays ${yuan(order.amountDue)}: the gateway takes it, since its address is still good.`);
  const refund = await refundUntilSucceeded(stage, order.id, 'late');
  transcript.check(`the money went back by itself: "${refund?.reason ?? 'no refund'}"`, refund?.status === 'succeeded', refund);
  const now = await shop.order(order.id);
  transcript.check('the order stays cancelled, and was never paid', now.status === 'cancelled' && now.amountPaid === 0, now);
  await tellTimeline(stage, order.id);
}

/** Two cashiers open at once, both paid before either notice arrives. */
export async function twice(stage: Stage): Promise<void> {
  const { shop, payer, goods, transcript, gateway } = stage;
  transcript.chapter('An order is paid twice: in a browser and by phone, before the gateway has said anything');
  await payer.setNotices('hold');
  const order = await placeOrder(stage, [[goods.cup, 2]]);
  const attempts = [await startPayment(stage, order, 'byPage'), await startPayment(stage, order, 'byCode')];
  const cashiers = [await payer.open(attempts[0]?.action ?? null), await payer.open(attempts[1]?.action ?? null)];
  for (const cashier of cashiers) await payer.pressPay(cashier);
  transcript.say(`The payer pays ${yuan(order.amountDue)} by ${gateway.byPage} and again by ${gateway.byCode}. Then both notices arrive.`);
  await payer.releaseNotices();
  await payer.setNotices('deliver');
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

async function tellTimeline({ shop, transcript }: Stage, orderId: string): Promise<void> {
  const timeline = await shop.timeline(orderId);
  transcript.say('Its timeline, in the order in which it happened:');
  for (const { label, actor, facts } of timeline) {
    const reason = typeof facts.reason === 'string' ? ` (${facts.reason})` : '';
    transcript.say(`   ${label.en}${reason} — ${actor.startsWith('api_key:') ? 'the shop' : actor}`);
  }
  const why = timeline.find(({ type }) => type === 'payment.unusable_money_received')?.facts.why;
  transcript.check('it names the money that no order could use, and why', why === 'late', why);
}
