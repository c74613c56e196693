import { randomBytes } from 'node:crypto';

import type { Flow } from './flow.js';
import type { Target } from './job.js';
import { Random } from './random.js';
import { Requests } from './requests.js';
import { unexpected } from './unexpected.js';

/** Longer than any run, so that no order expires while others are measured. */
const EXPIRES_IN_SECONDS = 86_400;

/** Orders of `lines` lines, of different SKUs that are chosen at random, each with an `Idempotency-Key` of its own. */
export function orderFlow(target: Target, lines: 1 | 2): Flow {
  const place = new OrderRequests(target, lines);
  return async (connection) => {
    const answer = await connection.send(place.next());
    if (answer.status !== 201) throw unexpected('POST /v1/orders', answer);
    return 'placed';
  };
}

export class OrderRequests {
  private readonly write: (key: string, body: string) => string;
  private readonly random = new Random(randomBytes(4).readInt32LE());
  private readonly run = randomBytes(6).toString('hex');
  private count = 0;

  constructor(
    private readonly target: Target,
    private readonly lines: 1 | 2,
  ) {
    this.write = new Requests(target).postJson('/v1/orders');
  }

  next(): string {
    this.count += 1;
    const { skus } = this.target;
    const chosen = this.lines === 2 ? this.random.two(skus.length) : [this.random.below(skus.length)];
    const items = chosen.map((index) => `{"sku":"${skus[index]}","quantity":${1 + this.random.below(3)}}`).join(',');
    const body =
      `{"customerId":"c-${this.random.below(10_000)}","items":[${items}],"shippingFee":1000,"expiresInSeconds":${EXPIRES_IN_SECONDS},` +
      `"shippingAddress":{"name":"Li Lei","phone":"13800000000","address":"1 Longjing Road, Xihu, Hangzhou"}}`;
    return this.write(`bench-${this.run}-${this.count}`, body);
  }
}
