import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { UsageError } from './failures.js';
import { GATEWAYS, type DemoGateway } from './gateways.js';

const KNOWN = [...GATEWAYS.keys()].join(', ');
const USAGE = `usage: npm run demo -- [--gateway <one of: ${KNOWN}>], or --gateway wechatpay,alipay to start at one and change to another`;

export interface DemoSettings {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly simulatorUrl: string;
  readonly program: DemoProgram;
}

/** What is played. */
export interface DemoProgram {
  /** Where the story is paid; where only a change is played, where it begins. */
  readonly gateway: DemoGateway;
  readonly wholeStory: boolean;
  /** The chapter in which the payer starts at one gateway, changes to another, and pays both. */
  readonly change: Change | undefined;
}

export interface Change {
  readonly from: DemoGateway;
  readonly to: DemoGateway;
}

/** Where the program runs, and whose key is shown to it. Throws `UsageError`. */
export function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): DemoSettings {
  return {
    apiUrl: address(env, 'SUANPAN_URL', `http://127.0.0.1:${env.PORT || '3000'}`),
    apiKey: apiKey(env),
    simulatorUrl: address(env, 'SIMULATOR_URL', `http://127.0.0.1:${env.SIMULATOR_PORT || '4000'}`),
    program: programOf(args),
  };
}

function programOf(args: readonly string[]): DemoProgram {
  if (args.length === 0) {
    return { gateway: named('alipay'), wholeStory: true, change: { from: named('wechatpay'), to: named('alipay') } };
  }
  const [flag, names = '', ...rest] = args.flatMap((argument) => argument.split('=', 2));
  const [first = '', second, ...more] = names.split(',');
  if (flag !== '--gateway' || first === '' || rest.length > 0 || more.length > 0) throw new UsageError(USAGE);
  const gateway = named(first);
  if (second === undefined) return { gateway, wholeStory: true, change: undefined };
  if (second === first) throw new UsageError('--gateway: the payer changes from one gateway to another one');
  return { gateway, wholeStory: false, change: { from: gateway, to: named(second) } };
}

function named(name: string): DemoGateway {
  const gateway = GATEWAYS.get(name);
  if (!gateway) throw new UsageError(`--gateway: there is no ${name}; there is: ${KNOWN}`);
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
