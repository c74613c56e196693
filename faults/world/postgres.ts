import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, type QueryResultRow } from 'pg';

import { DataDirUnusable, startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { HarnessFailed } from '../failures.js';
import { familyOf, isAlive, signal } from './processes.js';

/** What a standby needs to follow; everything else, fsync above all, is as shipped. */
const SETTINGS = { wal_keep_size: '2GB', max_connections: '120' };
const LONGEST_RECOVERY = 60_000;

/** The database: a real PostgreSQL that can be stopped in every rude way, and whose standby can take over. */
export class Postgres {
  private promotions = 0;
  /** Where the data of the first server are. Below a folder that its user may not enter, that is not where we said. */
  private readonly firstDataDir: string;

  private constructor(private server: EmbeddedPostgres) {
    this.firstDataDir = server.dataDir;
  }

  static async start(folder: string): Promise<Postgres> {
    // A name that no former run had: what one of them left elsewhere is not ours.
    return new Postgres(await begin(mkdtempSync(join(folder, 'postgres-'))));
  }

  /** Where the present primary listens. */
  get port(): number {
    return Number(new URL(this.server.url()).port);
  }

  get dataDir(): string {
    return this.server.dataDir;
  }

  url(): string {
    return this.server.url();
  }

  async query<Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.withClient(async (client) => (await client.query<Row>(sql, [...values])).rows);
  }

  /** A connection of our own, past every proxy. */
  async withClient<Result>(use: (client: Client) => Promise<Result>): Promise<Result> {
    const client = new Client({ connectionString: this.url(), application_name: 'faults', connectionTimeoutMillis: 10_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /**
   * `SIGQUIT` is PostgreSQL's immediate shutdown, as `pg_ctl stop -m immediate` sends it. `SIGKILL` meets every process of it, as
   * whoever runs out of memory or power does it: a backend that only loses its postmaster may stay, and hold what it had.
   */
  async crash(how: 'SIGQUIT' | 'SIGKILL'): Promise<void> {
    const family = familyOf(postmasterOf(this.server));
    for (const { pid } of how === 'SIGKILL' ? family : family.slice(0, 1)) signal(pid, how);
    while (family.some((one) => isAlive(one.pid))) await pause(5);
  }

  /** kill -9 to one process that serves a client: PostgreSQL then ends all of them, and recovers by itself. */
  async killBackend(): Promise<number> {
    const [row] = await this.query<{ pid: number }>(`SELECT pid FROM pg_stat_activity WHERE application_name = 'suanpan' LIMIT 1`);
    return row !== undefined && signal(row.pid, 'SIGKILL') ? 1 : 0;
  }

  /** After a crash, on the same files. */
  async restart(): Promise<void> {
    this.server = await begin(this.dataDir);
  }

  /** A standby that follows the primary: from now on no commit is acknowledged before it is on both. */
  async follow(): Promise<Standby> {
    const target = `${this.firstDataDir}-standby-${this.promotions + 1}`;
    const standby = await this.withClient((client) => copy(client, this.server, target));
    const until = performance.now() + LONGEST_RECOVERY;
    for (;;) {
      const [row] = await this.query<{ state: string }>('SELECT state FROM pg_stat_replication LIMIT 1');
      if (row?.state === 'streaming') break;
      if (performance.now() > until) throw new HarnessFailed('the standby does not follow the primary');
      await pause(50);
    }
    await this.query(`ALTER SYSTEM SET synchronous_standby_names = '*'`);
    await this.query('SELECT pg_reload_conf()');
    for (;;) {
      const [row] = await this.query<{ state: string }>('SELECT sync_state AS state FROM pg_stat_replication LIMIT 1');
      if (row?.state === 'sync') return { server: standby };
      await pause(20);
    }
  }

  /** The standby is the primary from now on; what the former one had is thrown away. */
  async promote({ server }: Standby): Promise<void> {
    const former = this.server;
    this.server = server;
    this.promotions += 1;
    await this.query('SELECT pg_promote(true, 30)');
    rmSync(former.dataDir, { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    await this.server.stop();
    rmSync(this.server.dataDir, { recursive: true, force: true });
  }
}

export interface Standby {
  readonly server: EmbeddedPostgres;
}

function postmasterOf({ dataDir }: EmbeddedPostgres): number {
  return Number.parseInt(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8'), 10);
}

/** After a kill -9 the shared memory of the former server may need a moment to be given up. */
async function begin(dataDir: string, more: Readonly<Record<string, string>> = {}): Promise<EmbeddedPostgres> {
  const until = performance.now() + LONGEST_RECOVERY;
  for (;;) {
    try {
      return await startEmbeddedPostgres({ dataDir, projectFile: import.meta.url, settings: { ...SETTINGS, ...more } });
    } catch (error) {
      if (!(error instanceof DataDirUnusable) || performance.now() > until) throw error;
      await pause(50);
    }
  }
}

/** A base backup as PostgreSQL's manual has it (26.3.3), and a server on it that follows. */
async function copy(client: Client, primary: EmbeddedPostgres, target: string): Promise<EmbeddedPostgres> {
  rmSync(target, { recursive: true, force: true });
  await client.query(`SELECT pg_backup_start('faults', true)`);
  const left = new Set(['pg_wal', 'postmaster.pid', 'postmaster.opts', 'pg_replslot', 'pg_stat_tmp']);
  const entries = readdirSync(primary.dataDir).filter((name) => !left.has(name));
  // As the server's own user has it; what goes away while it is copied is in the log.
  const script =
    'umask 077; mkdir -p "$1/pg_wal" "$1/pg_replslot" "$1/pg_stat_tmp"; d=$1; s=$2; shift 2; for e; do cp -a "$s/$e" "$d/"; done; chown -R --reference="$s" "$d"';
  await ran('/bin/sh', ['-c', script, 'sh', target, primary.dataDir, ...entries]);
  const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
  await ran('/bin/sh', [
    '-c',
    'printf %s "$2" > "$1/backup_label"; : > "$1/standby.signal"; chown --reference="$1" "$1"/*',
    'sh',
    target,
    rows[0]?.labelfile ?? '',
  ]);
  const { port } = new URL(primary.url());
  return begin(target, { primary_conninfo: `host=127.0.0.1 port=${port} user=postgres application_name=standby` });
}

function ran(command: string, args: readonly string[]): Promise<void> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { stdio: 'ignore' });
    child.once('error', fail);
    child.once('exit', () => done());
  });
}
