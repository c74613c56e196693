import { randomBytes } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { ConfigError, gatewayAccounts, type Config, type GatewayAccountConfig } from './config.js';

// What `npm start` adds where nothing is set up: keys to try with, gateways that are none, something to sell.

export interface RunningSimulator {
  readonly url: string;
  readonly gatewayAccounts: readonly GatewayAccountConfig[];
  stop(): Promise<void>;
}

/** Starts the simulator, a program of its own, which ends when this one does. It says itself how to reach it. */
export async function startSimulator(config: Config): Promise<RunningSimulator> {
  const program = fileURLToPath(new URL('../simulator/main.js', import.meta.url));
  const child = spawn(process.execPath, [program], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      SIMULATOR_PORT: String(config.simulatorPort),
      SIMULATOR_DATA_DIR: join(config.dataDir, 'simulator'),
      SIMULATOR_EXIT_WITH_PARENT: '1',
    },
    // A Ctrl-C at the terminal is ours to pass on: the simulator goes last.
    detached: process.platform !== 'win32',
  });
  const settings: Record<string, string> = {};
  const url = await new Promise<string>((ready, fail) => {
    let complaint = '';
    child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
    child.once('error', fail);
    child.once('exit', () => fail(simulatorProblem(complaint)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const setting = /^((?:ALIPAY|WECHATPAY|UNIONPAY)_[A-Z0-9_]+)=(.*)$/.exec(line);
      if (setting?.[1] !== undefined && setting[2] !== undefined) settings[setting[1]] = setting[2];
      const readyUrl = /^simulator ready (\S+)$/.exec(line)?.[1];
      if (readyUrl !== undefined) ready(readyUrl);
    });
  });
  const accounts = gatewayAccounts(settings, 'any');
  if (accounts.length === 0) throw new ConfigError('SIMULATOR_PORT', 'the simulator did not say how to reach it');
  return {
    url,
    gatewayAccounts: accounts,
    stop: () =>
      new Promise((stopped) => {
        if (child.exitCode !== null) return stopped();
        child.once('exit', () => stopped());
        child.kill('SIGTERM');
      }),
  };
}

function simulatorProblem(complaint: string): Error {
  const [, setting, problem] = /^([A-Z_]+): (.*)$/m.exec(complaint) ?? [];
  return setting !== undefined && problem !== undefined
    ? new ConfigError(setting, problem)
    : new Error(`the simulator stopped: ${complaint.trim()}`);
}

/** The first merchant's key: the one in the settings, or one of our own, which stays the same between starts. */
export function developmentApiKey(config: Config): string {
  return config.bootstrapApiKey ?? keptIn(config, 'api-key', () => `sk_test_${randomBytes(24).toString('hex')}`);
}

/** What gateway accounts are sealed with where SECRETS_KEY is not set. */
export function developmentSecretsKey(config: Config): Buffer {
  return Buffer.from(
    keptIn(config, 'secrets-key', () => randomBytes(32).toString('base64')),
    'base64',
  );
}

function keptIn({ dataDir }: Config, name: string, make: () => string): string {
  const file = join(dataDir, name);
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  mkdirSync(dirname(file), { recursive: true });
  const secret = make();
  writeFileSync(file, `${secret}\n`, { mode: 0o600 });
  return secret;
}

/** What a newcomer reads first. */
export function banner(facts: {
  readonly url: string;
  readonly simulatorUrl: string | undefined;
  readonly apiKey: string;
  readonly database: string;
  readonly apiProcesses: number;
  readonly millis: number;
}): string {
  const { url, apiKey, apiProcesses } = facts;
  const order = '{"customerId":"c-1001","items":[{"sku":"SAMPLE-TEA","quantity":2}],"shippingFee":1000}';
  return `
Suanpan 算盘 is ready after ${facts.millis} ms

  API         ${url}/v1
  Swagger UI  ${url}/docs
  Health      ${url}/health/ready
  Gateway     ${facts.simulatorUrl === undefined ? 'as set up' : `simulated at ${facts.simulatorUrl}/ (you play the payer there)`}
  Database    ${facts.database}
  Processes   ${apiProcesses === 1 ? 'one' : `${apiProcesses} for the API, one for the jobs, and this one`}
  API key     ${apiKey}

Try this:

  curl -sw '\\n' ${url}/v1/orders -H 'Authorization: Bearer ${apiKey}' -H 'Content-Type: application/json' -d '${order}'
  curl -sw '\\n' '${url}/v1/orders?limit=1' -H 'Authorization: Bearer ${apiKey}'
  curl -sw '\\n' ${url}/v1/inventory/SAMPLE-TEA -H 'Authorization: Bearer ${apiKey}'

or the whole story, from order to refund:  npm run demo

Ctrl-C stops it; the data stays.
`;
}
