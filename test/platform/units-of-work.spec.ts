import { Injectable } from '@nestjs/common';

import { OrderPaid } from '../../src/contracts/order-paid.js';
import { StockAdjusted } from '../../src/contracts/stock-adjusted.js';
import { newId } from '../../src/kernel/ids.js';
import { Gateways } from '../../src/payment/gateway/gateways.js';
import { AfterCommit, InTransaction } from '../../src/platform/events/listeners.js';
import { Transactions } from '../../src/platform/events/transactions.js';
import type { UnitOfWork } from '../../src/platform/events/unit-of-work.js';
import { useWorld } from '../support/world.js';

const origin = { correlationId: 'a-test', causationId: null, actor: 'test' };

/** Listeners that do as a test tells them. */
@Injectable()
class Mischief {
  static inTransaction: (() => void) | undefined;
  static afterCommit: (() => void) | undefined;
  static readonly batches: number[] = [];
  static followed = 0;
  static circle = false;

  @InTransaction(OrderPaid)
  async listen(): Promise<void> {
    Mischief.inTransaction?.();
    return Promise.resolve();
  }

  @AfterCommit(OrderPaid, 'test.follow')
  async follow(): Promise<void> {
    Mischief.afterCommit?.();
    Mischief.followed += 1;
    return Promise.resolve();
  }

  @InTransaction(StockAdjusted)
  async count(events: readonly StockAdjusted[], work: UnitOfWork): Promise<void> {
    Mischief.batches.push(events.length);
    if (Mischief.circle) work.publish(...events);
    return Promise.resolve();
  }
}

describe('A unit of work', () => {
  const world = useWorld([Mischief]);

  afterEach(() => {
    Mischief.inTransaction = undefined;
    Mischief.afterCommit = undefined;
    Mischief.followed = 0;
    Mischief.batches.length = 0;
  });

  it('is undone whole when a listener throws, and the gateway sends its notice again', async () => {
    const order = await world.placeOrder({ sku: 'UNDONE' });
    const attempt = await world.startPayment(order);
    Mischief.inTransaction = () => {
      throw new Error('a listener broke');
    };

    const { notices } = await world.payer.pays(attempt);

    expect(notices[0]?.body).toBe('fail');
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment', amountPaid: 0 });
    expect((await world.timeline(order)).map(({ type }) => type)).not.toContain('payment.succeeded');
    const [kept] = (await world.api.get<{ data: { effect: string }[] }>('/v1/callbacks?limit=1')).body.data;
    expect(kept).toMatchObject({ verdict: 'verified', effect: 'failed' });

    Mischief.inTransaction = undefined;
    expect((await world.payer.notifies(attempt)).notices[0]?.body).toBe('success');
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment' });
    await world.settle();
    Mischief.followed = 0;
  });

  it('writes what follows into its own commit, and nothing where it is undone', async () => {
    const order = await world.placeOrder({ sku: 'FOLLOWED' });
    const attempt = await world.startPayment(order);
    Mischief.inTransaction = () => {
      throw new Error('a listener broke');
    };
    await world.payer.pays(attempt);
    expect(await jobs('test.follow')).toEqual([]);

    Mischief.inTransaction = undefined;
    await world.payer.notifies(attempt);
    // Nobody has run anything yet: a process that died here would leave this behind.
    expect(await jobs('test.follow')).toHaveLength(1);
    expect(Mischief.followed).toBe(0);
    await world.settle();
    expect(Mischief.followed).toBe(1);
    expect(await jobs('test.follow')).toEqual([]);
  });

  it('parks what keeps failing, where it is seen and can be run again, and holds up nothing else', async () => {
    Mischief.afterCommit = () => {
      throw new Error('the outside is broken');
    };
    await world.paidOrder({ sku: 'PARKED' });
    await world.runJobs();
    await world.db.query(
      `UPDATE graphile_worker._private_jobs SET attempts = max_attempts WHERE last_error LIKE '%the outside is broken%'`,
    );

    const parked = await world.api.get<{ data: { id: number; task: string; lastError: string }[] }>('/v1/admin/jobs/parked');
    expect(parked.body.data).toMatchObject([
      { task: 'test.follow', lastError: expect.stringContaining('the outside is broken') as string },
    ]);
    await world.paidOrder({ sku: 'NOT-HELD-UP' });

    Mischief.afterCommit = undefined;
    expect(await world.api.post(`/v1/admin/jobs/parked/${parked.body.data[0]?.id}/retry`)).toMatchObject({ status: 200 });
    await world.settle();
    expect(Mischief.followed).toBe(2);
    expect((await world.api.get<{ data: unknown[] }>('/v1/admin/jobs/parked')).body.data).toEqual([]);
  });

  it('hands all events of a type to a listener at once', async () => {
    await world.addProduct({ sku: 'BATCH' });
    const { merchantId } = (await world.db.query<{ merchantId: string }[]>('SELECT id AS "merchantId" FROM merchants'))[0] ?? {
      merchantId: '',
    };
    await world.app.get(Transactions).run(origin, (work) => {
      const event = () => new StockAdjusted({ merchantId, orderId: null, sku: 'BATCH', delta: 1, reason: 'test' });
      work.publish(event(), event(), event());
      return Promise.resolve();
    });
    expect(Mischief.batches).toEqual([3]);
  });

  it('stops events that go round in a circle', async () => {
    Mischief.circle = true;
    const circle = world.app.get(Transactions).run(origin, (work) => {
      work.publish(new StockAdjusted({ merchantId: newId(), orderId: null, sku: 'ROUND', delta: 1, reason: 'again' }));
      return Promise.resolve();
    });
    await expect(circle).rejects.toThrow('go round in a circle');
    Mischief.circle = false;
  });

  it('is run again after a serialization failure, from its start', async () => {
    let runs = 0;
    const result = await world.app.get(Transactions).run(origin, async (work) => {
      runs += 1;
      if (runs < 3) await work.query(`DO $$ BEGIN RAISE EXCEPTION 'try again' USING ERRCODE = '40001'; END $$`, []);
      return runs;
    });
    expect(result).toBe(3);
  });

  it('fails where a statement fails that nobody waited for, tells that first failure, and commits nothing', async () => {
    await world.addProduct({ sku: 'UNWAITED', stock: 3 });
    const before = await world.stock('UNWAITED');
    const broken = world.app.get(Transactions).run(origin, (work) => {
      work.write(`UPDATE stock_levels SET on_hand = on_hand + 1 WHERE sku = $1`, ['UNWAITED']);
      work.write(`UPDATE stock_levels SET reserved = on_hand + 1 WHERE sku = $1`, ['UNWAITED']);
      work.write(`UPDATE stock_levels SET on_hand = on_hand + 1 WHERE sku = $1`, ['UNWAITED']);
      return Promise.resolve('as if all were well');
    });
    await expect(broken).rejects.toMatchObject({ code: '23514', constraint: 'stock_never_oversold' });
    expect(await world.stock('UNWAITED')).toEqual(before);
  });

  it('tells what failed first also where a later statement is waited for, and leaves the connection usable', async () => {
    const broken = world.app.get(Transactions).run(origin, async (work) => {
      work.write('SELECT 1 / $1::int', [0]);
      // Who waits may be about to decide by it, so it is told here and not only at the end.
      await expect(work.query('SELECT $1::int AS n', [1])).rejects.toMatchObject({ code: '22012' });
    });
    await expect(broken).rejects.toMatchObject({ code: '22012' });
    const again = Array.from({ length: 20 }, () =>
      world.app.get(Transactions).run(origin, (work) => work.query('SELECT $1::int AS n', [1])),
    );
    expect(await Promise.all(again)).toEqual(Array.from({ length: 20 }, () => [{ n: 1 }]));
  });

  it('is run again where the failure that nobody waited for was a deadlock', async () => {
    let tries = 0;
    await world.db.query(`CREATE FUNCTION deadlock_once(try int) RETURNS int LANGUAGE plpgsql AS $$
      BEGIN IF try = 1 THEN RAISE EXCEPTION 'a deadlock' USING ERRCODE = '40P01'; END IF; RETURN try; END $$`);
    const result = await world.app.get(Transactions).run(origin, (work) => {
      tries += 1;
      work.write('SELECT deadlock_once($1::int)', [tries]);
      return Promise.resolve(tries);
    });
    expect([result, tries]).toEqual([2, 2]);
  });

  it('never calls a gateway inside a transaction', async () => {
    const [alipay] = await world.app.get(Gateways).receiving('alipay');
    const attempt = { outTradeNo: 'anything', startedAt: world.clock.now(), expiresAt: world.clock.now() };
    const call = world.app.get(Transactions).run(origin, async () => alipay?.gateway.query(attempt));
    await expect(call).rejects.toThrow('inside a transaction');
  });

  it('gives every event its cause, and one correlation to all that follows from a request', async () => {
    const order = await world.placeOrder({ sku: 'CAUSED' });
    const events = await world.db.query<{ id: string; type: string; correlation_id: string; causation_id: string | null }[]>(
      'SELECT id, type, correlation_id, causation_id FROM events WHERE order_id = $1 ORDER BY seq',
      [order.id],
    );
    expect(events.map(({ type }) => type)).toEqual(['order.created', 'inventory.reserved']);
    expect(events[0]?.causation_id).toBeNull();
    expect(events[1]?.causation_id).toBe(events[0]?.id);
    expect(events[1]?.correlation_id).toBe(events[0]?.correlation_id);
  });

  function jobs(task: string): Promise<unknown[]> {
    return world.db.query('SELECT id, attempts FROM graphile_worker.jobs WHERE task_identifier = $1', [task]);
  }
});
