import { Injectable, Logger } from '@nestjs/common';
import { Logger as WorkerLogger, run, runOnce, type Runner, type RunnerOptions, type TaskList } from 'graphile-worker';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

import { assert } from '../../kernel/assert.js';
import { explain } from '../logging/pino-logger.js';
import { following } from '../logging/trail.js';
import { Metrics } from '../http/metrics.js';
import { AfterCommitTasks, type AfterCommitTask } from './after-commit.js';
import type { JobPayload } from './outbox.js';
import { Sweeps } from './sweeps.js';

/** Milliseconds between two runners. */
const REST = 1_000;

/** A job that was begun may take so long to end: longer than a call to a gateway. One that takes longer goes back. In milliseconds. */
const LONGEST_ENDING = 12_000;

/** Does what was written down: jobs as they appear, and the sweeps that find what a lost wake-up left. */
@Injectable()
export class Worker {
  private readonly logger = new Logger(Worker.name);
  private stopping = new AbortController();
  private runner: Runner | undefined;
  private running: Promise<void> | undefined;
  /** Those that take nothing more, and have not ended yet. */
  private readonly leaving = new Set<Promise<void>>();

  constructor(
    private readonly tasks: AfterCommitTasks,
    private readonly sweeps: Sweeps,
    private readonly metrics: Metrics,
  ) {}

  async start(connectionString: string): Promise<void> {
    assert(this.running === undefined, 'the worker runs already');
    this.stopping = new AbortController();
    this.runner = await this.run(connectionString);
    this.running = this.keepRunning(connectionString, this.runner);
    this.sweeps.start();
  }

  /** Takes nothing more, and finishes what it began. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.dismiss(this.runner);
    await this.sweeps.stop();
    await this.running;
    await Promise.all(this.leaving);
    this.runner = undefined;
    this.running = undefined;
  }

  /** Does every job that is due now, and returns: for tests, which decide themselves when time passes. */
  async drain(connectionString: string): Promise<void> {
    await runOnce(this.options(connectionString));
  }

  /**
   * A runner takes nothing more when it could not say what became of a job, its database being gone, say: another one takes its place.
   * Nobody waits for its end, which may never come: where it could not say so of several, the library loses count (graphile/worker#636).
   */
  private async keepRunning(connectionString: string, first: Runner): Promise<void> {
    const { signal } = this.stopping;
    for (let runner: Runner | undefined = first; ; runner = await this.run(connectionString).catch(this.complain)) {
      this.runner = runner;
      // It may have been told to stop while this one began.
      if (signal.aborted) return this.dismiss(runner);
      if (runner) await Promise.race([runner.promise.catch(this.complain), once(runner.events, 'pool:gracefulShutdown')]);
      if (signal.aborted) return;
      this.runner = undefined;
      if (runner) this.leaves(runner);
      this.logger.error('the runner of jobs has ended by itself, and another one takes its place');
      await pause(REST, undefined, { signal }).catch(() => undefined);
    }
  }

  private dismiss(runner: Runner | undefined): void {
    if (!runner) return;
    void runner.stop().catch(ignore);
    this.leaves(runner);
  }

  /** It finishes what it began, as far as there is time, and lets go of its connections. */
  private leaves(runner: Runner): void {
    const overdue = pause(LONGEST_ENDING + REST, undefined, { ref: false });
    const left: Promise<void> = Promise.race([runner.promise.catch(ignore), overdue])
      .then(() => runner.stop().catch(ignore))
      .then(() => void this.leaving.delete(left));
    this.leaving.add(left);
  }

  private run(connectionString: string): Promise<Runner> {
    return run({ ...this.options(connectionString), concurrency: 4, pollInterval: 2_000 });
  }

  private readonly complain = (error: unknown): undefined => {
    if (!this.stopping.signal.aborted) this.logger.error(`the runner of jobs has ended: ${String(error)}`);
  };

  private options(connectionString: string): RunnerOptions {
    return {
      // Only in batches does the library wait for what it writes of a job that has ended. Else a job that was done when the program
      // stopped could stay locked for four hours, and what is thrown by that writing would end the process.
      preset: { worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
      connectionString,
      noHandleSignals: true,
      gracefulShutdownAbortTimeout: LONGEST_ENDING,
      maxPoolSize: 5,
      taskList: Object.fromEntries(this.tasks.names().map((name) => [name, this.perform(name)])),
      logger: new WorkerLogger(() => (level, message) => {
        // What a job failed of we say ourselves, with its order.
        if (message.startsWith('Failed task ')) return;
        // The levels are an enum that exists only for the compiler; their values are these words.
        if (`${level}` === 'error') this.logger.error(message);
        else if (`${level}` === 'warning') this.logger.warn(message);
      }),
    };
  }

  private perform(name: string): TaskList[string] {
    return async (payload, { job }) => {
      const task = this.tasks.named(name);
      assert(task, `no task is called ${name}`);
      const { eventId, correlationId, facts } = payload as JobPayload;
      const orderId = typeof facts.orderId === 'string' ? facts.orderId : undefined;
      const about = { jobId: job.id, eventId, attempt: job.attempts };
      await following({ correlationId, orderId, task: name }, async () => {
        const begun = performance.now();
        try {
          await follow(task, payload as JobPayload);
          this.metrics.jobs.inc({ task: name, result: 'done' });
          this.logger.log({ msg: 'job done', ...about, ms: Math.round(performance.now() - begun) });
        } catch (error) {
          const parked = job.attempts >= job.max_attempts;
          this.metrics.jobs.inc({ task: name, result: parked ? 'parked' : 'failed' });
          this.logger.error({ msg: parked ? 'job failed for good and is parked' : 'job failed', ...about, error: explain(error) });
          throw error;
        }
      });
    };
  }
}

/** Why a runner ended was told already, and one that has ended complains when it is told to stop. */
const ignore = () => undefined;

async function follow(task: AfterCommitTask, payload: JobPayload): Promise<void> {
  const facts = payload.facts as unknown as ConstructorParameters<AfterCommitTask['type']>[0];
  await task.run(new task.type(facts), {
    id: payload.eventId,
    origin: { correlationId: payload.correlationId, causationId: payload.eventId, actor: `system:${task.task}` },
    occurredAt: new Date(payload.occurredAt),
  });
}
