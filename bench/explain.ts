import 'reflect-metadata';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';

import { AppModule } from '../src/app.module.js';
import { loadConfig, loadEnvFile, type Config } from '../src/config.js';
import { developmentSecretsKey } from '../src/development.js';
import { SCOPES } from '../src/contracts/scopes.js';
import { Clock } from '../src/kernel/clock.js';
import { Merchants } from '../src/merchant/merchants.js';
import { migrations } from '../src/migrations/index.js';
import { startEmbeddedPostgres } from '../src/platform/database/embedded-postgres.js';
import { migrate } from '../src/platform/database/migrate.js';
import { createHttpApplication } from '../src/platform/http/http-application.js';
import { Sweeps } from '../src/platform/jobs/sweeps.js';
import { captureStatements, type Statement } from './explain/capture.js';
import { Planner, type Finding } from './explain/plans.js';
import { readsOf, sample } from './explain/reads.js';

/** In milliseconds, at the database. */
const MOST = 5;

/** Nothing is due by a clock that stands before anything happened: the sweeps look, and find nothing to do. */
class ClockBeforeAll extends Clock {
  override now(): Date {
    return new Date(Date.UTC(2000, 0, 1));
  }
}

interface Asked {
  readonly by: string;
  readonly statements: readonly Statement[];
}

async function main(): Promise<void> {
  loadEnvFile();
  const config = loadConfig();
  const { values } = parseArgs({ options: { 'database-url': { type: 'string' }, all: { type: 'boolean' } } });
  const given = values['database-url'] ?? config.databaseUrl;
  const dataDir = join(config.dataDir, 'postgres');
  const embedded = given === undefined ? await startEmbeddedPostgres({ dataDir, projectFile: import.meta.url }) : undefined;
  try {
    const url = given ?? embedded?.url() ?? '';
    await migrate(url, migrations);
    process.exitCode = await explain(url, config, values.all ?? false);
  } finally {
    await embedded?.stop();
  }
}

/** Answers 1 where a statement is slow, or reads a large table from end to end. */
async function explain(url: string, config: Config, showAll: boolean): Promise<number> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const asked = await ask(url, config, client);
    const planner = await Planner.over(client);
    let [faults, slowest] = [0, 0];
    const seen = new Set<string>();
    for (const { by, statements } of asked) {
      for (const statement of statements) {
        const finding = await planner.look(statement);
        const isFault = finding.readWhole.length > 0 || (finding.execution ?? 0) > MOST;
        slowest = Math.max(slowest, finding.execution ?? 0);
        if (isFault) faults += 1;
        const line = describe(by, finding);
        if (isFault || showAll || (finding.scans.length > 0 && !seen.has(shape(finding))))
          process.stdout.write(`${isFault ? 'FAULT ' : ''}${line}\n`);
        seen.add(shape(finding));
      }
    }
    const count = asked.reduce((all, { statements }) => all + statements.length, 0);
    process.stdout.write(
      `${count} statements of ${asked.length} requests: the slowest takes ${slowest.toFixed(2)} ms, ${faults} are at fault\n`,
    );
    return faults === 0 ? 0 : 1;
  } finally {
    await client.end();
  }
}

/** What the program asks the database for each read of its API, and by its sweeps. */
async function ask(url: string, config: Config, client: Client): Promise<Asked[]> {
  const [present = developmentSecretsKey(config), ...former] = config.secretsKeys;
  const module = AppModule.forRoot({
    platform: { database: { url }, clock: new ClockBeforeAll() },
    payment: { publicUrl: 'http://127.0.0.1', secretsKeys: [present, ...former] },
    autoCompleteAfterDays: config.autoCompleteAfterDays,
  });
  const app = await createHttpApplication(module, { logger: false });
  const keys: string[] = [];
  const origin = { correlationId: 'explain', causationId: null, actor: 'system:explain' };
  try {
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    const asked: Asked[] = [];
    for (const [index, merchantId] of (await merchantsWithRefunds(client)).entries()) {
      // Whoever runs the system sees more: one reads as such, and the other only what is its own.
      const scopes = SCOPES.filter((scope) => index === 0 || scope !== 'admin');
      const { apiKey, secret } = await app.get(Merchants).issueKey(origin, merchantId, { name: 'explain', mode: 'test', scopes });
      keys.push(apiKey.id);
      const samples = await sample(client, merchantId);
      const paths = readsOf(samples).filter((path) => index === 0 || !/admin|discrepancies\/./.test(path));
      for (const path of paths) {
        const read = async () => {
          const { statusCode, body } = await app.inject({ method: 'GET', url: path, headers: { authorization: `Bearer ${secret}` } });
          if (statusCode !== 200) throw new Error(`${path}: ${statusCode} ${body}`);
        };
        asked.push({ by: path, statements: await captureStatements(read) });
      }
    }
    const swept = await captureStatements(() => app.get(Sweeps).runAll());
    // How many parts there are is looked up once an hour, and has nothing to do with how many orders there are.
    asked.push({ by: 'the sweeps', statements: swept.filter(({ text }) => !text.includes('pg_partitioned_table')) });
    return asked;
  } finally {
    await client.query('DELETE FROM api_keys WHERE id = ANY ($1::uuid[])', [keys]);
    await app.close();
  }
}

/** The one with most orders, and another one. */
async function merchantsWithRefunds(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    'SELECT id FROM merchants m WHERE EXISTS (SELECT 1 FROM refunds WHERE merchant_id = m.id) ORDER BY id LIMIT 2',
  );
  if (rows.length === 0) throw new Error('nothing was ever refunded here: fill the database first, with npm run bench:fill');
  return rows.map(({ id }) => id);
}

/** Statements that differ in nothing but their values and their parts look the same. */
function shape({ statement, scans }: Finding): string {
  return `${statement.text} ${scans.join()}`;
}

function describe(by: string, { statement, scans, readWhole, thrownAway, execution, planning }: Finding): string {
  const times = execution === undefined ? 'only planned' : `${execution.toFixed(2)} ms (planned in ${planning?.toFixed(2)})`;
  const how =
    readWhole.length > 0
      ? `reads all of ${readWhole.join(', ')}`
      : scans.join(', ') + (thrownAway > 0 ? `, and leaves ${thrownAway} rows that it read` : '');
  return `${times.padEnd(30)} ${by}\n    ${statement.text
    .replaceAll(/\s+/g, ' ')
    .replace(/^SELECT .*? FROM/, 'SELECT … FROM')
    .slice(0, 160)}\n    ${how}`;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
