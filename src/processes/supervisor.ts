import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { assert } from '../kernel/assert.js';
import type { PinoLogger } from '../platform/logging/pino-logger.js';
import type { ProgramConfig } from '../program.js';
import { AllFigures } from './figures.js';
import { closeWhatIsInTransitTo } from './in-transit.js';
import { MEMORY_FLAGS } from './memory-flags.js';
import type { Instruction, Role, Word } from './messages.js';
import { Restarts } from './restarts.js';

/** A child cannot begin, and its words say why; or one ends again and again. */
export class CannotGoOn extends Error {}

/** A place that one process after the other may have. */
interface Seat {
  readonly name: string;
  readonly role: Role;
  readonly restarts: Restarts;
  child: Worker;
  /** The child can be told something. */
  hears: Promise<unknown>;
}

/**
 * The first of several processes: it has the listening socket and the children, and begins anew whichever of them ends.
 * It does no other work, so that nothing which happens to a request can end it.
 */
export class Supervisor {
  private readonly figures = new AllFigures();
  private readonly seats: Seat[];
  private readonly leaving = new AbortController();
  private config: ProgramConfig | undefined;
  private url: string | undefined;
  /** Rejects when a child ends again and again. */
  readonly broken: Promise<never>;
  private giveUp: (error: Error) => void = () => undefined;

  /** The worker begins to read its code at once, and waits for its settings. */
  constructor(
    private readonly apiProcesses: number,
    private readonly logger: PinoLogger,
  ) {
    this.broken = new Promise((_, reject) => (this.giveUp = reject));
    this.broken.catch(() => undefined);
    cluster.setupPrimary({
      exec: fileURLToPath(new URL('./child.js', import.meta.url)),
      args: [],
      execArgv: [...MEMORY_FLAGS, ...process.execArgv, ...(process.sourceMapsEnabled ? ['--enable-source-maps'] : [])],
      serialization: 'advanced',
    });
    this.seats = [this.seat('worker', 'worker')];
  }

  /** Answers where the API listens, once every process is at work. Throws `CannotGoOn`. */
  async begin(config: ProgramConfig): Promise<string> {
    this.config = config;
    const workers = [...this.seats];
    await Promise.all(workers.map((seat) => this.started(seat, 'prepared')));
    // Not before: they would have to wait for it, and to read their code takes it the processor meanwhile.
    const apis = Array.from({ length: this.apiProcesses }, (_, index) => this.seat(`api-${index + 1}`, 'api'));
    this.seats.push(...apis);
    const [first] = await Promise.all(apis.map((seat) => this.started(seat, 'ready')));
    assert(first?.url !== undefined, 'the API says where it listens');
    this.url = first.url;
    await Promise.all(
      workers.map(({ child }) => {
        tell(child, { kind: 'work', reachedAt: first.url ?? '' });
        return next(child, 'ready');
      }),
    );
    for (const seat of this.seats) this.watch(seat);
    return first.url;
  }

  /** Each child finishes what is under way. */
  async stop(): Promise<void> {
    this.leaving.abort();
    await Promise.all(
      this.seats.map(async ({ child, hears }) => {
        if (child.isDead()) return;
        const ended = once(child, 'exit');
        await hears.catch(() => undefined);
        tell(child, { kind: 'stop' });
        await ended;
      }),
    );
  }

  private seat(name: string, role: Role): Seat {
    return { name, role, restarts: new Restarts(), ...this.fork() };
  }

  private fork(): Pick<Seat, 'child' | 'hears'> {
    const child = cluster.fork();
    closeWhatIsInTransitTo(child);
    child.on('message', (word: Word) => {
      if (word.kind === 'count_all') void this.count(child, word.id);
    });
    // It could not be told something: its end says the rest.
    child.on('error', () => undefined);
    const hears = next(child, 'here');
    hears.catch(() => undefined);
    return { child, hears };
  }

  private async started<Kind extends 'prepared' | 'ready'>(seat: Seat, kind: Kind) {
    const { name, role, child, hears } = seat;
    await hears;
    assert(this.config, 'the settings are known');
    const port = this.portFor(seat) ?? this.config.port;
    tell(child, { kind: 'begin', name, role, config: { ...this.config, port }, reachedAt: this.url });
    return next(child, kind);
  }

  /** Where the system chose the port, whoever comes when nobody listens there any more has to name it. */
  private portFor(seat: Seat): number | undefined {
    const isShared = this.seats.some((other) => other !== seat && other.role === 'api' && !other.child.isDead());
    return this.url === undefined || isShared ? undefined : Number(new URL(this.url).port);
  }

  private watch(seat: Seat): void {
    const begun = performance.now();
    const replace = (code: number | null, signal: string | null) =>
      void this.replace(seat, `ended with ${signal ?? code}`, performance.now() - begun);
    if (seat.child.isDead()) replace(seat.child.process.exitCode, seat.child.process.signalCode);
    else seat.child.once('exit', replace);
  }

  private async replace(seat: Seat, ending: string, lived: number): Promise<void> {
    if (this.leaving.signal.aborted) return;
    const wait = seat.restarts.after(lived);
    if (wait === undefined) return this.giveUp(new CannotGoOn(`${seat.name} ends again and again: it ${ending}`));
    this.logger.warn(`${seat.name} (process ${seat.child.process.pid}) ${ending}, and is begun anew`, 'Supervisor');
    await pause(wait, undefined, { signal: this.leaving.signal }).catch(() => undefined);
    if (this.leaving.signal.aborted) return;
    this.figures.restarts.inc({ process: seat.name });
    Object.assign(seat, this.fork());
    try {
      await this.started(seat, 'ready');
    } catch (error) {
      if (!seat.child.isDead()) seat.child.process.kill('SIGKILL');
      return this.replace(seat, `could not begin: ${error instanceof Error ? error.message : String(error)}`, 0);
    }
    this.watch(seat);
  }

  private async count(asker: Worker, id: number): Promise<void> {
    const children = this.seats.map(({ child }) => child).filter((child) => child.isConnected());
    tell(asker, { kind: 'counted', id, text: await this.figures.of(children) });
  }
}

function tell(child: Worker, instruction: Instruction): void {
  child.send(instruction, () => undefined);
}

/** The next word of this kind. Throws `CannotGoOn` where the child says that it cannot begin, or ends. */
function next<Kind extends Word['kind']>(child: Worker, kind: Kind): Promise<Extract<Word, { kind: Kind }>> {
  return new Promise((resolve, reject) => {
    const settle = (then: () => void) => {
      child.off('message', hear).off('exit', end);
      then();
    };
    const hear = (word: Word) => {
      if (word.kind === kind) settle(() => resolve(word as Extract<Word, { kind: Kind }>));
      if (word.kind === 'failed') settle(() => reject(new CannotGoOn(word.reason)));
    };
    const end = (code: number | null, signal: string | null) =>
      settle(() => reject(new CannotGoOn(`a process ended at its start with ${signal ?? code}`)));
    child.on('message', hear).once('exit', end);
    if (child.isDead()) end(child.process.exitCode, child.process.signalCode);
  });
}
