import { Client } from 'pg';

import { BareServer } from './contenders/bare-server.js';
import { Suanpan } from './contenders/suanpan.js';
import { BenchFailed } from './failures.js';
import { brokenInvariants } from './invariants.js';
import type { Run } from './run.js';
import type { ContenderName } from './settings.js';
import { layOutBareDatabase } from './world/bare-database.js';
import type { Goods } from './world/goods.js';

const DATABASES: Readonly<Record<ContenderName, string>> = { suanpan: 'bench_suanpan', bare: 'bench_bare', pgbench: 'bench_pgbench' };

/** Connections of the bare server to the database; more were measured and bring nothing. */
const BARE_POOL_SIZE = 16;

/** The program and its limits, started for one scenario, each on a new database of its own that sells the same. */
export class Stage {
  private constructor(
    private readonly run: Run,
    private readonly names: readonly ContenderName[],
    readonly suanpan: Suanpan | undefined,
    readonly bare: BareServer | undefined,
  ) {}

  static async set(run: Run, sold: readonly Goods[], names: readonly ContenderName[] = run.settings.only): Promise<Stage> {
    const { server, keys, folder, settings } = run;
    for (const name of names) {
      const url = await server.create(DATABASES[name]);
      if (name !== 'suanpan') await layOutBareDatabase(url, keys.apiKey, sold);
    }
    const suanpan = names.includes('suanpan')
      ? await Suanpan.start({ databaseUrl: server.url(DATABASES.suanpan), folder, keys, processes: settings.processes })
      : undefined;
    const bare = names.includes('bare')
      ? await BareServer.start({
          databaseUrl: server.url(DATABASES.bare),
          folder,
          processes: settings.processes ?? 1,
          poolSize: BARE_POOL_SIZE,
        })
      : undefined;
    for (const goods of sold) await suanpan?.sell(goods);
    return new Stage(run, names, suanpan, bare);
  }

  get pgbenchUrl(): string | undefined {
    return this.names.includes('pgbench') ? this.run.server.url(DATABASES.pgbench) : undefined;
  }

  /** Throws `BenchFailed` where a promise is broken, in the program's database or in a limit's: a limit that cheats is none. */
  async check(): Promise<void> {
    for (const name of this.names) {
      const client = new Client({ connectionString: this.run.server.url(DATABASES[name]) });
      await client.connect();
      const broken = await brokenInvariants(client).finally(() => client.end());
      if (broken.length > 0) throw new BenchFailed(`${name}: the database breaks its promises: ${broken.join('; ')}`);
    }
  }

  async strike(): Promise<void> {
    await Promise.all([this.suanpan?.stop(), this.bare?.stop()]);
  }
}

/** Sets the stage, plays, and checks what is left; whatever happens, nothing goes on running. */
export async function onStage<Result>(
  run: Run,
  sold: readonly Goods[],
  play: (stage: Stage) => Promise<Result>,
  names?: readonly ContenderName[],
): Promise<Result> {
  const stage = await Stage.set(run, sold, names);
  try {
    const result = await play(stage);
    await stage.check();
    return result;
  } finally {
    await stage.strike();
  }
}
