import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { Child } from '../../bench/world/child.js';
import { HarnessFailed } from '../failures.js';
import { familyOf, isAlive, signal, type Process } from './processes.js';

const PROGRAM = fileURLToPath(new URL('../../program/main.js', import.meta.url));
const SKEWED_CLOCK = new URL('./skewed-clock.js', import.meta.url).href;
const LONGEST_START = 90_000;
const BETWEEN_LOOKS = 25;

export type Environment = Readonly<Record<string, string>>;

/** One installation of the program, and the service manager beside it, which starts it again whenever it ends. */
export class Replica {
  private child: Child | undefined;
  private starts = 0;
  private wanted = false;
  /** Of the last one that ended. */
  private lastWords: string | undefined;
  /** The wall clock of the next start is so far off, in milliseconds. */
  skew = 0;

  /** `base` is its environment; a first start may have more. */
  constructor(
    readonly name: string,
    readonly port: number,
    private readonly folder: string,
    private readonly base: Environment,
  ) {}

  async start(more: Environment = {}): Promise<void> {
    this.wanted = true;
    this.launch(more);
    await this.ready();
  }

  /** Every process of it, the first of them first. */
  processes(): Process[] {
    // The shell that would end it with us comes first, and what it watches us with is a `cat`.
    return familyOf(this.child?.pid ?? 0).filter(({ title }) => !/^(?:\/bin\/sh|sh|cat)\b/.test(title));
  }

  /** Of those with a role of their own, as the program calls them: `worker`, `api-1`; where one does everything, it is both. */
  having(role: 'api' | 'worker'): Process[] {
    const all = this.processes();
    const named = all.filter(({ title }) => title.startsWith(`suanpan ${role}`));
    return named.length > 0 || all.length > 1 ? named : all;
  }

  /** kill -9 to all of it. Answers how many processes that were. */
  killAll(): number {
    return this.processes().filter(({ pid }) => signal(pid, 'SIGKILL')).length;
  }

  /** As a service manager does it: it finishes what it began, and is started again. Answers once it is ready, with how long either took. */
  async restart(): Promise<{ readonly ended: number; readonly ready: number }> {
    const former = this.child;
    const began = performance.now();
    const [first] = this.processes();
    if (first) signal(first.pid, 'SIGTERM');
    await former?.end;
    const ended = performance.now() - began;
    await this.ready();
    return { ended, ready: performance.now() - began - ended };
  }

  /** Answers once it can serve. */
  async ready(within = LONGEST_START): Promise<void> {
    const until = performance.now() + within;
    while (performance.now() < until) {
      if (await this.isReady()) return;
      await pause(BETWEEN_LOOKS);
    }
    // One that ends at once is begun again at once, and the new one may have said nothing yet.
    const said = [...(this.lastWords === undefined ? [] : [`the last that ended: ${this.lastWords}`]), this.child?.lastLines()].join('\n');
    throw new HarnessFailed(`${this.name} did not come up within ${within / 1000} s and ${this.starts} starts:\n${said}`);
  }

  async stop(): Promise<void> {
    this.wanted = false;
    const { child } = this;
    if (child === undefined) return;
    const all = this.processes();
    for (const { pid } of all) signal(pid, 'SIGCONT');
    await Promise.race([child.stop(), pause(3_000, undefined, { ref: false })]);
    for (const { pid } of all.filter((one) => isAlive(one.pid))) signal(pid, 'SIGKILL');
  }

  private async isReady(): Promise<boolean> {
    const timeout = AbortSignal.timeout(1_000);
    const answer = await fetch(`http://127.0.0.1:${this.port}/health/ready`, { signal: timeout }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    return answer?.status === 200;
  }

  private launch(more: Environment): void {
    this.starts += 1;
    const skewed: Environment =
      this.skew === 0 ? {} : { NODE_OPTIONS: `--import=${SKEWED_CLOCK}`, FAULTS_CLOCK_SKEW_MS: String(this.skew) };
    const child = Child.start(`replica ${this.name}`, [PROGRAM], {
      cwd: this.folder,
      log: join(this.folder, `replica-${this.name}-${this.starts}.log`),
      env: { ...this.base, ...more, ...skewed },
    });
    this.child = child;
    void child.end.then(async () => {
      this.lastWords = child.lastLines();
      // Who cannot start does not fill the machine with starts.
      await pause(this.starts > 3 ? 100 : 0);
      if (this.wanted && this.child === child) this.launch({});
    });
  }
}
