import { Pgbench } from './contenders/pgbench.js';
import type { FlowName } from './driver/job.js';
import { BenchFailed } from './failures.js';
import type { Round, Series } from './report/result.js';
import type { Run } from './run.js';
import type { ContenderName } from './settings.js';
import type { Stage } from './stage.js';

const CLIENT_COUNTS = [8, 16, 32, 64];
const PROBE_SECONDS = 2;
const PROBE_WARM_UP = 1;

interface Contender {
  readonly name: ContenderName;
  readonly label: string;
  readonly round: () => Promise<Round>;
}

interface Turns {
  readonly flow: FlowName;
  readonly skus: readonly string[];
  /** The same for pgbench; undefined where it has none. */
  readonly script: string | undefined;
}

/** Lets each contender have its round, one after the other, as often as there are rounds: what the machine does meanwhile hits all alike. */
export async function takeTurns(run: Run, stage: Stage, turns: Turns): Promise<Series[]> {
  const contenders = [...overHttp(run, stage, turns), ...(await byPgbench(run, stage, turns))];
  if (contenders.length === 0) throw new BenchFailed('there is nobody to be measured');
  const rounds = new Map<Contender, Round[]>(contenders.map((contender) => [contender, []]));
  for (let turn = 1; turn <= run.settings.rounds; turn += 1) {
    for (const [contender, its] of rounds) {
      const round = await contender.round();
      its.push(round);
      run.say(`round ${turn} of ${run.settings.rounds}  ${contender.label.padEnd(24)} ${round.rate.toFixed(0).padStart(7)} a second`);
    }
  }
  return [...rounds].map(([{ name, label }, its]) => ({ contender: name, label, rounds: its }));
}

function overHttp({ settings, measuring, keys }: Run, { suanpan, bare }: Stage, { flow, skus }: Turns): Contender[] {
  const { connections, warmUp, seconds } = settings;
  const contender = (name: ContenderName, label: string, program: { url: string; pid: number; assertAlive(): void }): Contender => ({
    name,
    label,
    round: () =>
      measuring.overHttp({ flow, target: { url: program.url, apiKey: keys.apiKey, skus }, connections, warmUp, seconds }, program),
  });
  return [
    ...(suanpan === undefined ? [] : [contender('suanpan', 'Suanpan', suanpan)]),
    ...(bare === undefined ? [] : [contender('bare', 'bare node:http + pg', bare)]),
  ];
}

/** With as many clients as were found to do most. */
async function byPgbench(run: Run, stage: Stage, { script }: Turns): Promise<Contender[]> {
  const { pgbench: program, folder, settings, measuring } = run;
  const databaseUrl = stage.pgbenchUrl;
  if (program === undefined || databaseUrl === undefined || script === undefined) return [];
  const pgbench = Pgbench.with({ program, databaseUrl, folder, name: 'script', script });
  let best = { clients: settings.connections, rate: 0 };
  // A single short round is not there to find a limit.
  for (const clients of settings.rounds === 1 ? [] : CLIENT_COUNTS) {
    const { rate } = await measuring.byPgbench(pgbench, clients, { warmUp: PROBE_WARM_UP, seconds: PROBE_SECONDS });
    run.say(`looking for the best  pgbench, ${clients} clients: ${rate.toFixed(0)} a second`);
    if (rate > best.rate) best = { clients, rate };
  }
  const { clients } = best;
  return [{ name: 'pgbench', label: `pgbench, ${clients} clients`, round: () => measuring.byPgbench(pgbench, clients, settings) }];
}
