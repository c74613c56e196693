import 'reflect-metadata';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { ConfigError, loadConfig, loadEnvFile, type Config } from './config.js';
import { banner, developmentApiKey, developmentSecretsKey, startSimulator, type RunningSimulator } from './development.js';
import { DataDirUnusable, startEmbeddedPostgres, type EmbeddedPostgres } from './platform/database/embedded-postgres.js';
import { scrub } from './platform/secrets/scrub.js';
import { addSamples } from './samples.js';

/** In milliseconds, for each part. */
const LONGEST_STOP = 15_000;

const loadProgram = () => import('./program.js');

/** What has been started, to be stopped in the opposite order. */
const started: { stop(): Promise<unknown> }[] = [];

async function main(): Promise<void> {
  loadEnvFile();
  const config = loadConfig();
  stopOnSignals();

  // The longest waits at once: the database, the simulator, and reading our own code.
  const [embedded, simulator, { startProgram }] = await Promise.all([
    config.databaseUrl === undefined ? startDatabase(config) : undefined,
    config.gatewayAccounts.length === 0 && !config.production ? startSimulated(config) : undefined,
    loadProgram(),
  ]);
  const databaseUrl = config.databaseUrl ?? embedded?.url();
  if (databaseUrl === undefined) throw new ConfigError('DATABASE_URL', 'is missing');
  const gatewayAccounts = simulator?.gatewayAccounts ?? config.gatewayAccounts;
  const [present = developmentSecretsKey(config), ...former] = config.secretsKeys;

  const apiKey = embedded ? developmentApiKey(config) : config.bootstrapApiKey;
  const program = await startProgram({
    ...config,
    databaseUrl,
    gatewayAccounts,
    secretsKeys: [present, ...former],
    bootstrapApiKey: apiKey,
  });
  started.push(program);

  const url = program.url;
  if (config.production) return void process.stdout.write(`suanpan listens on ${url}\n`);
  if (apiKey !== undefined) {
    // A convenience must not decide whether the program lives.
    await addSamples({ url, apiKey, simulatorUrl: simulator?.url }).catch((error: unknown) =>
      process.stderr.write(`no samples were added: ${String(error)}\n`),
    );
  }
  const database = embedded ? `embedded PostgreSQL, data in ${embedded.dataDir}` : 'as in DATABASE_URL';
  const millis = Math.round(performance.now());
  process.stdout.write(banner({ url, simulatorUrl: simulator?.url, apiKey: apiKey ?? '(one of yours)', database, millis }));
}

async function startDatabase(config: Config): Promise<EmbeddedPostgres> {
  const dataDir = join(config.dataDir, 'postgres');
  const embedded = await startEmbeddedPostgres({ dataDir, projectFile: import.meta.url });
  started.unshift(embedded);
  return embedded;
}

async function startSimulated(config: Config): Promise<RunningSimulator> {
  const simulator = await startSimulator(config);
  started.unshift(simulator);
  return simulator;
}

function stopOnSignals(): void {
  let stopping = false;
  const stop = () => {
    // A second Ctrl-C does not wait.
    if (stopping) process.exit(130);
    stopping = true;
    void stopAll().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

async function stopAll(): Promise<void> {
  for (const one of started.splice(0).reverse()) {
    // A client that never reads its answer must not keep the program from ending.
    await Promise.race([one.stop().catch(() => undefined), pause(LONGEST_STOP, undefined, { ref: false })]);
  }
}

main().catch(async (error: unknown) => {
  process.stderr.write(`${startError(error)}\n`);
  await stopAll();
  process.exit(1);
});

/** One line where a setting is at fault, the whole story where we are. */
function startError(error: unknown): string {
  if (error instanceof ConfigError) return error.message;
  if (error instanceof DataDirUnusable) return `DATA_DIR: ${error.message}`;
  return scrub(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
