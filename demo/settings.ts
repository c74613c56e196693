import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { UsageError } from './failures.js';
import { GATEWAYS, type DemoGateway } from './gateways.js';

export interface DemoSettings {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly simulatorUrl: string;
  readonly gateway: DemoGateway;
}

/** Where the program runs, and whose key is shown to it. Throws `UsageError`. */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): DemoSettings {
  const gateway = gatewayOf(args);
  return {
    apiUrl: address(env, 'SUANPAN_URL', `http://127.0.0.1:${env.PORT || '3000'}`),
    apiKey: apiKey(env),
    simulatorUrl: address(env, 'SIMULATOR_URL', `http://127.0.0.1:${env.SIMULATOR_PORT || '4000'}`),
    gateway,
  };
}

function gatewayOf(args: readonly string[]): DemoGateway {
  const [flag, name, ...rest] = args.flatMap((argument) => argument.split('=', 2));
  const known = [...GATEWAYS.keys()].join(', ');
  if (rest.length > 0 || (flag !== undefined && (flag !== '--gateway' || name === undefined))) {
    throw new UsageError(`usage: npm run demo -- [--gateway <one of: ${known}>]`);
  }
  const gateway = GATEWAYS.get(name ?? 'alipay');
  if (!gateway) throw new UsageError(`--gateway: there is no ${name}; there is: ${known}`);
  return gateway;
}

function apiKey(env: NodeJS.ProcessEnv): string {
  const given = env.SUANPAN_API_KEY || env.BOOTSTRAP_API_KEY;
  if (given) return given.trim();
  const file = join(env.DATA_DIR || '.data', 'api-key');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  throw new UsageError(`SUANPAN_API_KEY: is missing, and there is no ${file}: run npm start first, or set it to a key of yours`);
}

function address(env: NodeJS.ProcessEnv, setting: string, otherwise: string): string {
  const given = env[setting] || otherwise;
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) {
    throw new UsageError(`${setting}: must be an address such as ${otherwise}`);
  }
  return given.replace(/\/+$/, '');
}
