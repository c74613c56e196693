import type { Client } from 'pg';

import { Random } from '../driver/random.js';
import { Requests } from '../driver/requests.js';
import { unexpected } from '../driver/answers.js';
import type { Connection } from '../driver/connection.js';
import { BenchFailed } from '../failures.js';
import type { Options } from './options.js';
import type { Replicas } from './replicas.js';
import { drawRound, flawsOf, type Round } from './round.js';

/** Longer than any run, so that nothing comes back on sale. */
const EXPIRES_IN_SECONDS = 86_400;
const PRICE = 12_345;

export interface Bought {
  readonly sold: number;
  readonly refused: number;
  /** Of the rounds themselves, what lies between them left out. */
  readonly seconds: number;
}

/** In each round all buyers come in the same instant, half of them to each replica. Throws `BenchFailed` where one is sold too many or too few. */
export async function raceBuyers(
  { rounds, buyers, seed }: Options,
  { replicas, db, apiKey, say }: { replicas: Replicas; db: Client; apiKey: string; say: (line: string) => void },
): Promise<Bought> {
  const random = new Random(seed);
  const connections = await replicas.connect(buyers);
  const requests = replicas.urls.map((url) => new Requests({ url, apiKey, skus: [] }));
  const total = { sold: 0, refused: 0, seconds: 0 };
  for (let number = 1; number <= rounds; number += 1) {
    const round = drawRound(number, buyers, random);
    for (const [sku, stock] of round.stock) await replicas.sell({ skus: [sku], price: PRICE, stock });
    const orders = round.baskets.map((basket, buyer) => {
      const items = basket.map(({ sku, quantity }) => `{"sku":"${sku}","quantity":${quantity}}`).join(',');
      const body = `{"customerId":"c-${buyer}","items":[${items}],"expiresInSeconds":${EXPIRES_IN_SECONDS}}`;
      return requests[buyer % requests.length]?.json('/v1/orders', `race-${seed}-${number}-${buyer}`, body) ?? '';
    });
    const began = performance.now();
    const sold = await Promise.all(connections.map((connection, buyer) => buy(replicas, connection, orders[buyer] ?? '')));
    total.seconds += (performance.now() - began) / 1_000;
    const flaws = flawsOf(round, sold, await reservedOf(db, round));
    if (flaws.length > 0) throw new BenchFailed(`round ${number} (${round.kind}, --seed ${seed}): ${flaws.join('; ')}`);
    const count = sold.filter(Boolean).length;
    total.sold += count;
    total.refused += sold.length - count;
    if (number % 100 === 0)
      say(`round ${number} of ${rounds}: ${total.sold} sold, ${total.refused} refused, ${total.seconds.toFixed(1)} s`);
  }
  for (const connection of connections) connection.close();
  return total;
}

async function buy(replicas: Replicas, connection: Connection, order: string): Promise<boolean> {
  const answer = await replicas.ask(connection, order);
  if (answer.status === 201) return true;
  if (answer.status === 409 && answer.body.includes('"insufficient_stock"')) return false;
  const { what, example } = unexpected('POST /v1/orders', answer);
  throw new BenchFailed(`${what}\n${example}`);
}

async function reservedOf(db: Client, { stock }: Round): Promise<Map<string, number>> {
  const { rows } = await db.query<{ sku: string; reserved: number }>(
    'SELECT sku, reserved::int AS reserved FROM stock_levels WHERE sku = ANY ($1)',
    [[...stock.keys()]],
  );
  return new Map(rows.map(({ sku, reserved }) => [sku, reserved]));
}
