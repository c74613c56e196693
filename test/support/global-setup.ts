import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';

import { generateSimulatorKeys } from '../../simulator/server.js';
import { migrations } from '../../src/migrations/index.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { TEMPLATE, databaseUrl } from './databases.js';

/** What the teardown must end again. */
export interface TestServer {
  readonly postgres: EmbeddedPostgres;
  readonly dir: string;
}

// No test waits for a disk: nothing here has to survive a power cut.
const IN_A_HURRY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '300' };

/** One PostgreSQL for the run, with a migrated database that every suite clones. `TEST_DATABASE_URL` names another server. */
export default async function globalSetup(): Promise<void> {
  const keys = generateSimulatorKeys();
  if (!process.env.TEST_DATABASE_URL) {
    const dir = mkdtempSync(join(tmpdir(), 'suanpan-test-'));
    chmodSync(dir, 0o711);
    const postgres = await startEmbeddedPostgres({
      dataDir: join(dir, 'postgres'),
      projectFile: join(process.cwd(), 'package.json'),
      settings: IN_A_HURRY,
    });
    process.env.TEST_DATABASE_URL = postgres.url();
    (globalThis as { testServer?: TestServer }).testServer = { postgres, dir };
  }
  const admin = await new DataSource({ type: 'postgres', url: process.env.TEST_DATABASE_URL }).initialize();
  await admin.query(`DROP DATABASE IF EXISTS ${TEMPLATE}`);
  await admin.query(`CREATE DATABASE ${TEMPLATE}`);
  await admin.destroy();
  await migrate(databaseUrl(TEMPLATE), migrations);
  process.env.TEST_SIMULATOR_KEYS = JSON.stringify(await keys);
}
