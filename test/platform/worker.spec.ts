import { Injectable } from '@nestjs/common';

import { OrderCreated } from '../../src/contracts/order-created.js';
import { AfterCommit } from '../../src/platform/events/listeners.js';
import { Worker } from '../../src/platform/jobs/worker.js';
import { Cable } from '../support/cable.js';
import { useWorld } from '../support/world.js';

let heard: (orderId: string) => void = () => undefined;

@Injectable()
class Ear {
  @AfterCommit(OrderCreated, 'test.hear')
  hear({ facts }: OrderCreated): Promise<void> {
    return Promise.resolve(heard(facts.orderId));
  }
}

describe('A worker whose database goes away', () => {
  const world = useWorld([Ear]);
  // graphile-worker says on the console, too, what here is no news.
  beforeAll(() => void jest.spyOn(console, 'trace').mockImplementation());
  afterAll(() => jest.restoreAllMocks());

  it.each(['has done', 'could not do'])('while it says of a job that it %s it, lives on, and works again when it is back', async (said) => {
    const cable = await Cable.lay(world.database.url);
    const worker = world.app.get(Worker);
    const hasFailed = cable.hasFailed();
    heard = () => {
      cable.cutNow();
      if (said === 'could not do') throw new Error('the job could not be done');
    };
    await worker.start(cable.url);
    try {
      await world.placeOrder({ sku: `CUT-${said.length}` });
      await hasFailed;

      const next = new Promise<string>((resolve) => (heard = resolve));
      cable.mend();
      const order = await world.placeOrder({ sku: `BACK-${said.length}` });
      // The former one is free again only after hours.
      expect(await next).toBe(order.id);
    } finally {
      await worker.stop();
      cable.remove();
    }
  });
});
