import { availableParallelism } from 'node:os';

import { Pgbench } from './contenders/pgbench.js';
import type { Job, Stretch, Target, Work } from './driver/job.js';
import { BenchFailed } from './failures.js';
import type { Measurable } from './measuring.js';
import type { Round, Series } from './report/result.js';
import type { Run } from './run.js';
import type { ContenderName } from './settings.js';
import type { BareSize, Stage } from './stage.js';

const PGBENCH_CLIENTS = [4, 8, 16, 32, 64];
/** Where nothing is tried. */
const USUAL_CLIENTS = 16;
const PROBE: Stretch = { warmUp: 1, seconds: 2 };
/** More connections were tried, and bring nothing. */
const BARE: BareSize = { processes: 1, poolSize: 16 };

export interface Contender {
  readonly name: ContenderName;
  readonly label: string;
  readonly round: (time: Stretch) => Promise<Round>;
}

/** What everybody does, for so long. */
export interface Turns {
  readonly skus: () => readonly string[];
  readonly work: (time: Stretch) => Work;
  /** The bare server is run in the size in which it does most, unless looking for that would use up what is measured. */
  readonly anySize?: boolean;
  /** What has to be there before a turn of all. */
  readonly before?: (time: Stretch) => Promise<void>;
}

/** Lets each contender have its round, one after the other, as often as there are rounds: what the machine does meanwhile hits all alike. */
export async function takeTurns({ settings, say }: Run, contenders: readonly Contender[], before?: Turns['before']): Promise<Series[]> {
  if (contenders.length === 0) throw new BenchFailed('there is nobody to be measured');
  const rounds = new Map<Contender, Round[]>(contenders.map((contender) => [contender, []]));
  for (let turn = 1; turn <= settings.rounds; turn += 1) {
    await before?.(settings);
    for (const [contender, its] of rounds) {
      const round = await contender.round(settings);
      its.push(round);
      say(`round ${turn} of ${settings.rounds}  ${contender.label.padEnd(34)} ${round.rate.toFixed(0).padStart(7)} a second`);
    }
  }
  return [...rounds].map(([{ name, label }, its]) => ({ contender: name, label, rounds: its }));
}

/** The program, and the bare server in the size in which it does most. */
export async function overHttp(run: Run, stage: Stage, turns: Turns): Promise<Contender[]> {
  const contender = (name: ContenderName, label: string, program: Measurable & { readonly url: string }): Contender => ({
    name,
    label,
    round: (time) => run.measuring.overHttp(jobOf(run, program.url, turns, time), program),
  });
  const contenders = stage.suanpan === undefined ? [] : [contender('suanpan', 'Suanpan', stage.suanpan)];
  if (!stage.has('bare')) return contenders;
  const size = await bestSize(run, stage, turns);
  const label = `bare node:http + pg, ${size.processes} × ${size.poolSize}`;
  return [...contenders, contender('bare', label, await stage.startBare(size))];
}

async function bestSize(run: Run, stage: Stage, turns: Turns): Promise<BareSize> {
  const { settings, measuring, say } = run;
  const processes = settings.processes ?? availableParallelism();
  // A single short round is not there to find a limit.
  if (settings.rounds === 1 || turns.anySize) return { ...BARE, processes: settings.processes ?? BARE.processes };
  const sizes = [...new Set([settings.processes ?? 1, processes])].flatMap((count) =>
    [8, 16, 32].map((poolSize) => ({ processes: count, poolSize: Math.ceil(poolSize / count) })),
  );
  let best = { size: BARE, rate: 0 };
  for (const size of sizes) {
    const server = await stage.startBare(size);
    await turns.before?.(PROBE);
    const { rate } = await measuring.overHttp(jobOf(run, server.url, turns, PROBE), server);
    say(`looking for the best  bare server, ${size.processes} × ${size.poolSize}: ${rate.toFixed(0)} a second`);
    if (rate > best.rate) best = { size, rate };
  }
  return best.size;
}

/** pgbench, with as many clients as were found to do most. */
export async function byPgbench(run: Run, stage: Stage, script: string): Promise<Contender[]> {
  const { pgbench: program, folder, settings, server, measuring, say } = run;
  if (program === undefined || !stage.has('pgbench')) return [];
  const pgbench = Pgbench.with({ program, databaseUrl: stage.databaseUrl('pgbench'), folder, name: 'script', script });
  const left = await server.connectionsLeft();
  let best = { clients: Math.min(USUAL_CLIENTS, left), rate: 0 };
  for (const clients of settings.rounds === 1 ? [] : PGBENCH_CLIENTS.filter((count) => count <= left)) {
    const { rate } = await measuring.byPgbench(pgbench, clients, PROBE);
    say(`looking for the best  pgbench, ${clients} clients: ${rate.toFixed(0)} a second`);
    if (rate > best.rate) best = { clients, rate };
  }
  const { clients } = best;
  return [{ name: 'pgbench', label: `pgbench, ${clients} clients`, round: (time) => measuring.byPgbench(pgbench, clients, time) }];
}

export function jobOf({ settings, keys }: Run, url: string, { skus, work }: Pick<Turns, 'skus' | 'work'>, time: Stretch): Job {
  const target: Target = { url, apiKey: keys.apiKey, skus: skus() };
  return { target, connections: settings.connections, work: work(time) };
}
