import fc from 'fast-check';

import { allocate } from '../../src/inventory/allocate.js';
import { Batcher, type BatchLimits } from '../../src/kernel/batcher.js';
import { beijingTime, parseBeijingTime } from '../../src/kernel/clock.js';
import { newId } from '../../src/kernel/ids.js';
import { StateMachine } from '../../src/kernel/state-machine.js';
import { pack, restock, toShip } from '../../src/order/fulfilment.js';
import { orderNumber } from '../../src/order/order-pricing.js';
import { orderStates } from '../../src/order/order-status.js';
import { attemptStates, paymentStates, refundStates } from '../../src/payment/payment-states.js';
import { orderOf, outTradeNo, refundNo, refundOf } from '../../src/payment/out-trade-no.js';
import { preferredLanguage } from '../../src/platform/http/problem-catalog.js';

describe('The states', () => {
  it.each([orderStates, paymentStates, attemptStates, refundStates])(
    'of an $subject end somewhere, and permit only what the table has',
    (machine) => {
      const states = Object.keys(machine.transitions);
      expect(states.some((state) => Object.keys(machine.transitions[state as never]).length === 0)).toBe(true);
      expect(() => machine.next(states.at(-1) as never, 'no such action' as never)).toThrow('illegal_transition');
    },
  );

  it('cannot lead to a state that is not in the table', () => {
    expect(() => new StateMachine('thing', { here: { go: 'nowhere' as 'here' } })).toThrow('which is no state');
  });
});

describe('Allocating stock', () => {
  const skus = ['A', 'B', 'C'];
  const demand = fc.uniqueArray(fc.record({ sku: fc.constantFrom(...skus), quantity: fc.integer({ min: 1, max: 5 }) }), {
    selector: ({ sku }) => sku,
    minLength: 1,
  });

  it('never gives more than there is, gives an order all or nothing, and refuses nobody whose units are there', () => {
    fc.assert(
      fc.property(
        fc.array(demand, { maxLength: 20 }),
        fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 3, maxLength: 3 }),
        (wanted, counts) => {
          const levels = skus.map((sku, n) => ({ merchantId: 'm', sku, onHand: counts[n] ?? 0, reserved: 0 }));
          const demands = wanted.map((items, n) => ({ orderId: `o${n}`, merchantId: 'm', items }));
          const { held, short, postponed } = allocate(levels, demands);
          const left = new Map(levels.map(({ sku, onHand }) => [sku, onHand]));
          const isHeld = new Set(held.map(({ orderId }) => orderId));
          for (const { orderId, items } of demands) {
            const fits = items.every(({ sku, quantity }) => (left.get(sku) ?? 0) >= quantity);
            expect(isHeld.has(orderId)).toBe(fits);
            if (fits) for (const { sku, quantity } of items) left.set(sku, (left.get(sku) ?? 0) - quantity);
          }
          expect(held.length + short.length + postponed.length).toBe(demands.length);
          const alone = ({ items }: { items: readonly { sku: string; quantity: number }[] }) =>
            items.every(({ sku, quantity }) => (counts[skus.indexOf(sku)] ?? 0) >= quantity);
          expect(postponed.every(alone)).toBe(true);
          expect(short.some(({ demand }) => alone(demand))).toBe(false);
          expect(demands.length === 0 || held.length > 0 || postponed.length === 0).toBe(true);
          expect([...left.values()].every((count) => count >= 0)).toBe(true);
        },
      ),
    );
  });
});

describe('Packing and restocking', () => {
  const line = { sku: 'A', quantity: 5, shippedQuantity: 2, cancelledQuantity: 1, returnedQuantity: 1 };

  it('packs what is left, and no more', () => {
    expect(toShip(line)).toBe(2);
    expect(pack([line], undefined)).toEqual([{ sku: 'A', quantity: 2 }]);
    expect(() => pack([line], [{ sku: 'A', quantity: 3 }])).toThrow('units_exceed_order');
  });

  it('takes restocked units first from those that never left', () => {
    expect(restock([line], [{ sku: 'A', quantity: 3 }])).toEqual({
      unshipped: [{ sku: 'A', quantity: 2 }],
      returned: [{ sku: 'A', quantity: 1 }],
    });
    expect(() => restock([line], [{ sku: 'A', quantity: 4 }])).toThrow('units_exceed_order');
  });
});

describe('Numbers', () => {
  it('lead from a trade back to its order', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 1, max: 99 }), (id, attempt) => {
        const number = outTradeNo(id, attempt);
        expect(number).toMatch(/^[0-9a-z]{27}$/);
        expect(orderOf(number)).toBe(id);
      }),
    );
    expect(['', 'z'.repeat(27), 'A'.repeat(27), "'; DROP TABLE orders".padEnd(27)].map(orderOf)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    const refund = newId<'refund'>();
    expect(refundNo(refund, 1)).toMatch(/^[0-9a-f]{32}$/);
    expect(refundNo(refund, 2)).toMatch(/^[0-9a-f]{32}02$/);
    expect([1, 2, 99].map((tries) => refundOf(refundNo(refund, tries)))).toEqual([refund, refund, refund]);
    expect(['', 'z'.repeat(32), `${refundNo(refund, 1)}2`].map(refundOf)).toEqual([undefined, undefined, undefined]);
  });

  it('of orders begin with the day in Beijing', () => {
    expect(orderNumber(newId(), new Date('2026-03-01T16:30:00Z'))).toMatch(/^20260302[0-9A-HJKMNP-TV-Z]{12}$/);
  });

  it('of ids only grow', () => {
    const ids = Array.from({ length: 1_000 }, () => newId());
    expect([...ids].sort()).toEqual(ids);
  });
});

describe('Beijing time', () => {
  it('is eight hours ahead, there and back', () => {
    expect(beijingTime(new Date('2026-12-31T16:00:00Z'))).toBe('2027-01-01 00:00:00');
    expect(parseBeijingTime('2027-01-01 00:00:00')).toEqual(new Date('2026-12-31T16:00:00Z'));
    expect(parseBeijingTime('2027-13-01 00:00:00')).toBeUndefined();
  });
});

describe('Natural batching', () => {
  const turn = () => new Promise((next) => setImmediate(next));

  /** A batcher each of whose batches waits for its gate; `refused` is refused. */
  function gated<Item>(limits: BatchLimits, refused?: Item, queueOf?: (item: Item) => string | undefined) {
    const batches: Item[][] = [];
    const gates: (() => void)[] = [];
    const batcher = new Batcher<Item, Item>(
      async (items) => {
        batches.push([...items]);
        await new Promise<void>((open) => gates.push(open));
        return items.map((value) => (value === refused ? { ok: false, error: new Error('refused') } : { ok: true, value }));
      },
      limits,
      queueOf,
    );
    return { batcher, batches, gates };
  }

  it('lets a lone item go at once, and gathers what comes while it is under way', async () => {
    const { batcher, batches, gates } = gated<number>({ batchSize: 3, batchesInFlight: 1 }, 3);
    const first = [1].map((item) => batcher.submit(item));
    while (batches.length < 1) await turn();
    const results = Promise.allSettled([...first, ...[2, 3, 4, 5].map((item) => batcher.submit(item))]);
    while (batches.length < 3) {
      gates.shift()?.();
      await turn();
    }
    gates.shift()?.();
    expect((await results).map((result) => (result.status === 'fulfilled' ? result.value : 'refused'))).toEqual([1, 2, 'refused', 4, 5]);
    expect(batches).toEqual([[1], [2, 3, 4], [5]]);
  });

  it('takes together what came at once, and lets no batch wait where another may begin', async () => {
    const sizes: number[] = [];
    const batcher = new Batcher<number, number>(
      (items) => {
        sizes.push(items.length);
        return Promise.resolve(items.map((value) => ({ ok: true, value })));
      },
      { batchSize: 3, batchesInFlight: 2 },
    );
    expect(await Promise.all([1, 2, 3, 4, 5].map((item) => batcher.submit(item)))).toEqual([1, 2, 3, 4, 5]);
    expect(sizes).toEqual([3, 2]);
  });

  it('begins no second batch for a few while one is under way, unless that takes long', async () => {
    const { batcher, batches, gates } = gated<number>({ batchSize: 9, batchesInFlight: 2, worthwhile: 3 });
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
    const results = [batcher.submit(1)];
    await turn();
    results.push(batcher.submit(2), batcher.submit(3));
    await turn();
    expect(batches).toEqual([[1]]);
    results.push(batcher.submit(4));
    await turn();
    // Three are enough.
    expect(batches).toEqual([[1], [2, 3, 4]]);
    gates.shift()?.();
    await turn();
    results.push(batcher.submit(5));
    jest.advanceTimersByTime(19);
    await turn();
    expect(batches).toEqual([[1], [2, 3, 4]]);
    jest.advanceTimersByTime(1);
    await turn();
    // The one that is under way stands still.
    expect(batches).toEqual([[1], [2, 3, 4], [5]]);
    jest.useRealTimers();
    for (const open of gates) open();
    expect(await Promise.all(results)).toEqual([1, 2, 3, 4, 5]);
  });

  it('begins one batch for those who have waited and are enough, not two', async () => {
    const { batcher, batches, gates } = gated<number>({ batchSize: 9, batchesInFlight: 2, worthwhile: 3 });
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask', 'performance'] });
    const results = [batcher.submit(1)];
    await turn();
    // The time of the second one is over in the same moment in which the fourth makes them enough.
    results.push(batcher.submit(2), batcher.submit(3), batcher.submit(4));
    jest.advanceTimersByTime(20);
    results.push(batcher.submit(5));
    await turn();
    expect(batches).toEqual([[1], [2, 3, 4, 5]]);
    jest.useRealTimers();
    for (let open = gates.shift(); open; open = gates.shift()) {
      open();
      await turn();
      await turn();
    }
    expect(await Promise.all(results)).toEqual([1, 2, 3, 4, 5]);
  });

  it('gives each batch its share of a crowd, as long as it may come back', async () => {
    const { batcher, batches, gates } = gated<number>({ batchSize: 9, batchesInFlight: 2, worthwhile: 2 });
    const come = async (many: number) => {
      const results = Promise.all(Array.from({ length: many }, (_, index) => batcher.submit(index)));
      for (let times = 0; times < 4; times += 1) {
        await turn();
        for (const open of gates.splice(0)) open();
      }
      await results;
      const sizes = batches.splice(0).map(({ length }) => length);
      return sizes;
    };
    expect(await come(3)).toEqual([3]);
    expect(await come(10)).toEqual([5, 5]);
    // A part of them, whom the others follow.
    expect(await come(8)).toEqual([5, 3]);
    for (let times = 0; times < 200; times += 1) expect(await come(1)).toEqual([1]);
    // Those who were so many are forgotten.
    expect(await come(6)).toEqual([3, 3]);
    expect(await come(18)).toEqual([9, 9]);
  });

  it('begins no second batch for less than its share of a crowd', async () => {
    const { batcher, batches, gates } = gated<number>({ batchSize: 9, batchesInFlight: 2, worthwhile: 2 });
    const submit = (items: number[]) => items.map((item) => batcher.submit(item));
    const opened = async () => {
      await turn();
      for (const open of gates.splice(0)) open();
    };
    const results = submit([1, 2, 3, 4, 5, 6, 7, 8]);
    for (let times = 0; times < 4; times += 1) await opened();
    results.push(...submit([9, 10, 11, 12]));
    await turn();
    results.push(...submit([13, 14, 15]));
    await turn();
    expect(batches.slice(2)).toEqual([[9, 10, 11, 12]]);
    results.push(...submit([16]));
    await turn();
    expect(batches.slice(3)).toEqual([[13, 14, 15, 16]]);
    await opened();
    expect(await Promise.all(results)).toHaveLength(16);
  });

  it('handles those of one queue one after the other, in their order, and lets them hold up nobody else', async () => {
    const { batcher, batches, gates } = gated<string>({ batchSize: 3, batchesInFlight: 2 }, 'a2', (item) =>
      item.startsWith('-') ? undefined : item.slice(0, 1),
    );
    const results = Promise.allSettled(['a1', 'a2', 'b1', 'a3', '-', '-', 'b2'].map((item) => batcher.submit(item)));
    for (let turns = 0; turns < 5; turns += 1) await turn();
    // The second batch may begin at once, without those whose queue is under way.
    expect(batches).toEqual([['a1', 'b1', '-'], ['-']]);
    for (let turns = 0; turns < 30; turns += 1) {
      gates.shift()?.();
      await turn();
    }
    expect(batches.slice(2)).toEqual([['a2', 'b2'], ['a3']]);
    expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', ...Array<string>(5).fill('fulfilled')]);
  });
});

describe('The language of a title', () => {
  it.each([
    [undefined, 'en'],
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh'],
    ['en-GB,en;q=0.9,zh;q=0.8', 'en'],
    ['fr, zh;q=0.1', 'zh'],
    ['zh;q=0', 'en'],
    [';;;,,,q=', 'en'],
  ])('for %s is %s', (header, language) => {
    expect(preferredLanguage(header)).toBe(language);
  });
});
