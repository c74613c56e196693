import type { Change } from '../settings.js';
import { placeOrder, refundUntilSucceeded, startPayment, type Stage } from '../stage.js';
import { yuan } from '../transcript.js';
import { until } from '../until.js';

/** Begun at one gateway, paid at another, and then at the first one after all: money that came twice goes back where it came from. */
export async function changeOfGateway(stage: Stage, { from, to }: Change): Promise<void> {
  const { shop, payer, goods, transcript } = stage;
  transcript.chapter(`A payer starts with ${from.title}, changes to ${to.title}, and in the end pays at both`);
  await payer.setNotices('hold');
  const order = await placeOrder(stage, [[goods.tea, 1]]);
  const first = await startPayment(stage, order, from.byCode, from);
  const firstCashier = await payer.open(first.action);
  transcript.say(`The payer opens the payment ${from.byCode.words}, hesitates, and asks for ${to.title}.`);
  const second = await startPayment(stage, order, to.byPage, to);
  await payer.openAndPay(second.action);
  await payer.pressPay(firstCashier);
  transcript.say(`The payer pays ${to.byPage.words}, and then finds the first one still open and pays it, too. Both notices arrive.`);
  await payer.setNotices('deliver');
  await payer.releaseNotices();

  const refund = await refundUntilSucceeded(stage, order.id, 'surplus');
  const attempts = await until(
    () => Promise.all([first, second].map(({ id }) => shop.attempt(id))),
    (seen) => seen.every(({ status }) => status === 'succeeded'),
  );
  const kept = attempts.find(({ usedAs }) => usedAs === 'payment');
  const surplus = attempts.find(({ usedAs }) => usedAs === 'surplus');
  transcript.check('one of the two is the payment, the other is surplus', kept !== undefined && surplus !== undefined, attempts);
  const titleOf = (name: string | undefined): string => (name === from.name ? from.title : to.title);
  transcript.check(
    `the surplus went back by itself, through ${titleOf(surplus?.gateway)}: "${refund?.reason ?? 'no refund'}"`,
    refund?.status === 'succeeded' && refund.paymentId === surplus?.id,
    refund,
  );
  const trades = await Promise.all([kept, surplus].map((one) => payer.trade(one?.outTradeNo ?? '')));
  const due = order.amountDue;
  transcript.check(
    `${titleOf(kept?.gateway)} has kept ${yuan(due)}, ${titleOf(surplus?.gateway)} has taken ${yuan(due)} and given ${yuan(due)} back`,
    trades.every((trade) => trade?.paidAmount === due) && trades[0]?.refundedAmount === 0 && trades[1]?.refundedAmount === due,
    trades,
  );
  const paid = await shop.order(order.id);
  transcript.check(
    `the order counts its money once: ${yuan(paid.amountPaid)} paid, ${yuan(paid.amountRefunded)} refunded`,
    paid.amountPaid === due && paid.amountRefunded === 0,
    paid,
  );
}
