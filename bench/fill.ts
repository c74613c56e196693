import { statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { loadConfig, loadEnvFile } from '../src/config.js';
import { developmentSecretsKey } from '../src/development.js';
import { migrations } from '../src/migrations/index.js';
import { startEmbeddedPostgres } from '../src/platform/database/embedded-postgres.js';
import { migrate } from '../src/platform/database/migrate.js';
import { Vault } from '../src/platform/secrets/vault.js';
import { fillDatabase } from './fill/fill-database.js';
import { USAGE, UsageError, readOptions, type FillOptions } from './fill/options.js';

/** Measured; of an order without its events, and of its events. With indexes, in bytes. */
const BYTES_AN_ORDER = 2_650;
const BYTES_OF_EVENTS = 3_700;
/** What PostgreSQL writes ahead, and sorts on disk while it indexes. */
const BYTES_BESIDES = 6 * 1024 ** 3;

const GIB = 1024 ** 3;

// What is filled can be filled again: nothing here waits for the disk, and everything is left safe on it at the end.
const BULK = {
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  shared_buffers: '1GB',
  wal_level: 'minimal',
  max_wal_senders: '0',
  autovacuum: 'off',
};

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  loadEnvFile();
  const config = loadConfig();
  const options = readOptions(process.argv.slice(2), config.databaseUrl);
  const needed = options.orders * (BYTES_AN_ORDER + (BYTES_OF_EVENTS * options.eventDays) / options.days);
  say(
    `${options.orders.toLocaleString('en')} orders of ${options.days} days, their events of ${options.eventDays}: about ${(needed / GIB).toFixed(1)} GiB`,
  );
  const [present = developmentSecretsKey(config), ...former] = config.secretsKeys;
  const vault = new Vault([present, ...former]);
  if (options.databaseUrl !== undefined) return fill(options.databaseUrl, options, vault);

  const dataDir = join(config.dataDir, 'postgres');
  refuseWithoutRoom(config.dataDir, needed);
  const embedded = await startEmbeddedPostgres({ dataDir, projectFile: import.meta.url, settings: BULK });
  const stop = () => void embedded.stop().then(() => process.exit(130));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await fill(embedded.url(), options, vault);
  } finally {
    await embedded.stop();
  }
}

async function fill(url: string, options: FillOptions, vault: Vault): Promise<void> {
  await migrate(url, migrations);
  const { rows, seconds } = await fillDatabase(url, options, vault, say);
  say(
    `${rows.toLocaleString('en')} rows in ${seconds.toFixed(0)} s: ${Math.round(rows / seconds).toLocaleString('en')} rows a second, all told`,
  );
}

function refuseWithoutRoom(dataDir: string, needed: number): void {
  const { bavail, bsize } = statfsSync(nearest(dataDir));
  const free = bavail * bsize;
  const wanted = needed + Math.min(BYTES_BESIDES, needed);
  if (free < wanted)
    throw new UsageError(`the disk has ${(free / GIB).toFixed(1)} GiB left, and ${(wanted / GIB).toFixed(1)} are needed for a while`);
}

/** The folder, or the one that it will be made in. */
function nearest(folder: string): string {
  try {
    statfsSync(folder);
    return folder;
  } catch {
    return nearest(dirname(folder));
  }
}

main().catch((error: unknown) => {
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${USAGE}`);
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(error instanceof UsageError ? 2 : 1);
});
