import { setTimeout as pause } from 'node:timers/promises';

import type { Alipay } from './alipay.js';
import { Connection } from './connection.js';
import type { Stages } from './flow.js';
import type { Job, Measured, OpenTrade, Stretch, Target } from './job.js';
import { OrderRequests } from './order-flow.js';
import { Requests } from './requests.js';
import { Tally } from './tally.js';
import { textIn, unexpected } from './answers.js';

/** Milliseconds in which orders are placed and sent to the gateway, before their notices come: less than it takes until they are asked about. */
const SLICE = 1_000;
/** Milliseconds until whoever reads the clocks has read them. */
const READING = 30;

// The first of the name in the answer; parsing the whole of it would cost more than sending it did.
const ID = /"id" ?: ?"([0-9a-f-]{36})"/;
const OUT_TRADE_NO = /"outTradeNo" ?: ?"(\w+)"/;
const AMOUNT = /"amount" ?: ?(\d+)/;

interface Started extends OpenTrade {
  /** How long placing and paying took. */
  readonly milliseconds: number;
}

/**
 * Whole paid orders. Placing and paying, signing, and notifying take turns: the gateway's own signatures, which cost more than all the
 * rest and are none of the program's work, are made while nothing is measured.
 */
export async function paidOrders({ target, connections }: Job, time: Stretch, alipay: Alipay, stages: Stages): Promise<Measured> {
  const tally = new Tally();
  const opened = await Promise.all(Array.from({ length: connections }, () => Connection.open(new URL(target.url))));
  const shop = new Shop(target);
  const measured = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    stages.measuring();
    tally.begin();
    const result = await work();
    tally.end();
    stages.measured();
    await pause(READING);
    return result;
  };
  const cycle = async (stretch: typeof measured) => {
    const started = await stretch(() => shop.startAll(opened));
    const bodies = await alipay.notices(started);
    await stretch(() => shop.finishAll(opened, started, bodies, tally));
  };
  try {
    const warmUntil = performance.now() + time.warmUp * 1000;
    while (performance.now() < warmUntil) await cycle((work) => work());
    while (tally.seconds < time.seconds) await cycle(measured);
  } catch (error) {
    tally.fail(error);
  }
  for (const connection of opened) connection.close();
  return tally.result();
}

class Shop {
  private readonly orders: OrderRequests;
  private readonly requests: Requests;

  constructor(target: Target) {
    this.orders = new OrderRequests(target, 2);
    this.requests = new Requests(target);
  }

  async startAll(connections: readonly Connection[]): Promise<Started[]> {
    const until = performance.now() + SLICE;
    const started: Started[] = [];
    await Promise.all(
      connections.map(async (connection) => {
        while (performance.now() < until) started.push(await this.start(connection));
      }),
    );
    return started;
  }

  async finishAll(connections: readonly Connection[], started: readonly Started[], bodies: readonly string[], tally: Tally): Promise<void> {
    let next = 0;
    await Promise.all(
      connections.map(async (connection) => {
        for (let index = next++; index < started.length; index = next++) {
          const began = performance.now();
          const answer = await connection.send(this.requests.notice(bodies[index] ?? ''));
          if (answer.status !== 200 || answer.body !== 'success') throw unexpected('POST /v1/callbacks/alipay/payments', answer);
          tally.add('paid', performance.now() - began + (started[index]?.milliseconds ?? 0));
        }
      }),
    );
  }

  private async start(connection: Connection): Promise<Started> {
    const began = performance.now();
    const placed = await connection.send(this.orders.next());
    if (placed.status !== 201) throw unexpected('POST /v1/orders', placed);
    const orderId = textIn(placed, ID);
    const wanted = '{"gateway":"alipay","method":"page","returnUrl":"https://shop.example/thanks"}';
    const paying = await connection.send(this.requests.json(`/v1/orders/${orderId}/payments`, `pay-${orderId}`, wanted));
    if (paying.status !== 201) throw unexpected('POST /v1/orders/{id}/payments', paying);
    const amount = Number(textIn(paying, AMOUNT));
    return { orderId, outTradeNo: textIn(paying, OUT_TRADE_NO), amount, milliseconds: performance.now() - began };
  }
}
