import 'reflect-metadata';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { ConfigError, connectionsWanted, loadConfig, loadEnvFile, type Config } from './config.js';
import { banner, developmentApiKey, developmentSecretsKey, startSimulator, type RunningSimulator } from './development.js';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './platform/database/embedded-postgres.js';
import { PinoLogger } from './platform/logging/pino-logger.js';
import { Supervisor } from './processes/supervisor.js';
import type { ProgramConfig } from './program.js';
import { addSamples } from './samples.js';
import { startProblem } from './start-problem.js';

/** In milliseconds, for each part. */
const LONGEST_STOP = 15_000;

/** The embedded database lets in so many, and some more than we want for whoever looks on with psql. */
const LEAST_CONNECTIONS = 200;
const SPARE_CONNECTIONS = 20;

/** What has been started, to be stopped in the opposite order. */
const started: { stop(): Promise<unknown> }[] = [];

async function main(): Promise<void> {
  loadEnvFile();
  const config = loadConfig();
  stopOnSignals();

  // The longest waits at once: the database, the simulator, and reading our own code.
  const begin = config.apiProcesses === 1 ? beginHere() : beginBeside(config);
  const [embedded, simulator] = await Promise.all([
    config.databaseUrl === undefined ? startDatabase(config) : undefined,
    config.gatewayAccounts.length === 0 && !config.production ? startSimulated(config) : undefined,
  ]);
  const databaseUrl = config.databaseUrl ?? embedded?.url();
  if (databaseUrl === undefined) throw new ConfigError('DATABASE_URL', 'is missing');
  const gatewayAccounts = simulator?.gatewayAccounts ?? config.gatewayAccounts;
  const [present = developmentSecretsKey(config), ...former] = config.secretsKeys;
  const apiKey = embedded ? developmentApiKey(config) : config.bootstrapApiKey;
  const url = await begin({ ...config, databaseUrl, gatewayAccounts, secretsKeys: [present, ...former], bootstrapApiKey: apiKey });

  if (config.production) return void process.stdout.write(`suanpan listens on ${url}\n`);
  if (apiKey !== undefined) {
    // A convenience must not decide whether the program lives.
    await addSamples({ url, apiKey, simulatorUrl: simulator?.url }).catch((error: unknown) =>
      process.stderr.write(`no samples were added: ${String(error)}\n`),
    );
  }
  const database = embedded ? `embedded PostgreSQL, data in ${embedded.dataDir}` : 'as in DATABASE_URL';
  const millis = Math.round(performance.now());
  const { apiProcesses } = config;
  process.stdout.write(banner({ url, simulatorUrl: simulator?.url, apiKey: apiKey ?? '(one of yours)', database, apiProcesses, millis }));
}

type Begin = (config: ProgramConfig) => Promise<string>;

/** Everything in this process. */
function beginHere(): Begin {
  const reading = import('./program.js');
  reading.catch(() => undefined);
  return async (config) => {
    const program = await (await reading).startProgram(config);
    started.push(program);
    return program.url;
  };
}

/** API and worker in processes of their own, beside this one. */
function beginBeside(config: Config): Begin {
  const supervisor = new Supervisor(config.apiProcesses, new PinoLogger(config.logLevel));
  started.push(supervisor);
  supervisor.broken.catch(endWith);
  return (settled) => supervisor.begin(settled);
}

async function startDatabase(config: Config): Promise<EmbeddedPostgres> {
  const settings = { max_connections: String(Math.max(LEAST_CONNECTIONS, connectionsWanted(config) + SPARE_CONNECTIONS)) };
  const embedded = await startEmbeddedPostgres({ dataDir: join(config.dataDir, 'postgres'), projectFile: import.meta.url, settings });
  started.unshift(embedded);
  return embedded;
}

async function startSimulated(config: Config): Promise<RunningSimulator> {
  const simulator = await startSimulator(config);
  started.unshift(simulator);
  return simulator;
}

/** Somebody asked for the end: what fails because of it is nobody's fault. */
let stopping = false;

function stopOnSignals(): void {
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

async function endWith(error: unknown): Promise<void> {
  if (stopping) return;
  process.stderr.write(`${startProblem(error)}\n`);
  await stopAll();
  process.exit(1);
}

main().catch(endWith);
