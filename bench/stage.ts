import { BareServer } from './contenders/bare-server.js';
import { Suanpan } from './contenders/suanpan.js';
import { BenchFailed } from './failures.js';
import { brokenInvariants } from './invariants.js';
import type { Run } from './run.js';
import type { ContenderName } from './settings.js';
import { layOutBareDatabase } from './world/bare-database.js';
import { connected } from './world/connected.js';
import type { Goods } from './world/goods.js';

const DATABASES: Readonly<Record<ContenderName, string>> = { suanpan: 'bench_suanpan', bare: 'bench_bare', pgbench: 'bench_pgbench' };

/** How the bare server is run. */
export interface BareSize {
  readonly processes: number;
  /** Connections to the database, of each process. */
  readonly poolSize: number;
}

/** The program and its limits, started for one scenario, each on a new database of its own that sells the same. */
export class Stage {
  private bareServer: { readonly server: BareServer; readonly size: BareSize } | undefined;

  private constructor(
    private readonly run: Run,
    private readonly names: readonly ContenderName[],
    readonly suanpan: Suanpan | undefined,
  ) {}

  static async set(run: Run, sold: readonly Goods[], possible: readonly ContenderName[]): Promise<Stage> {
    const { server, keys, folder, settings, driver } = run;
    const names = settings.only.filter((name) => possible.includes(name));
    if (names.length === 0) throw new BenchFailed(`--only leaves nobody: this scenario has ${possible.join(', ')}`);
    for (const name of names) {
      // The limits have the same to begin with.
      const isCopy = name === 'pgbench' && names.includes('bare');
      const url = await server.create(DATABASES[name], isCopy ? DATABASES.bare : undefined);
      if (name !== 'suanpan' && !isCopy) await layOutBareDatabase(url, keys.apiKey, sold);
    }
    if (!names.includes('suanpan')) return new Stage(run, names, undefined);
    const databaseUrl = server.url(DATABASES.suanpan);
    const { processes } = settings;
    const suanpan = await Suanpan.start({ databaseUrl, folder, keys, processes, gatewayUrl: driver.gatewayUrl });
    for (const goods of sold) await suanpan.sell(goods);
    return new Stage(run, names, suanpan);
  }

  has(name: ContenderName): boolean {
    return this.names.includes(name);
  }

  databaseUrl(name: ContenderName): string {
    return this.run.server.url(DATABASES[name]);
  }

  /** Starts the bare server, in the place of one of another size. */
  async startBare(size: BareSize): Promise<BareServer> {
    const { folder, keys, driver } = this.run;
    const running = this.bareServer;
    if (running?.size.processes === size.processes && running.size.poolSize === size.poolSize) return running.server;
    await running?.server.stop();
    const server = await BareServer.start({
      ...size,
      folder,
      databaseUrl: this.databaseUrl('bare'),
      alipay: {
        gatewayUrl: driver.gatewayUrl,
        appId: keys.appId,
        sellerId: keys.sellerId,
        privateKeyFile: keys.applicationKeyFile,
        publicKeyFile: keys.alipayPublicKeyFile,
      },
    });
    this.bareServer = { server, size };
    return server;
  }

  /** Throws `BenchFailed` where a promise is broken, in the program's database or in a limit's: a limit that cheats is none. */
  async check(): Promise<void> {
    for (const name of this.names) {
      const broken = await connected(this.databaseUrl(name), brokenInvariants);
      if (broken.length > 0) throw new BenchFailed(`${name}: the database breaks its promises: ${broken.join('; ')}`);
    }
  }

  async strike(): Promise<void> {
    await Promise.all([this.suanpan?.stop(), this.bareServer?.server.stop()]);
  }
}

/** Sets the stage, plays, and checks what is left; whatever happens, nothing goes on running. */
export async function onStage<Result>(
  run: Run,
  { sold, contenders }: { readonly sold: readonly Goods[]; readonly contenders: readonly ContenderName[] },
  play: (stage: Stage) => Promise<Result>,
): Promise<Result> {
  const stage = await Stage.set(run, sold, contenders);
  try {
    const result = await play(stage);
    await stage.check();
    return result;
  } finally {
    await stage.strike();
  }
}
