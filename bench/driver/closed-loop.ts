import { setTimeout as pause } from 'node:timers/promises';

import { Connection } from './connection.js';
import type { Flow } from './flow.js';
import type { Job, Measured } from './job.js';
import { Tally } from './tally.js';
import { UnexpectedAnswer } from './unexpected.js';

/** What is told while it runs, so that others can look at their clocks. */
export interface Stages {
  measuring(): void;
  measured(): void;
}

/** Each connection begins anew as soon as it is answered. The warm-up goes over into the measured time without a gap. */
export async function closedLoop(job: Job, flow: Flow, stages: Stages): Promise<Measured> {
  const url = new URL(job.target.url);
  const connections = await Promise.all(Array.from({ length: job.connections }, () => Connection.open(url)));
  const tally = new Tally();
  let running = true;
  const loops = connections.map(async (connection) => {
    while (running) {
      const began = performance.now();
      try {
        const outcome = await flow(connection);
        tally.add(outcome, performance.now() - began);
      } catch (error) {
        // The rest would only say the same: the run is void.
        running = false;
        if (error instanceof UnexpectedAnswer) tally.addUnexpected(error.what, error.example);
        else tally.addUnexpected(String(error), '');
      }
    }
    connection.close();
  });
  await pause(job.warmUp * 1000);
  tally.begin();
  const began = performance.now();
  stages.measuring();
  await pause(job.seconds * 1000);
  tally.end();
  const seconds = (performance.now() - began) / 1000;
  stages.measured();
  running = false;
  await Promise.all(loops);
  return tally.result(seconds);
}
