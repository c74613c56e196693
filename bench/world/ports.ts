import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

import { BenchFailed } from '../failures.js';
import type { Child } from './child.js';

/** A port that nobody listens on at this moment. */
export function freePort(): Promise<number> {
  return new Promise((found, fail) => {
    const probe = createServer()
      .once('error', fail)
      .listen(0, '127.0.0.1', () => {
        const address = probe.address();
        probe.close(() => found(typeof address === 'object' && address ? address.port : 0));
      });
  });
}

const LONGEST_START = 60_000;
const BETWEEN_LOOKS = 50;

/** Returns once the address answers with 200. Throws `BenchFailed` where its program ends first, or takes a minute. */
export async function answers(address: string, child: Child): Promise<void> {
  const until = Date.now() + LONGEST_START;
  while (Date.now() < until) {
    child.assertAlive();
    const answer = await fetch(address).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.status === 200) return;
    await pause(BETWEEN_LOOKS);
  }
  throw new BenchFailed(`${address} did not answer within ${LONGEST_START / 1000} s:\n${child.lastLines()}`);
}
