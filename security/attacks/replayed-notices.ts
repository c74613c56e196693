import type { Attack, Family } from '../attack.js';
import { must, same } from '../findings.js';
import { GATEWAYS, type Gateway } from '../world/gateway.js';
import type { Letter } from '../world/letterbox.js';
import type { OpenOrder, Scene } from '../world/scene.js';

const COPIES = 40;

async function unheard(scene: Scene, gateway: Gateway): Promise<{ order: OpenOrder; letter: Letter }> {
  const order = await scene.openOrder(gateway);
  await scene.gateways.pays(order.attempt, { notify: false });
  return { order, letter: await scene.gateways.letterAbout(order.attempt) };
}

const times = (scene: Scene, order: OpenOrder, type: string) =>
  scene.books.count('FROM events WHERE order_id = $1 AND type = $2', [order.id, type]);

const atOnce = GATEWAYS.map((gateway): Attack => ({
  name: `${gateway}: one genuine notice, ${COPIES} times at once`,
  after: 'CWE-294 (capture and replay), CWE-362',
  run: async (scene) => {
    const { order, letter } = await unheard(scene, gateway);
    await Promise.all(Array.from({ length: COPIES }, () => scene.post(gateway, letter)));
    await scene.expectPaid(order);
    same(await times(scene, order, 'payment.succeeded'), 1, 'how often it was paid');
    same(await scene.books.count('FROM stock_movements WHERE order_id = $1 AND kind <> $2', [order.id, 'reserved']), 0, 'stock that moved');
  },
}));

const refunded = GATEWAYS.map((gateway): Attack => ({
  name: `${gateway}: the notice of a payment that was given back since`,
  after: 'CWE-294, CWE-841 (workflow)',
  run: async (scene) => {
    const { order, letter } = await unheard(scene, gateway);
    await scene.post(gateway, letter);
    await scene.expectPaid(order);
    const asked = await scene.shop.post(`/v1/orders/${order.id}/refunds`, { amount: order.amountDue, reason: 'wanted back' });
    same(asked.status, 201, 'a refund is asked for');
    const back = () => scene.books.count("FROM refunds WHERE order_id = $1 AND status = 'succeeded'", [order.id]);
    must(await scene.books.becomes(async () => (await back()) === 1), 'the money does not go back');
    await scene.leavesNoTrace('the notice of a refunded payment', () => scene.post(gateway, letter));
    same((await scene.gateways.trade(order.attempt.outTradeNo))?.refundedAmount, order.amountDue, 'what the gateway gave back');
  },
}));

const elsewhere: Attack = {
  name: 'a genuine notice at the door of another gateway',
  after: 'CWE-346, CWE-436 (interpretation conflict)',
  run: async (scene) => {
    for (const gateway of GATEWAYS) {
      const { order, letter } = await unheard(scene, gateway);
      for (const other of GATEWAYS.filter((one) => one !== gateway)) {
        await scene.leavesNoTrace(`a notice of ${gateway} at the door of ${other}`, () => scene.post(other, letter));
      }
      await scene.expectUnpaid(order);
      await scene.post(gateway, letter);
      await scene.expectPaid(order);
    }
  },
};

const redated: Attack = {
  name: 'wechatpay: an old notice under a new date',
  after: 'CWE-294',
  run: async (scene) => {
    const { order, letter } = await unheard(scene, 'wechatpay');
    const now = String(Math.floor(Date.now() / 1_000) + 1);
    await scene.leavesNoTrace('a notice under another date', () =>
      scene.post('wechatpay', { ...letter, headers: { ...letter.headers, 'wechatpay-timestamp': now } }),
    );
    await scene.expectUnpaid(order);
    await scene.post('wechatpay', letter);
    await scene.expectPaid(order);
  },
};

const cancelled: Attack = {
  name: 'a genuine notice after the order was cancelled',
  after: 'CWE-841, CWE-367 (time of check, time of use)',
  run: async (scene) => {
    const { order, letter } = await unheard(scene, 'alipay');
    await scene.shop.post(`/v1/orders/${order.id}/cancel`, { reason: 'no more' });
    await Promise.all(Array.from({ length: 5 }, () => scene.post('alipay', letter)));
    const settled = async () => {
      const { status, amountPaid } = await scene.statusOf(order);
      const back = (await scene.gateways.trade(order.attempt.outTradeNo))?.refundedAmount ?? 0;
      return (status === 'awaiting_shipment' && amountPaid === order.amountDue) || (status === 'cancelled' && back === order.amountDue);
    };
    must(await scene.books.becomes(settled), `the money is neither the order’s nor back: ${JSON.stringify(await scene.statusOf(order))}`);
    const events = (await times(scene, order, 'payment.succeeded')) + (await times(scene, order, 'payment.unusable_money_received'));
    must(events <= 1, `the money counted ${events} times`);
  },
};

export const REPLAYED_NOTICES: Family = { name: 'Replayed notices', attacks: [...atOnce, ...refunded, elsewhere, redated, cancelled] };
