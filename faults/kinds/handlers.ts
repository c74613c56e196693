import { setTimeout as pause } from 'node:timers/promises';

import { POISON, PROBE, SHELF } from '../load/goods.js';
import type { Item } from '../load/shop.js';
import { firstWrite } from '../probe.js';
import type { Random } from '../random.js';
import type { Stage } from '../stage.js';
import { measured, type Injected, type Kind } from './kind.js';

const AT_ONCE = 8;
const LONGEST = 60_000;

/** What a listener of another module does for one product fails: that order is refused whole, and those beside it are placed. */
async function listenerThrows(stage: Stage): Promise<Injected> {
  const { postgres, told } = stage;
  await postgres.query(`
    CREATE OR REPLACE FUNCTION faults_listener() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.sku = '${POISON.sku}' THEN RAISE EXCEPTION 'a listener throws'; END IF;
      RETURN NEW;
    END $$;
    CREATE OR REPLACE TRIGGER faults_listener BEFORE INSERT ON reservations FOR EACH ROW EXECUTE FUNCTION faults_listener()`);
  const before = told.orders.length;
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => ask(stage, [{ sku: POISON.sku, quantity: 1 }])));
  const others = await firstWrite(stage, performance.now());
  await postgres.query('DROP TRIGGER faults_listener ON reservations');
  const [left] = await postgres.query<{ count: number }>('SELECT count(*)::int AS count FROM order_lines WHERE sku = $1', [POISON.sku]);
  const wrong = [
    ...answers.filter((status) => status === 201).map(() => 'an order was acknowledged whose listener threw'),
    ...((left?.count ?? 0) > 0 ? [`${left?.count} orders stand whose listener threw`] : []),
    ...(told.orders.length === before ? ['nobody else could buy meanwhile'] : []),
  ];
  return { wrong, recovery: measured(others), note: `${AT_ONCE} orders refused` };
}

/** What is to be done after a commit fails for one refund: it waits, visibly, with its error; others go; and it goes once it can. */
async function handlerThrows(stage: Stage, random: Random): Promise<Injected> {
  const { postgres, shop } = stage;
  const order = await shop.place([{ sku: PROBE.sku, quantity: 1 }]);
  const attempt = order && (await shop.startPayment(order, random));
  if (!order || !attempt || !(await shop.pays(attempt))) return { note: 'nobody could pay' };
  for (let looks = 0; looks < 80 && (await shop.statusOf(order)) !== 'awaiting_shipment'; looks += 1) await pause(100);
  await postgres.query(`
    CREATE OR REPLACE FUNCTION faults_handler() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF NEW.order_id = '${order.id}' THEN RAISE EXCEPTION 'an after-commit handler throws'; END IF;
      RETURN NEW;
    END $$;
    CREATE OR REPLACE TRIGGER faults_handler BEFORE UPDATE ON refunds FOR EACH ROW EXECUTE FUNCTION faults_handler()`);
  const isRefunded = await shop.refund(order, order.amountDue);
  // The worker may have been killed a moment ago, and there are others before it.
  const isSeen =
    isRefunded &&
    (await until(async () => {
      const [{ count } = { count: 0 }] = await postgres.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM graphile_worker.jobs WHERE last_error LIKE '%an after-commit handler throws%'`,
      );
      return count > 0;
    }));
  const others = await firstWrite(stage, performance.now());
  const since = performance.now();
  await postgres.query('DROP TRIGGER faults_handler ON refunds');
  const gone = await until(async () => {
    const [refund] = await postgres.query<{ status: string }>('SELECT status FROM refunds WHERE order_id = $1', [order.id]);
    return refund?.status === 'succeeded';
  });
  const wrong = [
    ...(isRefunded && !isSeen ? ['the job that failed is not to be seen with its error'] : []),
    ...(others === undefined ? ['nobody else could buy meanwhile'] : []),
    ...(isRefunded && !gone ? [`the refund of order ${order.id} did not go once it could`] : []),
  ];
  return { wrong, recovery: performance.now() - since };
}

/** The same goods in baskets packed in every order, by everybody at once. */
async function deadlocks({ shop, postgres }: Stage, random: Random): Promise<Injected> {
  const count = async () =>
    (await postgres.query<{ n: number }>('SELECT deadlocks::int AS n FROM pg_stat_database WHERE datname = current_database()'))[0]?.n ?? 0;
  const before = await count();
  const baskets = Array.from({ length: 60 }, () => random.shuffled(SHELF).map(({ sku }): Item => ({ sku, quantity: 1 })));
  const orders = (await Promise.all(baskets.map((items) => shop.place(items)))).filter((order) => order !== undefined);
  await Promise.all(random.shuffled(orders).map((order) => shop.cancel(order)));
  const seen = (await count()) - before;
  const wrong =
    orders.length < baskets.length ? [`${baskets.length - orders.length} of ${baskets.length} baskets could not be bought`] : [];
  return { wrong, note: `${baskets.length} baskets of ${SHELF.length}; PostgreSQL saw ${seen} deadlocks` };
}

async function ask({ sides, apiKey }: Stage, items: readonly Item[]): Promise<number> {
  const answer = await fetch(`${sides[0].front.url}/v1/orders`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ customerId: 'c', items }),
  }).catch(() => undefined);
  await answer?.arrayBuffer().catch(() => undefined);
  return answer?.status ?? 0;
}

async function until(holds: () => Promise<boolean>): Promise<boolean> {
  for (const began = performance.now(); performance.now() - began < LONGEST; await pause(100)) if (await holds()) return true;
  return false;
}

export const HANDLERS: readonly Kind[] = [
  { name: 'listener-throws', title: 'a listener that throws for one product', inject: listenerThrows },
  { name: 'handler-throws', title: 'an after-commit handler that throws for one refund', bound: 30_000, inject: handlerThrows },
  { name: 'deadlock-baskets', title: 'baskets of the same goods in every order, at once', inject: deadlocks },
];
