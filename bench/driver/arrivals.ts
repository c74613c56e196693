import type { Stages } from './flow.js';
import type { Stretch } from './job.js';
import type { Tally } from './tally.js';

/** Milliseconds: as often as a timer can look at the clock. */
export const TICK = 1;
/** Milliseconds. Where they are further apart, each is sent at its time; a timer alone is half a tick late in the median. */
const FAR_APART = 10;
/** Milliseconds before one is due, from which on the clock is looked at without a rest. */
const CLOSE = 2 * TICK;

/**
 * Calls `come` for each one that is due, `rate` of them a second, evenly spaced, with the moment at which it was, whatever became of
 * those before. The warm-up goes over into the measured time without a gap. Ends before its time once `isBroken` says so.
 */
export async function arrivals(
  time: Stretch & { readonly rate: number },
  { tally, stages, come, isBroken }: { tally: Tally; stages: Stages; come: (due: number) => void; isBroken: () => boolean },
): Promise<void> {
  const apart = 1000 / time.rate;
  const began = performance.now();
  const measuredFrom = began + time.warmUp * 1000;
  const until = measuredFrom + time.seconds * 1000;
  let next = began;
  let measuring = false;
  await new Promise<void>((over) => {
    const look = () => {
      const now = performance.now();
      if (!measuring && now >= measuredFrom) {
        measuring = true;
        tally.begin();
        stages.measuring();
      }
      for (; next <= now && next < until; next += apart) come(next);
      if (now >= until || isBroken()) return over();
      const rest = Math.min(next, measuring ? until : measuredFrom) - performance.now();
      if (apart < FAR_APART) setTimeout(look, TICK);
      else if (rest > CLOSE) setTimeout(look, rest - CLOSE);
      else setImmediate(look);
    };
    look();
  });
}
