import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';

import { Alipay } from './driver/alipay.js';
import { serveGateway } from './driver/gateway-server.js';
import { BenchFailed, UsageError } from './failures.js';
import { brokenInvariants } from './invariants.js';
import { raceBuyers } from './races/buyers.js';
import { raceCallbacks } from './races/callbacks.js';
import { readOptions, USAGE, type Options } from './races/options.js';
import { Replicas } from './races/replicas.js';
import { DatabaseServer } from './world/database-server.js';
import { goods } from './world/goods.js';
import { makeKeys } from './world/keys.js';

const DATABASE = 'races';
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const perSecond = (count: number, seconds: number): string => (count / Math.max(seconds, 0.001)).toFixed(0);

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') return say(USAGE.trimEnd());
  const folder = mkdtempSync(join(tmpdir(), 'suanpan-races-'));
  const server = await DatabaseServer.start({ databaseUrl: options.databaseUrl, folder });
  const ending = new Array<() => Promise<unknown>>();
  try {
    await race(options, server, folder, (end) => ending.unshift(end));
  } finally {
    for (const end of ending) await end();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function race(options: Options, server: DatabaseServer, folder: string, atEnd: (end: () => Promise<unknown>) => void): Promise<void> {
  const { rounds, buyers, callbacks, seed } = options;
  const keys = await makeKeys(join(folder, 'keys'));
  const { appId, sellerId, apiKey } = keys;
  const alipay = new Alipay({ appId, sellerId, privateKeyFile: keys.alipayPrivateKeyFile });
  const databaseUrl = await server.create(DATABASE);
  const replicas = await Replicas.start({ databaseUrl, folder, keys, gatewayUrl: await serveGateway(alipay) });
  atEnd(() => replicas.stop());
  const db = new Client({ connectionString: databaseUrl });
  await db.connect();
  atEnd(() => db.end());
  say(`two replicas on one PostgreSQL, --seed ${seed}`);

  const sold = goods('NOTICED', 1);
  await replicas.sell(sold);
  const bought = await raceBuyers(options, { replicas, db, apiKey, say });
  say(
    `${rounds} rounds of ${buyers} buyers: ${bought.sold} sold, ${bought.refused} refused, exactly as many as there were each time; ` +
      `${bought.seconds.toFixed(1)} s, ${perSecond(bought.sold + bought.refused, bought.seconds)} a second`,
  );
  const at = { replicas, db, databaseUrl, alipay, sku: sold.skus[0] ?? '', say };
  const delivered = await raceCallbacks(options, at);
  say(
    `${callbacks} notices, ${delivered.deliveries} deliveries, one effect each; ` +
      `${delivered.seconds.toFixed(1)} s, ${perSecond(delivered.deliveries, delivered.seconds)} a second`,
  );
  replicas.assertAlive();
  const broken = await brokenInvariants(db);
  if (broken.length > 0) throw new BenchFailed(`the database breaks its promises: ${broken.join('; ')}`);
  say(`The invariants hold. ${replicas.turnedAway} times somebody was told to come again.`);
}

main().then(
  // The gateway's server would keep it alive.
  () => process.exit(0),
  (error: unknown) => {
    const foreseen = error instanceof UsageError || error instanceof BenchFailed;
    process.stderr.write(`races: ${foreseen ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  },
);
