import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { DriverMessage, Job, Measured } from '../driver/job.js';
import { BenchFailed } from '../failures.js';

/** Our end of the process that sends the requests. */
export class Driver {
  private constructor(private readonly child: ChildProcess) {}

  static async start(): Promise<Driver> {
    const program = fileURLToPath(new URL('../driver/main.js', import.meta.url));
    const driver = new Driver(fork(program, { serialization: 'advanced', execArgv: [] }));
    await driver.until(({ kind }) => kind === 'ready');
    return driver;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** `onStage` is told when the measured time begins, and when it is over. Throws `BenchFailed`. */
  async run(job: Job, onStage: (stage: 'measuring' | 'measured') => void): Promise<Measured> {
    this.child.send(job);
    const last = await this.until((message) => {
      if (message.kind === 'measuring' || message.kind === 'measured') onStage(message.kind);
      return message.kind === 'done' || message.kind === 'failed';
    });
    if (last.kind === 'done') return last.measured;
    throw new BenchFailed(last.kind === 'failed' ? last.reason : 'the driver ended in another way than it may');
  }

  stop(): void {
    this.child.disconnect();
  }

  private until(isLast: (message: DriverMessage) => boolean): Promise<DriverMessage> {
    return new Promise((done, fail) => {
      const onExit = () => fail(new BenchFailed('the driver ended by itself'));
      const onMessage = (message: unknown) => {
        if (!isLast(message as DriverMessage)) return;
        this.child.off('exit', onExit);
        this.child.off('message', onMessage);
        done(message as DriverMessage);
      };
      this.child.once('exit', onExit);
      this.child.on('message', onMessage);
    });
  }
}
