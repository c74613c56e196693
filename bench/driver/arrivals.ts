import type { Stages } from './flow.js';
import type { Stretch } from './job.js';
import type { Tally } from './tally.js';

/** Milliseconds: as often as a timer can look at the clock. */
export const TICK = 1;

/**
 * Calls `come` for each one that is due, `rate` of them a second, evenly spaced, with the moment at which it was, whatever became of
 * those before. The warm-up goes over into the measured time without a gap. Ends before its time once `isBroken` says so.
 */
export async function arrivals(
  time: Stretch & { readonly rate: number },
  { tally, stages, come, isBroken }: { tally: Tally; stages: Stages; come: (due: number) => void; isBroken: () => boolean },
): Promise<void> {
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
      for (; next <= now && next < until; next += 1000 / time.rate) come(next);
      if (now < until && !isBroken()) return;
      clearInterval(timer);
      over();
    }, TICK);
  });
}
