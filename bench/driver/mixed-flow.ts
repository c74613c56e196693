import { randomBytes } from 'node:crypto';

import type { Connection } from './connection.js';
import type { Flow } from './flow.js';
import type { Target } from './job.js';
import { OrderRequests } from './order-flow.js';
import { Random } from './random.js';
import { Requests } from './requests.js';
import { textIn, unexpected } from './answers.js';

/** How many of a hundred requests are what; the rest place an order. */
const READS: readonly (readonly [name: string, share: number])[] = [
  ['order', 25],
  ['list', 15],
  ['timeline', 15],
  ['stock', 15],
];
const ID = /"id" ?: ?"([0-9a-f-]{36})"/;
const REMEMBERED = 4_096;

/** What a shop does all day: it places orders, and reads them, their lists, their timelines and the stock. */
export function mixedFlow(target: Target): Flow {
  const orders = new OrderRequests(target, 2);
  const requests = new Requests(target);
  const random = new Random(randomBytes(4).readInt32LE());
  const known: string[] = [];
  const place = async (connection: Connection): Promise<string> => {
    const answer = await connection.send(orders.next());
    if (answer.status !== 201) throw unexpected('POST /v1/orders', answer);
    const id = textIn(answer, ID);
    if (known.length < REMEMBERED) known.push(id);
    else known[random.below(REMEMBERED)] = id;
    return 'order placed';
  };
  const paths: Readonly<Record<string, (id: string) => string>> = {
    order: (id) => `/v1/orders/${id}`,
    list: () => `/v1/orders?limit=20&customerId=c-${random.below(10_000)}`,
    timeline: (id) => `/v1/orders/${id}/timeline`,
    stock: () => `/v1/inventory/${target.skus[random.below(target.skus.length)]}`,
  };
  return async (connection) => {
    const id = known[random.below(Math.max(known.length, 1))];
    let drawn = random.below(100);
    if (id === undefined) return place(connection);
    for (const [name, share] of READS) {
      if (drawn < share) {
        const answer = await connection.send(requests.get(paths[name]?.(id) ?? ''));
        if (answer.status !== 200) throw unexpected(`GET ${name}`, answer);
        return `${name} read`;
      }
      drawn -= share;
    }
    return place(connection);
  };
}
