import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from 'pg';

import { ConfigError, loadDatabaseConfig, loadEnvFile, type DatabaseConfig } from './config.js';
import {
  DataDirUnusable,
  hasEmbeddedPostgres,
  runningEmbeddedPostgres,
  startEmbeddedPostgres,
} from './platform/database/embedded-postgres.js';
import { NoInvariants, checkInvariants, type CheckedInvariant, type InvariantCheck } from './platform/invariants/check-invariants.js';

const HELP = `Looks whether everything holds in a database that must, in one snapshot, and changes nothing.

  npm run check:invariants [-- --database-url postgres://…]

Without an address it is the database of DATABASE_URL, and without that the embedded one in DATA_DIR,
which is started where it does not run.

Each invariant is a line, with the number of rows that break it; the first of these follow. What the
invariants are, and what to do about a broken one: docs/invariants.md.

Exit code: 0 all of them hold, 1 at least one is broken, 2 nothing could be said.
`;

/** What keeps us from saying anything, in one line. */
class Unusable extends Error {}

interface Terminal {
  readonly args: readonly string[];
  /** The settings, where they are not those of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Answers the exit code. */
export async function run({ args, env, out, err }: Terminal): Promise<0 | 1 | 2> {
  try {
    const { help, 'database-url': named } = read(args);
    if (help) {
      out(HELP);
      return 0;
    }
    const database = await findDatabase(loadDatabaseConfig('--database-url', named, env));
    try {
      const check = await look(database.url);
      out(told(check));
      return check.invariants.every(({ violations }) => violations === 0) ? 0 : 1;
    } finally {
      await database.stop();
    }
  } catch (error) {
    if (!(error instanceof Unusable || error instanceof ConfigError || error instanceof DataDirUnusable)) throw error;
    err(`check:invariants: ${error.message}\n`);
    return 2;
  }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: { 'database-url': { type: 'string' }, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    throw new Unusable(`${(error as Error).message.split('. ')[0]} (--help says how it is used)`);
  }
}

async function findDatabase({ databaseUrl, dataDir }: DatabaseConfig): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const stop = () => Promise.resolve();
  if (databaseUrl !== undefined) return { url: databaseUrl, stop };
  const folder = join(dataDir, 'postgres');
  const running = runningEmbeddedPostgres(folder);
  if (running !== undefined) return { url: running, stop };
  if (!hasEmbeddedPostgres(folder)) {
    throw new Unusable(`there is no database in ${dataDir}: give --database-url, or set DATABASE_URL or DATA_DIR`);
  }
  const embedded = await startEmbeddedPostgres({ dataDir: folder, projectFile: import.meta.url });
  return { url: embedded.url(), stop: () => embedded.stop() };
}

async function look(url: string): Promise<InvariantCheck> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // The connection may be lost between two questions; the next one says so.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await checkInvariants(client);
  } catch (error) {
    if (error instanceof NoInvariants) {
      throw new Unusable(`${error.message}: start the program on it once, or run npm run typeorm -- migration:run`);
    }
    // Without its address, which may carry a password.
    const { code, message } = error as { code?: string; message: string };
    throw new Unusable(`the database could not be asked (${[code, message.split('\n')[0]].filter(Boolean).join(': ')})`);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function told({ asOf, invariants }: InvariantCheck): string {
  const broken = invariants.filter(({ violations }) => violations > 0);
  const all = `${invariants.length - broken.length} of ${invariants.length} invariants hold, as of ${asOf.toISOString()}`;
  return [...invariants.map(line), '', all, ''].join('\n');
}

function line({ name, description, violations, sample }: CheckedInvariant): string {
  if (violations === 0) return `ok      0  ${name}`;
  const rows = sample.map(({ merchantId, orderId, subject, wrong }) => {
    const whose = [orderId && `order ${orderId}`, merchantId && `merchant ${merchantId}`].filter(Boolean).join(', ');
    return `             ${subject ?? ''}: ${wrong ?? ''}${whose === '' ? '' : ` (${whose})`}`;
  });
  const more = violations > sample.length ? [`             and ${violations - sample.length} more: SELECT * FROM invariants.${name}`] : [];
  return [`BROKEN  ${violations}  ${name}: ${description}`, ...rows, ...more].join('\n');
}

async function main(): Promise<void> {
  loadEnvFile();
  process.exitCode = await run({
    args: process.argv.slice(2),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
  });
}

// The tests import this file; only as a program does it run.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    process.stderr.write(`check:invariants: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 2;
  });
}
