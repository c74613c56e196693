import { Injectable, Logger } from '@nestjs/common';

import { Batcher } from '../../kernel/batcher.js';
import { Clock, MINUTE, after } from '../../kernel/clock.js';
import { Sweep } from '../jobs/sweeps.js';
import { RateLimitStore, type GrantedSlice, type WantedSlice } from './rate-limit.store.js';

/** All quotas are of so long. In milliseconds. */
export const WINDOW = MINUTE;

/** Windows that are over are kept for so long: whose clock lags must not begin one anew. */
const KEEP_FOR = 10 * MINUTE;

/** So many subjects are known at a time; who could come under more names than that is not counted. */
const MOST_SUBJECTS = 50_000;

/** Where a subject stands: how it is told in `RateLimit` and `Retry-After`. */
export interface Standing {
  readonly allowed: boolean;
  readonly quota: number;
  /** As far as this process knows: others may have taken more since. */
  readonly remaining: number;
  readonly secondsLeft: number;
}

interface Slice {
  readonly windowStart: number;
  left: number;
  /** By all processes, when this one asked last. */
  taken: number;
  size: number;
  isSpent: boolean;
  /** Whether it could be asked. */
  asking: Promise<boolean> | undefined;
}

/**
 * How much of its quota a subject has had in the present minute, counted over all processes. A process takes slices of the quota out
 * of the shared table and spends them in memory, so the table is asked some dozens of times a minute for a subject, however many
 * requests there are. Together the processes never let through more than the quota. What other processes have taken and not
 * spent is refused too early (docs/adr/0028 says how much that can be).
 */
@Injectable()
export class RateLimits {
  private readonly logger = new Logger(RateLimits.name);
  private slices = new Map<string, Slice>();
  private windowStart = -Infinity;
  private readonly asking: Batcher<WantedSlice, GrantedSlice>;

  constructor(
    private readonly store: RateLimitStore,
    private readonly clock: Clock,
  ) {
    this.asking = new Batcher(async (wanted) => (await this.store.take(wanted)).map((value) => ({ ok: true, value })), {
      batchSize: 1_000,
      batchesInFlight: 1,
    });
  }

  /** Takes one of the subject's quota, where there is one left. */
  async take(subject: string, quota: number): Promise<Standing> {
    for (;;) {
      const now = this.clock.now().getTime();
      const slice = this.sliceOf(subject, now);
      if (slice === undefined) return this.standing(undefined, quota, true, now);
      if (slice.left > 0) {
        slice.left -= 1;
        // Before it is used up, so that hardly anybody waits for the next.
        if (slice.left * 4 <= slice.size && !slice.isSpent) slice.asking ??= this.ask(subject, slice, quota);
        return this.standing(slice, quota, true, now);
      }
      if (slice.isSpent) return this.standing(slice, quota, false, now);
      slice.asking ??= this.ask(subject, slice, quota);
      // While the table cannot be asked, nobody is held up for it.
      if (!(await slice.asking)) return this.standing(undefined, quota, true, now);
    }
  }

  /** Where the subject stands, if anything was taken of its quota in this window, without taking more. */
  look(subject: string, quota: number): Standing | undefined {
    const now = this.clock.now().getTime();
    this.turn(now);
    const slice = this.slices.get(subject);
    return slice && this.standing(slice, quota, slice.left > 0 || !slice.isSpent, now);
  }

  @Sweep('rate-limit-retention', MINUTE)
  forget(): Promise<number> {
    return this.store.forget(after(this.clock.now(), -KEEP_FOR));
  }

  /** Undefined where too many are known to know one more. */
  private sliceOf(subject: string, now: number): Slice | undefined {
    this.turn(now);
    const known = this.slices.get(subject);
    if (known || this.slices.size >= MOST_SUBJECTS) return known;
    const fresh = { windowStart: this.windowStart, left: 0, taken: 0, size: 0, isSpent: false, asking: undefined };
    this.slices.set(subject, fresh);
    return fresh;
  }

  private async ask(subject: string, asker: Slice, quota: number): Promise<boolean> {
    try {
      const { windowStart, granted, taken } = await this.asking.submit({ subject, windowStart: new Date(asker.windowStart), quota });
      const slice = this.inWindow(windowStart.getTime(), subject, asker);
      if (slice === undefined) return true;
      slice.left += granted;
      slice.size = granted;
      slice.taken = taken;
      slice.isSpent = granted === 0;
      return true;
    } catch (error) {
      this.logger.warn(`the rate limits cannot be counted just now: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    } finally {
      asker.asking = undefined;
    }
  }

  /** Another process may be in the next window already: then so are we. */
  private inWindow(windowStart: number, subject: string, asker: Slice): Slice | undefined {
    if (windowStart === asker.windowStart) return asker;
    if (windowStart > this.windowStart) this.begin(windowStart);
    return this.sliceOf(subject, this.clock.now().getTime());
  }

  private turn(now: number): void {
    if (now < this.windowStart + WINDOW) return;
    this.begin(Math.floor(now / WINDOW) * WINDOW);
  }

  private begin(windowStart: number): void {
    this.windowStart = windowStart;
    this.slices = new Map();
  }

  private standing(slice: Slice | undefined, quota: number, allowed: boolean, now: number): Standing {
    const remaining = slice ? Math.max(0, quota - slice.taken + slice.left) : quota;
    const secondsLeft = Math.max(1, Math.ceil((this.windowStart + WINDOW - now) / 1_000));
    return { allowed, quota, remaining, secondsLeft };
  }
}
