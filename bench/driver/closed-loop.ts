import { setTimeout as pause } from 'node:timers/promises';

import { Connection } from './connection.js';
import type { Flow, Stages } from './flow.js';
import type { Job, Measured, Stretch } from './job.js';
import { Tally } from './tally.js';

/** Each connection begins anew as soon as it is answered. The warm-up goes over into the measured time without a gap. */
export async function closedLoop({ target, connections }: Job, time: Stretch, flow: Flow, stages: Stages): Promise<Measured> {
  const tally = new Tally();
  const stopping = new AbortController();
  const opened = await Promise.all(Array.from({ length: connections }, () => Connection.open(new URL(target.url))));
  const loops = opened.map((connection) => repeat(connection, flow, tally, stopping));
  const waits = (seconds: number) => pause(seconds * 1000, undefined, { signal: stopping.signal }).catch(() => undefined);
  if (time.warmUp > 0) await waits(time.warmUp);
  tally.begin();
  stages.measuring();
  await waits(time.seconds);
  tally.end();
  stages.measured();
  stopping.abort();
  await Promise.all(loops);
  return tally.result();
}

async function repeat(connection: Connection, flow: Flow, tally: Tally, stopping: AbortController): Promise<void> {
  try {
    while (!stopping.signal.aborted) {
      const began = performance.now();
      const outcome = await flow(connection);
      if (outcome === undefined) stopping.abort();
      else tally.add(outcome, performance.now() - began);
    }
  } catch (error) {
    // The rest would only say the same: the run is void.
    tally.fail(error);
    stopping.abort();
  }
  connection.close();
}

/** Every connection works until nothing is left to do, and the last answer is there. */
export async function untilDone({ target, connections }: Job, flow: Flow, stages: Stages): Promise<Measured> {
  const tally = new Tally();
  const opened = await Promise.all(Array.from({ length: connections }, () => Connection.open(new URL(target.url))));
  tally.begin();
  stages.measuring();
  await Promise.all(opened.map((connection) => repeat(connection, flow, tally, new AbortController())));
  tally.end();
  stages.measured();
  return tally.result();
}
