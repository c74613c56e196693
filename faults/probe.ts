import { request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

import { PROBE } from './load/goods.js';
import type { Side, Stage } from './stage.js';

/** A try is begun so often, whatever became of those before it. In milliseconds. */
const EVERY = 50;
const LONGEST_TRY = 5_000;
const LONGEST = 90_000;

/** Milliseconds from `since` to the first write that is acknowledged by one of these. Undefined: there was none in a minute and a half. */
export async function firstWrite(stage: Stage, since: number, sides: readonly Side[] = stage.sides): Promise<number | undefined> {
  const found = new AbortController();
  let first: number | undefined;
  const tries: Promise<void>[] = [];
  for (let turn = 0; first === undefined && performance.now() - since < LONGEST; turn += 1) {
    const side = sides[turn % sides.length];
    if (side !== undefined)
      tries.push(
        write(stage, side).then(
          () => {
            first ??= performance.now() - since;
            found.abort();
          },
          () => undefined,
        ),
      );
    await pause(EVERY, undefined, { signal: found.signal }).catch(() => undefined);
  }
  return first;
}

/** Over a connection of its own, as of somebody who comes new. What it is told counts like what anybody is told. */
function write({ told, apiKey }: Stage, { front }: Side): Promise<void> {
  return new Promise((done, fail) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port: front.port,
        path: '/v1/orders',
        method: 'POST',
        agent: false,
        timeout: LONGEST_TRY,
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      },
      (answer) => {
        let text = '';
        answer
          .setEncoding('utf8')
          .on('data', (piece: string) => (text += piece))
          .on('error', fail);
        answer.on('end', () => {
          if (answer.statusCode !== 201) return fail(new Error(String(answer.statusCode)));
          const { id, amountDue } = JSON.parse(text) as { id: string; amountDue: number };
          told.orders.push({ at: performance.now(), id, orderId: id, mark: id, amount: amountDue });
          done();
        });
      },
    );
    asked.on('timeout', () => asked.destroy()).on('error', fail);
    asked.end(JSON.stringify({ customerId: 'probe', items: [{ sku: PROBE.sku, quantity: 1 }] }));
  });
}
