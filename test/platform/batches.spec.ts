import { Injectable } from '@nestjs/common';

import { OrderCreated } from '../../src/contracts/order-created.js';
import { conflict } from '../../src/kernel/domain-error.js';
import { newId } from '../../src/kernel/ids.js';
import { PlaceOrders, type WantedOrder } from '../../src/order/place-orders.js';
import { Commands, type Member } from '../../src/platform/commands/commands.js';
import { InTransaction } from '../../src/platform/events/listeners.js';
import type { UnitOfWork } from '../../src/platform/events/unit-of-work.js';
import { useWorld } from '../support/world.js';

/** Refuses whoever wants five, and cannot bear whoever wants four. */
@Injectable()
class Moods {
  @InTransaction(OrderCreated)
  async listen(orders: readonly OrderCreated[], work: UnitOfWork): Promise<void> {
    for (const { facts } of orders) {
      const [line] = facts.items;
      if (line?.quantity === 5) work.refuse(facts.orderId, conflict('order_not_payable', 'Five is too many.'));
      if (line?.quantity === 4) throw new Error('nobody foresaw four');
    }
    return Promise.resolve();
  }
}

describe('Orders that are placed together', () => {
  const world = useWorld([Moods]);

  it('are not refused for the sake of one that is refused itself', async () => {
    await world.addProduct({ sku: 'FIVE', stock: 5 });
    const results = await together('FIVE', [5, 1, 2, 6]);
    expect(results).toEqual(['order_not_payable', 'placed', 'placed', 'insufficient_stock']);
    expect(await world.stock('FIVE')).toMatchObject({ reserved: 3 });
  });

  it('are tried one by one where the batch fails for a reason that nobody foresaw', async () => {
    await world.addProduct({ sku: 'FOUR', stock: 20 });
    const results = await together('FOUR', [1, 4, 2]);
    expect(results).toEqual(['placed', 'nobody foresaw four', 'placed']);
    expect(await world.stock('FOUR')).toMatchObject({ reserved: 3 });
  });

  /** What is submitted at once is one batch. */
  async function together(sku: string, quantities: readonly number[]): Promise<string[]> {
    const [merchant] = await world.db.query<{ id: string }[]>('SELECT id FROM merchants');
    const sizes: number[] = [];
    const orders = world.app.get(PlaceOrders);
    const place = world.app.get(Commands).batched({
      ahead: (work, members: readonly Member<WantedOrder>[]) => orders.pricesFor(work, members),
      act: (work, members, prices) => {
        sizes.push(members.length);
        return orders.place(work, members, prices).map(({ id }) => id);
      },
    });
    const send = (quantity: number) =>
      place({ origin: { correlationId: newId(), causationId: null, actor: 'test' } }, wanted(merchant?.id ?? '', sku, quantity)).then(
        () => 'placed',
        (error: { code?: string; message: string }) => error.code ?? error.message,
      );
    const results = await Promise.all(quantities.map(send));
    expect(sizes[0]).toBe(quantities.length);
    return results;
  }

  function wanted(merchantId: string, sku: string, quantity: number): WantedOrder {
    return { merchantId, customerId: 'c', items: [{ sku, quantity }], shippingFee: 0, expiresInSeconds: 600 };
  }
});
