import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import type { DriverMessage, GatewayRole, Job, Measured, OpenTrade, Order } from '../driver/job.js';
import { BenchFailed } from '../failures.js';

/** Our end of the process that sends the requests, and that answers as the gateway. */
export class Driver {
  private constructor(
    private readonly child: ChildProcess,
    readonly gatewayUrl: string,
  ) {}

  static async start(role: GatewayRole): Promise<Driver> {
    const program = fileURLToPath(new URL('../driver/main.js', import.meta.url));
    const child = fork(program, { serialization: 'advanced', execArgv: [] });
    await heard(child, ({ kind }) => kind === 'ready');
    const playing = await asked(child, { kind: 'play', role }, ({ kind }) => kind === 'playing');
    return new Driver(child, playing.kind === 'playing' ? playing.gatewayUrl : '');
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Signs notices, which the next runs hand over. */
  async sign(trades: readonly OpenTrade[]): Promise<void> {
    await asked(this.child, { kind: 'sign', trades }, ({ kind }) => kind === 'signed');
  }

  /** `onStage` is told each time that measured time begins, and that it is over. Throws `BenchFailed`. */
  async run(job: Job, onStage: (stage: 'measuring' | 'measured') => void): Promise<Measured> {
    const last = await asked(this.child, { kind: 'run', job }, (message) => {
      if (message.kind === 'measuring' || message.kind === 'measured') onStage(message.kind);
      return message.kind === 'done';
    });
    if (last.kind !== 'done') throw new BenchFailed('the driver ended in another way than it may');
    return last.measured;
  }

  stop(): void {
    if (this.child.connected) this.child.disconnect();
  }
}

function asked(child: ChildProcess, order: Order, isLast: (message: DriverMessage) => boolean): Promise<DriverMessage> {
  if (!child.connected) return Promise.reject(new BenchFailed('the driver ended by itself'));
  child.send(order);
  return heard(child, isLast);
}

function heard(child: ChildProcess, isLast: (message: DriverMessage) => boolean): Promise<DriverMessage> {
  return new Promise((done, fail) => {
    const quiet = () => {
      child.off('exit', onExit);
      child.off('message', onMessage);
    };
    const onExit = () => fail(new BenchFailed('the driver ended by itself'));
    const onMessage = (sent: unknown) => {
      const message = sent as DriverMessage;
      if (message.kind === 'failed') {
        quiet();
        fail(new BenchFailed(`the driver failed: ${message.reason}`));
      } else if (isLast(message)) {
        quiet();
        done(message);
      }
    };
    child.once('exit', onExit);
    child.on('message', onMessage);
  });
}
