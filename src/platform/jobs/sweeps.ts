import { Injectable, Logger, SetMetadata, type OnApplicationBootstrap } from '@nestjs/common';
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import { Clock, SECOND } from '../../kernel/clock.js';
import { Metrics } from '../http/metrics.js';
import { explain } from '../logging/pino-logger.js';
import { MarkedMethods } from './marked-methods.js';

const SWEEP = Symbol('sweep');

interface SweepMetadata {
  readonly name: string;
  /** Milliseconds of rest between two runs. */
  readonly every: number;
}

/**
 * Marks a method that looks for what is due by the clock: expiry, unanswered questions, completion. It runs on every
 * replica, so it claims what it takes; it answers how many it found, and is called again at once while there is more.
 */
export function Sweep(name: string, every: number) {
  const mark = SetMetadata(SWEEP, { name, every } satisfies SweepMetadata);
  return (target: object, key: string, descriptor: TypedPropertyDescriptor<() => Promise<number>>): void => {
    mark(target, key, descriptor as PropertyDescriptor);
  };
}

interface RegisteredSweep extends SweepMetadata {
  run(): Promise<number>;
}

@Injectable()
export class Sweeps implements OnApplicationBootstrap {
  private readonly logger = new Logger(Sweeps.name);
  private readonly registered: RegisteredSweep[] = [];
  private readonly stopping = new AbortController();
  private loops: Promise<void>[] = [];

  constructor(
    private readonly methods: MarkedMethods,
    private readonly metrics: Metrics,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    for (const { metadata, method } of this.methods.find<SweepMetadata, () => Promise<number>>(SWEEP)) {
      this.registered.push({ ...metadata, run: method });
    }
  }

  /** For sweeps that are found only when the program starts: one for each of several things, say. */
  add(name: string, every: number, run: () => Promise<number>): void {
    this.registered.push({ name, every, run });
  }

  start(): void {
    // Each of them rests until this is told; Node would take more than ten for a mistake, and say so.
    setMaxListeners(this.registered.length, this.stopping.signal);
    this.loops = this.registered.map((sweep) => this.loop(sweep));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.loops);
  }

  /** Runs each sweep until it finds nothing more that is due now; answers whether any found something. */
  async runAll(): Promise<boolean> {
    let found = false;
    for (const sweep of this.registered) {
      while ((await sweep.run()) > 0) found = true;
    }
    return found;
  }

  private async once(sweep: RegisteredSweep): Promise<number> {
    const found = await sweep.run();
    this.metrics.sweeps.set({ sweep: sweep.name }, this.clock.now().getTime() / SECOND);
    return found;
  }

  private async loop(sweep: RegisteredSweep): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const found = await this.once(sweep).catch((error: unknown) => {
        this.metrics.failedSweeps.inc({ sweep: sweep.name });
        this.logger.error({ msg: 'sweep failed', task: sweep.name, error: explain(error) });
        return 0;
      });
      if (found === 0) await pause(sweep.every, undefined, { signal }).catch(() => undefined);
    }
  }
}
