import { Injectable } from '@nestjs/common';
import { setTimeout as pause } from 'node:timers/promises';

import { OrderCreated } from '../../src/contracts/order-created.js';
import { AfterCommit } from '../../src/platform/events/listeners.js';
import { Worker } from '../../src/platform/jobs/worker.js';
import { Cable } from '../support/cable.js';
import { useWorld } from '../support/world.js';

let heard: (orderId: string) => void | Promise<void> = () => undefined;

@Injectable()
class Ear {
  @AfterCommit(OrderCreated, 'test.hear')
  async hear({ facts }: OrderCreated): Promise<void> {
    await heard(facts.orderId);
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

  it('while it says so of several, one after the other, works again, too', async () => {
    const cable = await Cable.lay(world.database.url);
    const worker = world.app.get(Worker);
    const hasFailed = cable.hasFailed();
    let begun = 0;
    let cut: () => void = () => undefined;
    const isCut = new Promise<void>((resolve) => (cut = resolve));
    heard = async () => {
      begun += 1;
      const turn = begun;
      if (begun === 4) {
        cable.cutNow();
        cut();
      }
      await isCut;
      await pause(turn * 50);
    };
    await worker.start(cable.url);
    try {
      for (const sku of ['CUT-1', 'CUT-2', 'CUT-3', 'CUT-4']) await world.placeOrder({ sku });
      await hasFailed;
      await pause(500);

      const next = new Promise<string>((resolve) => (heard = resolve));
      cable.mend();
      const order = await world.placeOrder({ sku: 'BACK' });
      expect(await next).toBe(order.id);
    } finally {
      await worker.stop();
      cable.remove();
    }
  }, 60_000);
});
