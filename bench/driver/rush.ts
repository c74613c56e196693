import { Connection } from './connection.js';
import type { Flow, Stages } from './flow.js';
import type { Job, Measured, Stretch } from './job.js';
import { Tally } from './tally.js';

/** Milliseconds. */
const TICK = 1;

/**
 * Many more customers than there is room for: so many come each second, evenly, whatever became of those before them. Each takes a
 * connection that is free, or another customer's who was answered; where there is none, the customer goes away and is not counted.
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
      for (; next <= now && next < until; next += 1000 / time.rate) come();
      if (now < until && !broken) return;
      clearInterval(timer);
      over();
    }, TICK);
  });
  tally.end();
  stages.measured();
  // What is under way ends before the next round begins, or its connection is closed on it.
  const patience = performance.now() + 10_000;
  while (free.length < all.length && performance.now() < patience && !broken) await new Promise((tick) => setTimeout(tick, TICK));
  for (const connection of all) connection.close();
  return tally.result();
}
