import { arrivals, TICK } from './arrivals.js';
import { Connection } from './connection.js';
import type { Flow, Stages } from './flow.js';
import type { Job, Measured, Stretch } from './job.js';
import { Tally } from './tally.js';

/** Milliseconds. */
const PATIENCE = 10_000;

/**
 * Many more customers than there is room for: so many come each second, evenly, whatever became of those before them. Each takes a
 * connection that is free; where there is none, the customer goes away and is not counted.
 */
export async function rush(
  { target, connections }: Job,
  time: Stretch & { readonly rate: number },
  flow: Flow,
  stages: Stages,
): Promise<Measured> {
  const tally = new Tally();
  const all = await Promise.all(Array.from({ length: connections }, () => Connection.open(new URL(target.url))));
  const free = [...all];
  let broken = false;
  const come = (): void => {
    const connection = free.pop();
    if (connection === undefined) return;
    const began = performance.now();
    flow(connection).then(
      (outcome) => {
        tally.add(outcome ?? 'none', performance.now() - began);
        free.push(connection);
      },
      (error: unknown) => {
        broken = true;
        tally.fail(error);
      },
    );
  };
  await arrivals(time, { tally, stages, come, isBroken: () => broken });
  tally.end();
  stages.measured();
  // What is under way ends before the next round begins, or its connection is closed on it.
  const patience = performance.now() + PATIENCE;
  while (free.length < all.length && performance.now() < patience && !broken) await new Promise((tick) => setTimeout(tick, TICK));
  for (const connection of all) connection.close();
  return tally.result();
}
