import { Connection } from './connection.js';
import type { Flow, Stages } from './flow.js';
import type { Job, Measured, Stretch } from './job.js';
import { Tally } from './tally.js';

/** Milliseconds: as often as a timer can look at the clock. */
const TICK = 1;

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
  const free = await Promise.all(Array.from({ length: connections }, () => Connection.open(new URL(target.url))));
  const all = [...free];
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
  const began = performance.now();
  const measuredFrom = began + time.warmUp * 1000;
  const until = measuredFrom + time.seconds * 1000;
  let next = began;
  let measuring = false;
  await new Promise<void>((over) => {
    const timer = setInterval(() => {
      const now = performance.now();
      if (!measuring && now >= measuredFrom) {
        measuring = true;
        tally.begin();
        stages.measuring();
      }
      for (; next <= now && next < until; next += 1000 / time.rate) waiting.push(next);
      send();
      if (now < until && !broken) return;
      clearInterval(timer);
      over();
    }, TICK);
  });
  // Those that were due are waited for: the slowest of them are what this is about.
  while ((underWay > 0 || waiting.length > 0) && !broken) await new Promise((tick) => setTimeout(tick, TICK));
  tally.end();
  stages.measured();
  for (const connection of all) connection.close();
  return tally.result();
}
