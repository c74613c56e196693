import { arrivals, TICK } from './arrivals.js';
import { Connection } from './connection.js';
import type { Flow, Stages } from './flow.js';
import type { Job, Measured, Stretch } from './job.js';
import { Tally } from './tally.js';

/**
 * Requests leave at their times, evenly spaced, whatever became of those before them. Where no connection is free, one waits, and its
 * time counts from when it should have left: a program that stands still is charged for all whom it kept waiting.
 */
export async function pacedLoop(
  { target, connections }: Job,
  time: Stretch & { readonly rate: number },
  flow: Flow,
  stages: Stages,
): Promise<Measured> {
  const tally = new Tally();
  const all = await Promise.all(Array.from({ length: connections }, () => Connection.open(new URL(target.url))));
  const free = [...all];
  const waiting: number[] = [];
  let underWay = 0;
  let broken = false;
  const send = (): void => {
    while (free.length > 0 && waiting.length > 0 && !broken) {
      const connection = free.pop();
      const due = waiting.shift();
      if (connection === undefined || due === undefined) return;
      underWay += 1;
      flow(connection)
        .then(
          (outcome) => tally.add(outcome ?? 'none', performance.now() - due),
          (error: unknown) => {
            broken = true;
            tally.fail(error);
          },
        )
        .finally(() => {
          underWay -= 1;
          free.push(connection);
          send();
        });
    }
  };
  const come = (due: number): void => {
    waiting.push(due);
    send();
  };
  await arrivals(time, { tally, stages, come, isBroken: () => broken });
  // Those that were due are waited for: the slowest of them are what this is about.
  while ((underWay > 0 || waiting.length > 0) && !broken) await new Promise((tick) => setTimeout(tick, TICK));
  tally.end();
  stages.measured();
  for (const connection of all) connection.close();
  return tally.result();
}
