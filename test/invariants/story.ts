import { WAYS, type OrderBody, type World } from '../support/world.js';

/**
 * One order for each way that an order can go, known by its SKU: plants look for what they spoil by it. In the end nothing is wrong, and
 * some of them are still under way.
 */
export async function tellStory(world: World): Promise<void> {
  await world.addProduct({ sku: 'SHELF', stock: 5 });
  await world.api.post('/v1/inventory/SHELF/adjustments', { delta: 2, reason: 'found' });
  await world.api.patch('/v1/products/SHELF', { price: 17_000 });
  await sent(world);
  await cancelled(world);
  await moneyThatNoOrderCanUse(world);
  await world.anotherMerchant();
  await underWay(world);
}

async function sent(world: World): Promise<void> {
  const partly = await world.paidOrder({ sku: 'PARTLY', quantity: 3, way: WAYS.unionpay });
  await ship(world, partly, 1);
  const kept = await world.paidOrder({ sku: 'KEPT', quantity: 2, way: WAYS.wechatpay });
  await ship(world, kept);
  // One unit left; the other was given back before it could, so that nothing is left to ship.
  const rest = await world.paidOrder({ sku: 'REST', quantity: 2 });
  await ship(world, rest, 1);
  await world.refund(rest, { amount: 15_000, restock: [{ sku: 'REST', quantity: 1 }] });
  const done = await world.paidOrder({ sku: 'DONE', quantity: 2 });
  await ship(world, done);
  await world.api.post(`/v1/orders/${done.id}/complete`);
  await world.refund(done, { amount: 15_000, restock: [{ sku: 'DONE', quantity: 1 }] });
  await world.settle();
}

async function cancelled(world: World): Promise<void> {
  await cancel(world, await world.placeOrder({ sku: 'GONE' }));
  const opened = await world.placeOrder({ sku: 'CLOSED' });
  await world.payer.opensThePage(await world.startPayment(opened));
  await cancel(world, opened);
  await cancel(world, await world.paidOrder({ sku: 'GIVEN-BACK' }));
}

async function moneyThatNoOrderCanUse(world: World): Promise<void> {
  const late = await world.placeOrder({ sku: 'LATE' });
  const attempt = await world.startPayment(late);
  await cancel(world, late);
  // The page was never opened, so the gateway had nothing to close.
  await world.payer.pays(attempt);
  const twice = await world.placeOrder({ sku: 'TWICE' });
  const attempts = [await world.startPayment(twice), await world.startPayment(twice, WAYS.unionpay)];
  for (const one of attempts) await world.payer.pays(one);
  await world.settle();
}

async function underWay(world: World): Promise<void> {
  const body = { customerId: 'c-1', items: [{ sku: 'SHELF', quantity: 1 }] };
  await world.api.post('/v1/orders', body, { idempotencyKey: 'answered' });
  await world.api.post('/v1/orders', { ...body, items: [{ sku: 'SHELF', quantity: 100 }] }, { idempotencyKey: 'refused' });
  await world.startPayment(await world.placeOrder({ sku: 'OPEN' }));
  const wrong = await world.startPayment(await world.placeOrder({ sku: 'WRONG' }));
  await world.payer.noticesAre('drop');
  await world.payer.pays(wrong);
  await world.payer.noticesAre('deliver');
  await world.payer.notifies(wrong, { fields: { total_amount: '0.01' } });
  await world.refund(await world.paidOrder({ sku: 'SENDING' }), { amount: 1_000 });
  await world.runJobs();
  await world.payer.refundsEnd({ hold: true });
  await world.refund(await world.paidOrder({ sku: 'WAITING', way: WAYS.wechatpay }), { amount: 1_000 });
  await world.runJobs();
  await world.refund(await world.paidOrder({ sku: 'ASKED' }), { amount: 1_000 });
}

async function ship(world: World, order: OrderBody, quantity?: number): Promise<void> {
  const items = quantity === undefined ? {} : { items: [{ sku: order.items[0]?.sku, quantity }] };
  await world.api.post(`/v1/orders/${order.id}/shipments`, { carrier: 'SF Express', trackingNumber: 'SF1', ...items });
}

async function cancel(world: World, order: OrderBody): Promise<void> {
  await world.api.post(`/v1/orders/${order.id}/cancel`, {});
  await world.settle();
}
