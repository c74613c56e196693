import type { Client } from 'pg';

import type { Alipay } from '../driver/alipay.js';
import { unexpected } from '../driver/answers.js';
import { Random } from '../driver/random.js';
import { Requests } from '../driver/requests.js';
import { BenchFailed } from '../failures.js';
import { drawOpenTrades, writeOpenTrades } from '../world/open-trades.js';
import type { Options } from './options.js';
import type { Replicas } from './replicas.js';
import { shuffled } from './round.js';

/** Notices that are on their way together: so far apart may two copies of one be. */
const TOGETHER = 5_000;
const MOST_TIMES = 15;
const CONNECTIONS = 64;

export interface Delivered {
  readonly notices: number;
  readonly deliveries: number;
  readonly seconds: number;
}

/** Each notice goes to both replicas several times, in any order. Throws `BenchFailed` where one has had another effect than one. */
export async function raceCallbacks(
  { callbacks, seed }: Options,
  at: { replicas: Replicas; db: Client; databaseUrl: string; alipay: Alipay; sku: string; say: (line: string) => void },
): Promise<Delivered> {
  const { replicas, say } = at;
  const random = new Random(seed);
  const requests = replicas.urls.map((url) => new Requests({ url, apiKey: '', skus: [] }));
  const total = { notices: 0, deliveries: 0, seconds: 0 };
  while (total.notices < callbacks) {
    const trades = drawOpenTrades(Math.min(TOGETHER, callbacks - total.notices));
    await writeOpenTrades(at.databaseUrl, trades, at.sku);
    const bodies = await at.alipay.notices(trades);
    const copies = bodies.map((body) => Array.from({ length: 1 + random.below(MOST_TIMES) }, () => body));
    const deliveries = shuffled(copies.flat(), random);
    // A server hangs up on whoever is silent for as long as all this takes.
    const connections = await replicas.connect(CONNECTIONS);
    const began = performance.now();
    let next = 0;
    await Promise.all(
      connections.map(async (connection, index) => {
        for (let body = deliveries[next++]; body !== undefined; body = deliveries[next++]) {
          const answer = await replicas.ask(connection, requests[index % requests.length]?.notice(body) ?? '');
          if (answer.status === 200 && answer.body === 'success') continue;
          const { what, example } = unexpected('POST /v1/callbacks/alipay/payments', answer);
          throw new BenchFailed(`${what}\n${example}`);
        }
      }),
    );
    total.seconds += (performance.now() - began) / 1_000;
    for (const connection of connections) connection.close();
    await refuseOtherThanOnce(
      at.db,
      trades.map(({ orderId }) => orderId),
      copies.map(({ length }) => length),
    );
    total.notices += trades.length;
    total.deliveries += deliveries.length;
    say(`${total.notices} notices of ${callbacks}: ${total.deliveries} deliveries, ${total.seconds.toFixed(1)} s`);
  }
  return total;
}

/** Every delivery is in the inbox, one of each notice has been applied, and its order was paid once. */
async function refuseOtherThanOnce(db: Client, orderIds: readonly string[], times: readonly number[]): Promise<void> {
  const { rows } = await db.query<{ id: string; wrong: string }>(
    `SELECT w.id, format('%s deliveries of %s in the inbox, %s applied; %s paid of %s, %s, paid %s times by the log', c.kept, w.times, c.applied,
                         o.amount_paid, o.amount_due, o.status, e.paid) AS wrong
       FROM unnest($1::uuid[], $2::int[]) AS w(id, times)
       JOIN orders o ON o.id = w.id
       LEFT JOIN (SELECT order_id AS id, count(*) AS kept, count(*) FILTER (WHERE effect = 'applied') AS applied
                    FROM callbacks WHERE order_id = ANY($1) GROUP BY order_id) c ON c.id = w.id
       LEFT JOIN (SELECT order_id AS id, count(*) AS paid FROM events WHERE order_id = ANY($1) AND type = 'payment.succeeded' GROUP BY order_id) e
              ON e.id = w.id
      WHERE c.kept IS DISTINCT FROM w.times OR c.applied IS DISTINCT FROM 1 OR e.paid IS DISTINCT FROM 1 OR o.amount_paid <> o.amount_due OR o.status <> 'awaiting_shipment' LIMIT 5`,
    [orderIds, times],
  );
  if (rows.length > 0) throw new BenchFailed(rows.map(({ id, wrong }) => `order ${id}: ${wrong}`).join('\n'));
}
