import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';

import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';

/** The settings that decide what a commit costs: they are shown with the numbers. */
const SHOWN_SETTINGS = [
  'fsync',
  'synchronous_commit',
  'full_page_writes',
  'wal_sync_method',
  'shared_buffers',
  'max_wal_size',
  'checkpoint_timeout',
  'max_connections',
];

/** The one PostgreSQL that everything is measured on: an embedded one with the settings it is shipped with, or a given one. */
export class DatabaseServer {
  private readonly created = new Set<string>();

  private constructor(
    private readonly admin: Client,
    private readonly address: string,
    private readonly embedded: EmbeddedPostgres | undefined,
    /** Whether its folder was there before, and stays. */
    private readonly isKept = false,
  ) {}

  static async start(at: { readonly databaseUrl: string | undefined; readonly folder: string }): Promise<DatabaseServer> {
    const dataDir = join(at.folder, 'postgres');
    rmSync(dataDir, { recursive: true, force: true });
    const embedded = at.databaseUrl === undefined ? await startEmbeddedPostgres({ dataDir, projectFile: import.meta.url }) : undefined;
    const address = at.databaseUrl ?? embedded?.url() ?? '';
    return new DatabaseServer(await administrate(address), address, embedded);
  }

  /** An embedded one on a folder that is kept, such as `npm run bench:fill` has filled. */
  static async open(dataDir: string): Promise<DatabaseServer> {
    const embedded = await startEmbeddedPostgres({ dataDir, projectFile: import.meta.url });
    return new DatabaseServer(await administrate(embedded.url()), embedded.url(), embedded, true);
  }

  /** A database of this name, empty or as another one is, in the place of a former one. Answers its address. */
  async create(name: string, like?: string): Promise<string> {
    await this.admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await this.admin.query(`CREATE DATABASE ${name} ${like === undefined ? '' : `TEMPLATE ${like}`}`);
    this.created.add(name);
    return this.url(name);
  }

  url(name: string): string {
    const url = new URL(this.address);
    url.pathname = `/${name}`;
    return url.href;
  }

  /** What lies unwritten is written now, so that nobody pays for what went before. */
  async checkpoint(): Promise<void> {
    await this.admin.query('CHECKPOINT');
  }

  /** Bytes of the write-ahead log since the beginning of time. */
  async walPosition(): Promise<number> {
    const { rows } = await this.admin.query<{ bytes: string }>(`SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS bytes`);
    return Number(rows[0]?.bytes);
  }

  /** How many more may connect. */
  async connectionsLeft(): Promise<number> {
    const { rows } = await this.admin.query<{ left: number }>(
      `SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int - count(*)::int AS left
         FROM pg_stat_activity WHERE backend_type = 'client backend'`,
    );
    return rows[0]?.left ?? 0;
  }

  async facts(): Promise<{ readonly version: string; readonly settings: Readonly<Record<string, string>> }> {
    const { rows } = await this.admin.query<{ name: string; value: string }>(
      `SELECT name, current_setting(name) AS value FROM unnest($1::text[]) WITH ORDINALITY AS wanted(name, n)
       UNION ALL SELECT 'server_version', current_setting('server_version')`,
      [SHOWN_SETTINGS],
    );
    const settings = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    const { server_version: version = '', ...others } = settings;
    return { version: version.split(' ')[0] ?? '', settings: others };
  }

  /** The process that all others of the server hang from; undefined where the server is not ours. */
  pid(): number | undefined {
    if (this.embedded === undefined) return undefined;
    try {
      return Number.parseInt(readFileSync(join(this.embedded.dataDir, 'postmaster.pid'), 'utf8'), 10);
    } catch {
      return undefined;
    }
  }

  async stop(): Promise<void> {
    if (this.embedded === undefined) {
      for (const name of this.created) await this.admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    }
    await this.admin.end();
    if (this.embedded === undefined) return;
    await this.embedded.stop();
    if (!this.isKept) rmSync(this.embedded.dataDir, { recursive: true, force: true });
  }
}

async function administrate(address: string): Promise<Client> {
  const admin = new Client({ connectionString: address });
  await admin.connect();
  // It ends with the server; nobody has to hear of it then.
  admin.on('error', () => undefined);
  return admin;
}
