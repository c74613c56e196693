import { placeOrder, startPayment, type Stage } from '../stage.js';
import { yuan } from '../transcript.js';

/** Paid, and nobody told us: asking the gateway finds out. */
export async function lostNotice(stage: Stage): Promise<void> {
  const { shop, payer, goods, transcript, gateway } = stage;
  transcript.chapter(`A second order is paid ${gateway.byCode.words}, and the notice is lost on the way`);
  await payer.setNotices('drop');
  const order = await placeOrder(stage, [[goods.tea, 1]]);
  const attempt = await startPayment(stage, order, gateway.byCode);
  await payer.openAndPay(attempt.action);
  transcript.say('The payer pays. The gateway says so once, and nobody hears it.');
  const trade = await payer.trade(attempt.outTradeNo);
  transcript.check(`the gateway has ${yuan(order.amountDue)} of the payer's`, trade?.paidAmount === order.amountDue, trade);
  transcript.check('the callback inbox has nothing about it', (await shop.callbacks(attempt.outTradeNo)).length === 0);
  transcript.say('POST /v1/payments/{id}/sync asks the gateway now. (Left alone, the program asks by itself within seconds.)');
  const synced = await shop.sync(attempt.id);
  transcript.check('the payment has succeeded', synced.status === 'succeeded', synced.status);
  const paid = await shop.order(order.id);
  transcript.check(`the order is ${paid.status}, with ${yuan(paid.amountPaid)} paid`, paid.status === 'awaiting_shipment', paid.status);
  await payer.setNotices('deliver');
}
