import { useWorld, type AttemptBody, type OrderBody } from '../support/world.js';

describe('Money for an order whose row has become one that cannot be paid', () => {
  const world = useWorld();

  const statusOf = async ({ id }: OrderBody): Promise<string> => (await world.order({ id })).status;
  const answersTo = async (attempts: readonly AttemptBody[]) =>
    (await Promise.all(attempts.map((attempt) => world.payer.notifies(attempt)))).flatMap(({ notices }) => notices.map(({ body }) => body));

  it('is not counted and its notice is refused, while those that came with it are applied; repaired, it takes the next one', async () => {
    const orders = [await world.placeOrder({ sku: 'MENDED' }), await world.placeOrder({ sku: 'SOUND' })] as const;
    const [broken, sound] = orders;
    const attempts: AttemptBody[] = [];
    await world.payer.noticesAre('drop');
    for (const order of orders) {
      const attempt = await world.startPayment(order);
      await world.payer.pays(attempt);
      attempts.push(attempt);
    }
    await world.payer.noticesAre('deliver');
    await world.db.query("UPDATE orders SET status = 'cancelled', cancelled_at = now() WHERE id = $1", [broken.id]);

    expect((await answersTo(attempts)).sort()).toEqual(['fail', 'success']);
    expect([await statusOf(broken), await statusOf(sound)]).toEqual(['cancelled', 'awaiting_shipment']);
    expect(await world.attempt(attempts[0])).toMatchObject({ status: 'pending' });

    await world.db.query("UPDATE orders SET status = 'pending_payment', cancelled_at = NULL WHERE id = $1", [broken.id]);
    expect(await answersTo(attempts)).toEqual(['success', 'success']);
    expect(await world.order(broken)).toMatchObject({ status: 'awaiting_shipment', amountPaid: 15_000 });
    await world.settle();
  });
});
