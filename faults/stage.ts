import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { freePort } from '../bench/world/ports.js';
import { HarnessFailed } from './failures.js';
import { Client, fairWeather } from './load/client.js';
import { GOODS } from './load/goods.js';
import { Shop } from './load/shop.js';
import { Acknowledged } from './load/told.js';
import { Proxy } from './proxy/proxy.js';
import type { Process } from './world/processes.js';
import { Postgres } from './world/postgres.js';
import { Replica } from './world/replica.js';
import { Gateways } from './world/simulator.js';

const LONGEST_STOP = 5_000;

/** One replica, and the proxies in front of it and behind it. */
export interface Side {
  readonly replica: Replica;
  /** From the clients. */
  readonly front: Proxy;
  /** To the database. */
  readonly back: Proxy;
}

/** Everything that runs, and what stands between: two replicas of the program, its database, its gateways, its clients. */
export interface Stage {
  readonly folder: string;
  readonly postgres: Postgres;
  readonly gateways: Gateways;
  readonly sides: readonly [Side, Side];
  /** From the replicas to the gateways. */
  readonly calls: Proxy;
  /** From the gateways to the replicas. */
  readonly notices: Proxy;
  readonly client: Client;
  readonly shop: Shop;
  readonly told: Acknowledged;
  readonly apiKey: string;
  /** Orders that nobody pays: money on one of them came of a lie. */
  readonly unpaid: string[];
  strike(): Promise<void>;
}

export async function setStage(folder: string, run: string): Promise<Stage> {
  // The books of a former run know of orders that nobody knows any more.
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const stoppable: { stop(): Promise<unknown> }[] = [];
  const strike = async () => {
    // What does not end by itself ends with us.
    for (const one of stoppable.splice(0).reverse())
      await Promise.race([one.stop().catch(() => undefined), pause(LONGEST_STOP, undefined, { ref: false })]);
  };
  const keep = <One extends { stop(): Promise<unknown> }>(one: One): One => {
    stoppable.push(one);
    return one;
  };
  try {
    const [postgres, gateways] = await Promise.all([Postgres.start(folder).then(keep), Gateways.start(folder).then(keep)]);
    const calls = keep(await Proxy.start(() => gateways.port));
    const ports = [await freePort(), await freePort()] as const;
    let turn = 0;
    const notices = keep(await Proxy.start(() => ports[(turn += 1) % 2] ?? ports[0]));
    const apiKey = `sk_test_${randomBytes(24).toString('hex')}`;
    const settings = {
      NODE_ENV: 'development',
      HOST: '127.0.0.1',
      PUBLIC_URL: notices.url,
      SECRETS_KEY: randomBytes(32).toString('base64'),
      DATA_DIR: folder,
      LOG_LEVEL: 'warn',
      ...Object.fromEntries(Object.entries(gateways.settings).map(([name, value]) => [name, value.replace(gateways.url, calls.url)])),
    };
    const side = async (name: string, port: number, processes: number): Promise<Side> => {
      const back = keep(await Proxy.start(() => postgres.port));
      const front = keep(await Proxy.start(() => port));
      const replica = new Replica(name, port, folder, {
        ...settings,
        PORT: String(port),
        DATABASE_URL: `postgres://postgres@127.0.0.1:${back.port}/postgres`,
        WEB_CONCURRENCY: String(processes),
      });
      return { replica: keep(replica), front, back };
    };
    // As several processes, the worker among them, and as one that does everything: both are shipped.
    const sides = [await side('a', ports[0], 2), await side('b', ports[1], 1)] as const;
    await sides[0].replica.start({ BOOTSTRAP_API_KEY: apiKey });
    await sides[1].replica.start();
    await sell(ports[0], apiKey);
    const client = new Client(
      sides.map(({ front }) => front.url),
      apiKey,
      fairWeather(),
    );
    const told = new Acknowledged();
    const shop = new Shop(client, gateways, told, run);
    return { folder, postgres, gateways, sides, calls, notices, client, shop, told, apiKey, unpaid: [], strike };
  } catch (error) {
    await strike();
    throw error;
  }
}

/** Every process of the program. */
export function processesOf({ sides }: Stage): Process[] {
  return sides.flatMap(({ replica }) => replica.processes());
}

export function proxiesOf({ sides, calls, notices }: Stage): Proxy[] {
  return [...sides.flatMap(({ front, back }) => [front, back]), calls, notices];
}

async function sell(port: number, apiKey: string): Promise<void> {
  for (const { sku, price, stock } of GOODS) {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/products`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ sku, name: sku, price, stock }),
    });
    if (answer.status !== 201) throw new HarnessFailed(`POST /v1/products: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  }
}
