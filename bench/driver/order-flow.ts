import { randomBytes } from 'node:crypto';

import type { Flow } from './flow.js';
import type { Target } from './job.js';
import { Random } from './random.js';
import { Requests } from './requests.js';
import { unexpected } from './answers.js';

/** Longer than any run, so that no order expires while others are measured. */
const EXPIRES_IN_SECONDS = 86_400;

/** Orders of `lines` lines, of different SKUs that are chosen at random, each with an `Idempotency-Key` of its own. */
export function orderFlow(target: Target, lines: 1 | 2): Flow {
  const orders = new OrderRequests(target, lines);
  return async (connection) => {
    const answer = await connection.send(orders.next());
    if (answer.status !== 201) throw unexpected('POST /v1/orders', answer);
    return 'placed';
  };
}

/** The same by customers who may be turned away where too many come. */
export function customerFlow(target: Target, lines: 1 | 2): Flow {
  const orders = new OrderRequests(target, lines);
  return async (connection) => {
    const answer = await connection.send(orders.next());
    if (answer.status === 201) return 'placed';
    if (answer.status === 503 && answer.body.includes('"overloaded"')) return 'turned away';
    throw unexpected('POST /v1/orders', answer);
  };
}

/** So many buyers of one unit. Those who come too late are told that it is sold out, and that is as it should be. */
export function buyerFlow(target: Target, buyers: number): Flow {
  const orders = new OrderRequests(target, 1, 1);
  let left = buyers;
  return async (connection) => {
    if (left === 0) return undefined;
    left -= 1;
    const answer = await connection.send(orders.next());
    if (answer.status === 201) return 'sold';
    if (answer.status === 409 && answer.body.includes('"insufficient_stock"')) return 'refused';
    throw unexpected('POST /v1/orders', answer);
  };
}

/** Orders as a shop would place them. */
export class OrderRequests {
  private readonly requests: Requests;
  private readonly random = new Random(randomBytes(4).readInt32LE());
  private readonly run = randomBytes(6).toString('hex');
  private count = 0;

  constructor(
    private readonly target: Target,
    private readonly lines: 1 | 2,
    private readonly mostUnits = 3,
  ) {
    this.requests = new Requests(target);
  }

  next(): string {
    this.count += 1;
    const { skus } = this.target;
    const chosen = this.lines === 2 ? this.random.two(skus.length) : [this.random.below(skus.length)];
    const items = chosen.map((index) => `{"sku":"${skus[index]}","quantity":${1 + this.random.below(this.mostUnits)}}`).join(',');
    const body =
      `{"customerId":"c-${this.random.below(10_000)}","items":[${items}],"shippingFee":1000,"expiresInSeconds":${EXPIRES_IN_SECONDS},` +
      `"shippingAddress":{"name":"Li Lei","phone":"13800000000","address":"1 Longjing Road, Xihu, Hangzhou"}}`;
    return this.requests.json('/v1/orders', `bench-${this.run}-${this.count}`, body);
  }
}
