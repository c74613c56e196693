import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { hasEmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { Suanpan } from '../contenders/suanpan.js';
import { BenchFailed } from '../failures.js';
import { brokenInvariants } from '../invariants.js';
import { Measuring } from '../measuring.js';
import { median } from '../report/percentiles.js';
import type { ScenarioResult } from '../report/result.js';
import type { Run } from '../run.js';
import { onStage } from '../stage.js';
import { jobOf, overHttp, takeTurns, type Contender, type Turns } from '../turns.js';
import { connected } from '../world/connected.js';
import { DatabaseServer } from '../world/database-server.js';
import { goods } from '../world/goods.js';

/** Of the rate on an empty database. */
const MAY_LOSE = 0.1;
/** What a large database has to read from its disk once. In seconds. */
const LEAST_WARM_UP = 20;

/** Orders on an empty database and on one that was filled before (`npm run bench:fill`), in turns. Fails where the full one does a tenth less. */
export async function growth(given: Run): Promise<ScenarioResult> {
  const run = { ...given, settings: { ...given.settings, warmUp: Math.max(LEAST_WARM_UP, given.settings.warmUp) } };
  const filled = await filledServer(run);
  try {
    return await onFilled(run, filled);
  } finally {
    if (filled.server !== run.server) await filled.server.stop();
  }
}

interface Filled {
  readonly server: DatabaseServer;
  readonly url: string;
  readonly orders: number;
  readonly secretsKey: string;
}

async function filledServer({ settings, server }: Run): Promise<Filled> {
  const { databaseUrl, dataDir } = settings;
  if (databaseUrl === undefined && !hasEmbeddedPostgres(join(dataDir, 'postgres')))
    throw new BenchFailed(
      `growth: there is no database in ${dataDir}: fill one with npm run bench:fill -- --orders 10000000, or name it by --database-url`,
    );
  const secretsKey = settings.secretsKey ?? developmentKey(dataDir);
  const filled = databaseUrl === undefined ? await DatabaseServer.open(resolve(dataDir, 'postgres')) : server;
  const url = databaseUrl ?? filled.url('postgres');
  try {
    return { server: filled, url, secretsKey, orders: await ordersIn(url) };
  } catch (error) {
    if (filled !== server) await filled.stop();
    throw error;
  }
}

function developmentKey(dataDir: string): string {
  const file = join(dataDir, 'secrets-key');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new BenchFailed(`growth: SECRETS_KEY must be the key of the filled database, for there is none in ${file}`);
  }
}

async function ordersIn(url: string): Promise<number> {
  const orders = await connected(url, async (client) => {
    const { rows: tables } = await client.query(`SELECT FROM pg_tables WHERE tablename = 'orders'`);
    if (tables.length === 0) return 0;
    const { rows } = await client.query<{ orders: number }>('SELECT count(*)::int AS orders FROM orders');
    return rows[0]?.orders ?? 0;
  });
  if (orders === 0) throw new BenchFailed('growth: the database has no orders: fill it with npm run bench:fill -- --orders 10000000');
  return orders;
}

async function onFilled(run: Run, filled: Filled): Promise<ScenarioResult> {
  const sold = goods('BENCH', 50);
  const turns: Turns = { skus: () => sold.skus, work: (time) => ({ kind: 'orders', lines: 2, ...time }) };
  const orders = filled.orders.toLocaleString('en');
  return onStage(run, { sold: [sold], contenders: ['suanpan'] }, async (stage) => {
    const { folder, driver, keys, settings } = run;
    const suanpan = await Suanpan.start({
      ...{ databaseUrl: filled.url, folder, gatewayUrl: driver.gatewayUrl, processes: settings.processes },
      keys: { ...keys, secretsKey: filled.secretsKey },
      name: 'suanpan-filled',
    });
    try {
      await suanpan.sell(sold);
      const measuring = new Measuring(filled.server, driver);
      const grown: Contender = {
        ...{ name: 'suanpan', label: `Suanpan, after ${orders} orders` },
        round: (time) => measuring.overHttp(jobOf(run, suanpan.url, turns, time), suanpan),
      };
      const series = await takeTurns(run, [...(await overHttp(run, stage, turns)), grown]);
      const [empty = 0, full = 0] = series.map(({ rounds }) => median(rounds.map(({ rate }) => rate)));
      const lost = `${(Math.abs(1 - full / empty) * 100).toFixed(1)} % ${full < empty ? 'fewer' : 'more'} orders`;
      if (full < empty * (1 - MAY_LOSE)) throw new BenchFailed(`growth: ${lost} after ${orders}`);
      run.say(`after ${orders} orders: ${lost}; their invariants are looked at now, which takes minutes where there are millions`);
      const broken = await connected(filled.url, brokenInvariants);
      if (broken.length > 0) throw new BenchFailed(`the filled database breaks its promises: ${broken.join('; ')}`);
      const remarks = [`With ${orders} orders in its tables before: ${lost}. Warmed up for ${run.settings.warmUp} s.`];
      return {
        scenario: 'growth',
        title: 'Orders of 2 lines, 50 SKUs, on a full database',
        unit: 'orders',
        series,
        compared: true,
        remarks,
      };
    } finally {
      await suanpan.stop();
    }
  });
}
