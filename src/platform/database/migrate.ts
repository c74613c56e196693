import { Logger as WorkerLogger, runMigrations } from 'graphile-worker';
import { DataSource, type MigrationInterface } from 'typeorm';

import { dataSourceOptions } from './data-source.js';
import { makeMonthsAhead } from './partitions.js';

const MIGRATION_LOCK = 20_260_102;
// A large index takes its time, and so does waiting for another process that builds it.
const MAY_TAKE_LONG = { statement_timeout: 0 };

const OLDEST_POSTGRES = 150_000;

/** The database is too old to be used. */
export class PostgresTooOld extends Error {}

/** Brings the schema up to date. Processes that start together take turns. */
export async function migrate(url: string, migrations: (new () => MigrationInterface)[]): Promise<void> {
  const dataSource = await new DataSource({ ...dataSourceOptions({ url, poolSize: 2 }), extra: MAY_TAKE_LONG, migrations }).initialize();
  const lock = dataSource.createQueryRunner();
  try {
    const [version] = await dataSource.query<{ number: number }[]>(`SELECT current_setting('server_version_num')::int AS number`);
    if (version && version.number < OLDEST_POSTGRES) throw new PostgresTooOld('PostgreSQL 15 or newer is needed');
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await dataSource.runMigrations();
    await makeMonthsAhead(dataSource);
    const quiet = new WorkerLogger(() => () => undefined);
    await runMigrations({ connectionString: url, logger: quiet });
    await lock.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  } finally {
    await lock.release();
    await dataSource.destroy();
  }
}
