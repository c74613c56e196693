import type { Attack, Family } from '../attack.js';
import { must, same } from '../findings.js';
import type { Answer } from '../world/http.js';
import type { Scene } from '../world/scene.js';

const MANY = 50;

const atOnce = (count: number, one: (index: number) => Promise<Answer>) =>
  Promise.all(Array.from({ length: count }, (_, index) => one(index)));
const worked = (answers: readonly Answer[]) => answers.filter(({ status }) => status < 300);

const lastUnit: Attack = {
  name: `${MANY} buyers of the last unit`,
  after: 'CWE-362 (race), CWE-367; Starbucks gift cards (2015)',
  run: async (scene) => {
    const sku = await scene.sells({ stock: 1 });
    const answers = await atOnce(MANY, (index) =>
      scene.shop.post('/v1/orders', { customerId: `c-${index}`, items: [{ sku, quantity: 1 }] }),
    );
    same(worked(answers).length, 1, 'how many got it');
    must(
      answers.every(({ status }) => status === 201 || status === 409),
      'the others were not told that it is gone',
    );
    same(
      await scene.books.rows('SELECT on_hand::int, reserved::int FROM stock_levels WHERE sku = $1', [sku]),
      [{ on_hand: 1, reserved: 1 }],
      'the stock',
    );
  },
};

const basket: Attack = {
  name: 'baskets that share their last units, in every order of names',
  after: 'CWE-362, CWE-833 (deadlock)',
  run: async (scene) => {
    const skus = [await scene.sells({ stock: 3 }), await scene.sells({ stock: 3 }), await scene.sells({ stock: 3 })];
    const answers = await atOnce(MANY, (index) => {
      const turned = [...skus.slice(index % 3), ...skus.slice(0, index % 3)];
      return scene.shop.post('/v1/orders', { customerId: 'c', items: turned.map((sku) => ({ sku, quantity: 1 })) });
    });
    same(worked(answers).length, 3, 'how many baskets were sold');
    const left = await scene.books.rows('SELECT DISTINCT on_hand::int, reserved::int FROM stock_levels WHERE sku = ANY($1)', [skus]);
    same(left, [{ on_hand: 3, reserved: 3 }], 'the stock');
  },
};

const lastFen: Attack = {
  name: `${MANY} refunds of the same money`,
  after: 'Starbucks gift cards (Homakov, 2015), CWE-362',
  run: async (scene) => {
    const order = await scene.paidOrder();
    const answers = await atOnce(MANY, () =>
      scene.shop.post(`/v1/orders/${order.id}/refunds`, { amount: order.amountDue, reason: 'all of it' }),
    );
    same(worked(answers).length, 1, 'how many refunds were taken');
    const back = async () => ((await scene.gateways.trade(order.attempt.outTradeNo))?.refundedAmount ?? 0) === order.amountDue;
    must(await scene.books.becomes(back), 'the one refund does not arrive');
    same(await scene.books.count('FROM refunds WHERE order_id = $1', [order.id]), 1, 'refunds in the books');
  },
};

const oneFenTooMuch: Attack = {
  name: 'refunds in parts that come to one fen more than was paid',
  after: 'CWE-362, CWE-682',
  run: async (scene) => {
    const order = await scene.paidOrder('alipay', { price: 100 });
    const answers = await atOnce(34, () => scene.shop.post(`/v1/orders/${order.id}/refunds`, { amount: 3, reason: 'a part' }));
    same(worked(answers).length, 33, 'how many parts of 3 fen were taken of 100');
    same((await scene.shop.post(`/v1/orders/${order.id}/refunds`, { amount: 1, reason: 'the last fen' })).status, 201, 'the last fen');
    const more = await scene.shop.post(`/v1/orders/${order.id}/refunds`, { amount: 1, reason: 'one more' });
    same([more.status, more.body?.code], [409, 'refund_exceeds_paid'], 'one fen more');
  },
};

const oneKey: Attack = {
  name: `${MANY} requests with the same Idempotency-Key`,
  after: 'CWE-362, CWE-837 (action more than once)',
  run: async (scene) => {
    const sku = await scene.sells({ stock: MANY });
    const key = scene.newName('key');
    const customerId = scene.newName('customer');
    const send = () => scene.shop.post('/v1/orders', { customerId, items: [{ sku, quantity: 1 }] }, { key });
    const answers = await atOnce(MANY, send);
    must(
      answers.every(({ status, body }) => status === 201 || body?.code === 'idempotency_in_progress'),
      'an answer was neither the first one nor a plea to wait',
    );
    same(new Set(worked(answers).map(({ body }) => body?.id)).size, 1, 'how many orders were answered');
    same(await scene.books.count('FROM orders WHERE customer_id = $1', [customerId]), 1, 'orders in the books');
    same((await send()).headers.get('idempotent-replayed'), 'true', 'sent once more');
  },
};

const otherBody: Attack = {
  name: 'somebody else’s Idempotency-Key, and a known key with another body',
  after: 'CWE-639, CWE-524 (what a cache gives away)',
  run: async (scene) => {
    const key = scene.newName('key');
    const [mine, theirs] = [await scene.sells(), await scene.sells({}, scene.rival)];
    const first = await scene.shop.post('/v1/orders', { customerId: 'secret-customer', items: [{ sku: mine, quantity: 1 }] }, { key });
    same(first.status, 201, 'the first one');
    const other = await scene.shop.post('/v1/orders', { customerId: 'secret-customer', items: [{ sku: mine, quantity: 9 }] }, { key });
    same([other.status, other.body?.code], [422, 'idempotency_key_reused'], 'with another body');
    const rival = await scene.rival.post('/v1/orders', { customerId: 'r', items: [{ sku: theirs, quantity: 1 }] }, { key });
    must(
      rival.status === 201 && rival.body?.id !== first.body?.id && !rival.text.includes('secret-customer'),
      `of another merchant: ${rival.text}`,
    );
  },
};

const twoWays: Attack = {
  name: 'one order paid twice, at two gateways at the same time',
  after: 'CWE-362, CWE-841',
  run: async (scene) => {
    const order = await scene.openOrder('alipay');
    const { body } = await scene.shop.post(`/v1/orders/${order.id}/payments`, { gateway: 'unionpay', method: 'page' });
    const second = body as unknown as typeof order.attempt;
    await Promise.all([scene.gateways.pays(order.attempt), scene.gateways.pays(second)]);
    await scene.expectPaid(order);
    const kept = async () => {
      const trades = await Promise.all([order.attempt, second].map(({ outTradeNo }) => scene.gateways.trade(outTradeNo)));
      return trades.reduce((sum, trade) => sum + (trade?.paidAmount ?? 0) - (trade?.refundedAmount ?? 0), 0) === order.amountDue;
    };
    must(await scene.books.becomes(kept), 'the surplus does not go back');
  },
};

const shipTwice: Attack = {
  name: `${MANY} parcels of the same unit, and refunds that put it back as often`,
  after: 'CWE-362, CWE-837',
  run: async (scene) => {
    const order = await scene.paidOrder('alipay', { stock: 1 });
    const parcels = await atOnce(MANY, () => scene.shop.post(`/v1/orders/${order.id}/shipments`, { carrier: 'SF', trackingNumber: '1' }));
    same(worked(parcels).length, 1, 'parcels');
    const restock = [{ sku: order.sku, quantity: 1 }];
    const returns = await atOnce(20, () => scene.shop.post(`/v1/orders/${order.id}/refunds`, { amount: 1, reason: 'returned', restock }));
    same(worked(returns).length, 1, 'returns of one unit');
    same(await stockOf(scene, order.sku), [{ on_hand: 1, reserved: 0 }], 'the stock');
  },
};

const stockOf = (scene: Scene, sku: string) =>
  scene.books.rows('SELECT on_hand::int, reserved::int FROM stock_levels WHERE sku = $1', [sku]);

const revoked: Attack = {
  name: 'a key that is used while it is revoked',
  after: 'CWE-613 (session expiration), CWE-367',
  run: async (scene) => {
    const thief = await scene.keyWith(['orders:read']);
    same((await thief.get('/v1/orders')).status, 200, 'before');
    await Promise.all([scene.shop.send('DELETE', `/v1/api-keys/${thief.id}`), atOnce(20, () => thief.get('/v1/orders'))]);
    const after = await atOnce(20, () => thief.get('/v1/orders'));
    must(
      after.every(({ status }) => status === 401),
      'it opened something after its end',
    );
  },
};

export const RACES: Family = {
  name: 'Races',
  attacks: [lastUnit, basket, lastFen, oneFenTooMuch, oneKey, otherBody, twoWays, shipTwice, revoked],
};
