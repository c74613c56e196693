import { DAY, SECOND } from '../src/kernel/clock.js';
import { useWorld, type OrderBody } from './support/world.js';

describe('Fulfilling an order', () => {
  const world = useWorld();

  it('ships in parts, and is shipped with the last unit', async () => {
    const order = await world.paidOrder({ sku: 'PARTS', quantity: 3 });

    const first = await ship(order, [{ sku: 'PARTS', quantity: 1 }]);
    expect(first).toMatchObject({ status: 201, body: { carrier: 'SF Express', items: [{ sku: 'PARTS', quantity: 1 }] } });
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', items: [{ shippedQuantity: 1 }] });
    expect(await world.stock('PARTS')).toMatchObject({ onHand: 9, reserved: 2, available: 7 });

    expect(await ship(order)).toMatchObject({ status: 201, body: { items: [{ sku: 'PARTS', quantity: 2 }] } });
    expect(await world.order(order)).toMatchObject({ status: 'shipped', items: [{ shippedQuantity: 3 }] });
    expect(await world.stock('PARTS')).toMatchObject({ onHand: 7, reserved: 0, available: 7 });
    expect(await ship(order)).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
  });

  it('ships no more than was ordered, however many parcels are packed at once', async () => {
    const order = await world.paidOrder({ sku: 'PARCELS', quantity: 5 });
    expect(await ship(order, [{ sku: 'PARCELS', quantity: 6 }])).toMatchObject({ status: 422, body: { code: 'units_exceed_order' } });
    expect(await ship(order, [{ sku: 'OTHER', quantity: 1 }])).toMatchObject({ status: 422, body: { code: 'units_exceed_order' } });

    const answers = await Promise.all(Array.from({ length: 12 }, () => ship(order, [{ sku: 'PARCELS', quantity: 1 }])));

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(5);
    expect(await world.order(order)).toMatchObject({ status: 'shipped', items: [{ shippedQuantity: 5 }] });
    expect(await world.stock('PARCELS')).toMatchObject({ onHand: 5, reserved: 0 });
  });

  it('ships nothing that is not paid, or that was refunded whole', async () => {
    const unpaid = await world.placeOrder({ sku: 'UNPAID' });
    expect(await ship(unpaid)).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
    const refunded = await world.paidOrder({ sku: 'BACK' });
    await world.refund(refunded, {});
    await world.settle();
    expect(await ship(refunded)).toMatchObject({ status: 409, body: { code: 'order_refunded' } });
    const goingBack = await world.paidOrder({ sku: 'GOING-BACK' });
    await world.refund(goingBack, {});
    expect(await ship(goingBack)).toMatchObject({ status: 409, body: { code: 'order_refunded' } });
    await world.settle();
  });

  it('is completed by hand', async () => {
    const order = await world.paidOrder({ sku: 'BY-HAND' });
    expect(await complete(order)).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
    await ship(order);
    expect(await complete(order)).toMatchObject({ status: 200, body: { status: 'completed', completedAt: expect.any(String) as string } });
  });

  it('is completed by itself ten days after the last parcel', async () => {
    const order = await world.paidOrder({ sku: 'BY-TIME' });
    await ship(order);
    await world.passTime(10 * DAY - SECOND);
    expect(await world.order(order)).toMatchObject({ status: 'shipped' });
    await world.passTime(SECOND);
    expect(await world.order(order)).toMatchObject({ status: 'completed' });
    expect((await world.timeline(order)).at(-1)).toMatchObject({
      type: 'order.completed',
      facts: { by: 'time' },
      actor: 'system:completion',
    });
  });

  function ship({ id }: { id: string }, items?: { sku: string; quantity: number }[]) {
    return world.api.post(`/v1/orders/${id}/shipments`, { carrier: 'SF Express', trackingNumber: 'SF1', ...(items ? { items } : {}) });
  }

  function complete({ id }: { id: string }) {
    return world.api.post<OrderBody>(`/v1/orders/${id}/complete`);
  }
});
