import { useWorld } from './support/world.js';

describe('Paying an order', () => {
  const world = useWorld();

  it('counts the money once, however often the gateway calls back', async () => {
    const order = await world.placeOrder({ sku: 'TEA-500G', quantity: 2, stock: 10 });
    const attempt = await world.startPayment(order);
    await world.payer.pays(attempt);

    const { notices } = await world.payer.notifies(attempt, { times: 15, concurrent: true });

    expect(notices.map(({ body }) => body)).toEqual(Array.from({ length: 15 }, () => 'success'));
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', paymentStatus: 'paid', amountPaid: order.amountDue });
    expect(await world.stock('TEA-500G')).toEqual({ sku: 'TEA-500G', onHand: 10, reserved: 2, available: 8 });
    const paid = (await world.timeline(order)).filter(({ type }) => type === 'payment.succeeded');
    expect(paid).toHaveLength(1);
  });
});
