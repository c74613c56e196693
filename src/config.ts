import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { availableParallelism } from 'node:os';

import { ALIPAY_ACCOUNT } from './payment/gateway/alipay/settings.js';
import type { GatewayName } from './payment/gateway/gateway.js';
import { SettingProblem, refuseForProduction, type AccountForm, type InnerHosts, type SettingFields } from './payment/gateway/settings.js';
import { UNIONPAY_ACCOUNT } from './payment/gateway/unionpay/settings.js';
import { WECHATPAY_ACCOUNT } from './payment/gateway/wechatpay/settings.js';

/** A setting is missing or wrong. The message is one line that names it, and is all that a person at the terminal sees. */
export class ConfigError extends Error {
  constructor(
    readonly setting: string,
    problem: string,
  ) {
    super(`${setting}: ${problem}`);
  }
}

/** An account at a gateway, as texts that were found good. */
export interface GatewayAccountConfig {
  readonly gateway: GatewayName;
  readonly fields: SettingFields;
}

export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Undefined: the embedded default. */
  readonly databaseUrl: string | undefined;
  /** Of each process. */
  readonly databasePoolSize: number;
  /** How many processes answer the API. One does everything else as well; beside several there is one for that. */
  readonly apiProcesses: number;
  /** So many requests a process works on at once; those beyond are told to come again. */
  readonly maxRequestsInFlight: number;
  /** Requests of an API key in a minute, over all processes; undefined: as many as it likes. */
  readonly rateLimit: number | undefined;
  /** Keys that are none, from one address in a minute. */
  readonly wrongKeyLimit: number | undefined;
  /** Addresses and networks of proxies that say truly whom they speak for. */
  readonly trustedProxies: readonly string[];
  /** The origin that gateways call back. Undefined: where the program listens. */
  readonly publicUrl: string | undefined;
  readonly bootstrapApiKey: string | undefined;
  /** The first merchant's accounts at gateways. None: the simulator's. */
  readonly gatewayAccounts: readonly GatewayAccountConfig[];
  /** Hosts of gateways within one's own network that may be called. */
  readonly innerGatewayHosts: InnerHosts;
  /** What secrets in the database are sealed with: the present key, then the former one. None: the development key. */
  readonly secretsKeys: readonly Buffer[];
  readonly simulatorPort: number;
  readonly dataDir: string;
  readonly autoCompleteAfterDays: number;
  readonly callbackRetentionDays: number;
  /** Undefined: for ever. */
  readonly eventRetentionDays: number | undefined;
  readonly logLevel: string;
}

export type DatabaseConfig = Pick<Config, 'databaseUrl' | 'dataDir'>;

/** Each takes a hundred megabytes: a large machine is asked before it is filled. */
const MOST_USUAL_PROCESSES = 8;

/** The jobs have connections of their own. */
const JOB_CONNECTIONS = 5;

type Environment = Readonly<Record<string, string | undefined>>;

const ACCOUNT_FORMS: readonly AccountForm<unknown>[] = [ALIPAY_ACCOUNT, WECHATPAY_ACCOUNT, UNIONPAY_ACCOUNT];

/** A hundred years. */
const LONGEST_RETENTION_DAYS = 36_500;

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** Reads `.env` where there is one; what the environment says already stands. */
export function loadEnvFile(): void {
  if (existsSync('.env')) process.loadEnvFile('.env');
}

/** The settings, each checked. No other file reads the environment. Throws `ConfigError`. */
export function loadConfig(env: Environment = process.env): Config {
  const mode = text(env, 'NODE_ENV') ?? 'development';
  if (!['production', 'development', 'test'].includes(mode)) throw new ConfigError('NODE_ENV', 'must be production, development or test');
  const production = mode === 'production';
  const port = integer(env, 'PORT', 3000, 0, 65_535);
  const databaseUrl = address(env, 'DATABASE_URL', ['postgres:', 'postgresql:']);
  if (production && databaseUrl === undefined)
    throw new ConfigError('DATABASE_URL', 'is missing: production does not run on the embedded PostgreSQL');
  const publicUrl = origin(env, 'PUBLIC_URL');
  if (production && publicUrl === undefined) throw new ConfigError('PUBLIC_URL', 'is missing: gateways must know where to call back');
  const innerGatewayHosts = production ? hosts(env, 'INNER_GATEWAY_HOSTS') : 'any';
  const secretsKeys = secretsKeysOf(env);
  if (production && secretsKeys.length === 0)
    throw new ConfigError('SECRETS_KEY', 'is missing: 32 random bytes in base64, such as `openssl rand -base64 32` makes');
  return {
    production,
    host: text(env, 'HOST') ?? (production ? '0.0.0.0' : '127.0.0.1'),
    port,
    databaseUrl,
    databasePoolSize: integer(env, 'DATABASE_POOL_SIZE', 10, 2, 500),
    apiProcesses: integer(env, 'WEB_CONCURRENCY', usualApiProcesses(availableParallelism(), databaseUrl), 1, 64),
    maxRequestsInFlight: integer(env, 'MAX_REQUESTS_IN_FLIGHT', 512, 16, 100_000),
    rateLimit: limit(env, 'RATE_LIMIT_PER_MINUTE', 1_000_000),
    wrongKeyLimit: limit(env, 'RATE_LIMIT_WRONG_KEYS_PER_MINUTE', 300),
    trustedProxies: networks(env, 'TRUSTED_PROXIES'),
    publicUrl,
    bootstrapApiKey: apiKey(env, 'BOOTSTRAP_API_KEY', production),
    gatewayAccounts: gatewayAccounts(env, innerGatewayHosts),
    innerGatewayHosts,
    secretsKeys,
    simulatorPort: integer(env, 'SIMULATOR_PORT', 4000, 0, 65_535),
    dataDir: text(env, 'DATA_DIR') ?? '.data',
    autoCompleteAfterDays: integer(env, 'AUTO_COMPLETE_AFTER_DAYS', 10, 1, 365),
    callbackRetentionDays: integer(env, 'CALLBACK_RETENTION_DAYS', 400, 30, LONGEST_RETENTION_DAYS),
    eventRetentionDays:
      text(env, 'EVENT_RETENTION_DAYS') === undefined ? undefined : integer(env, 'EVENT_RETENTION_DAYS', 0, 90, LONGEST_RETENTION_DAYS),
    logLevel: choice(env, 'LOG_LEVEL', production ? 'info' : 'warn', LOG_LEVELS),
  };
}

/** Where the data is, for a program that needs nothing else and may have been told where. Throws `ConfigError`. */
export function loadDatabaseConfig(option: string, told: string | undefined, env: Environment = process.env): DatabaseConfig {
  const protocols = ['postgres:', 'postgresql:'];
  const databaseUrl = told === undefined ? address(env, 'DATABASE_URL', protocols) : address({ [option]: told }, option, protocols);
  return { databaseUrl, dataDir: text(env, 'DATA_DIR') ?? '.data' };
}

/**
 * One API process where nothing is said and there are no more than two cores. With more of them: half where the database runs on
 * them as well, all but one where it is elsewhere (docs/adr/0023).
 */
export function usualApiProcesses(cores: number, databaseUrl: string | undefined): number {
  if (cores <= 2) return 1;
  const share = isOnThisMachine(databaseUrl) ? Math.floor(cores / 2) : cores - 1;
  return Math.min(share, MOST_USUAL_PROCESSES);
}

/** Connections that all processes together may open. */
export function connectionsWanted({ apiProcesses, databasePoolSize }: Pick<Config, 'apiProcesses' | 'databasePoolSize'>): number {
  const pools = apiProcesses === 1 ? 1 : apiProcesses + 1;
  return pools * databasePoolSize + JOB_CONNECTIONS;
}

/** Of each gateway all that an account needs, or nothing at all. */
export function gatewayAccounts(env: Environment, innerHosts: InnerHosts): GatewayAccountConfig[] {
  return ACCOUNT_FORMS.filter(({ fields }) => fields.some(({ setting }) => text(env, setting) !== undefined)).map((form) => {
    const settingOf = new Map(form.fields.map(({ name, setting }) => [name, setting]));
    const fields = Object.fromEntries(form.fields.map(({ name, setting }) => [name, accountSetting(env, setting)]));
    try {
      refuseForProduction(fields, innerHosts);
      form.read(fields);
    } catch (error) {
      if (!(error instanceof SettingProblem)) throw error;
      throw new ConfigError(settingOf.get(error.field) ?? error.field, error.problem);
    }
    return { gateway: form.gateway, fields };
  });
}

/** What the setting says, or what is in the file that it names. */
function accountSetting(env: Environment, setting: string): string | undefined {
  const value = text(env, setting);
  if (value === undefined || !setting.endsWith('_FILE')) return value;
  // Pasted where the file's name belongs, it would stand in the message.
  if (value.includes('-----BEGIN') || /^[A-Za-z0-9+/=\s]{256,}$/.test(value)) {
    throw new ConfigError(setting, 'must name the file that holds it, and not hold it itself');
  }
  try {
    return readFileSync(value, 'utf8');
  } catch (error) {
    throw new ConfigError(setting, `${value} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
}

function secretsKeysOf(env: Environment): Buffer[] {
  const [present, former] = ['SECRETS_KEY', 'SECRETS_KEY_PREVIOUS'].map((setting) => {
    const value = text(env, setting);
    if (value === undefined) return undefined;
    const isHex = /^[0-9a-f]{64}$/i.test(value);
    // Node reads base64 up to where it is none any more, and would take a key with a tail for the key.
    const isBase64 = /^[A-Za-z0-9+/]{43}=$/.test(value);
    if (!isHex && !isBase64) throw new ConfigError(setting, 'must be 32 bytes, in base64 or as 64 hexadecimal digits');
    return Buffer.from(value, isHex ? 'hex' : 'base64');
  });
  if (present === undefined && former !== undefined) throw new ConfigError('SECRETS_KEY', 'is missing, and SECRETS_KEY_PREVIOUS is set');
  return [present, former].filter((key) => key !== undefined);
}

/** An empty setting is an absent one. */
function text(env: Environment, setting: string): string | undefined {
  const value = env[setting]?.trim();
  return value === '' ? undefined : value;
}

/** Whoever develops may choose a short one; in production it must not be guessable. */
function apiKey(env: Environment, setting: string, production: boolean): string | undefined {
  const value = text(env, setting);
  const least = production ? 24 : 8;
  if (value !== undefined && !new RegExp(`^sk_(?:test|live)_[A-Za-z0-9_-]{${least},128}$`).test(value)) {
    throw new ConfigError(setting, `must be sk_test_ or sk_live_ followed by ${least} to 128 letters, digits, - or _`);
  }
  return value;
}

function integer(env: Environment, setting: string, otherwise: number, least: number, most: number): number {
  const value = text(env, setting);
  if (value === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(value) || Number(value) < least || Number(value) > most) {
    throw new ConfigError(setting, `must be a whole number from ${least} to ${most}`);
  }
  return Number(value);
}

function choice(env: Environment, setting: string, otherwise: string, of: readonly string[]): string {
  const value = text(env, setting) ?? otherwise;
  if (!of.includes(value)) throw new ConfigError(setting, `must be one of ${of.join(', ')}`);
  return value;
}

// The value itself is not repeated: a database's address carries its password.
function address(env: Environment, setting: string, protocols: readonly string[]): string | undefined {
  const value = text(env, setting);
  if (value === undefined) return undefined;
  if (!URL.canParse(value) || !protocols.includes(new URL(value).protocol)) {
    throw new ConfigError(setting, `must be an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`);
  }
  return value;
}

function origin(env: Environment, setting: string): string | undefined {
  const value = address(env, setting, ['https:', 'http:']);
  if (value === undefined) return undefined;
  const url = new URL(value);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new ConfigError(setting, 'must be an origin, such as https://pay.example.com, without a path');
  }
  return url.origin;
}

/** 0 stands for none. */
function limit(env: Environment, setting: string, otherwise: number): number | undefined {
  const value = integer(env, setting, otherwise, 0, 100_000_000);
  return value === 0 ? undefined : value;
}

/** IP addresses, and networks as `10.0.0.0/8`, with commas between them. */
function networks(env: Environment, setting: string): string[] {
  return (text(env, setting) ?? '').split(',').flatMap((one) => {
    const network = one.trim();
    if (network === '') return [];
    const [ip = '', bits = '0', ...more] = network.split('/');
    const most = isIP(ip) === 4 ? 32 : 128;
    if (isIP(ip) === 0 || more.length > 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most) {
      throw new ConfigError(setting, 'must be addresses or networks with commas between them, such as 10.0.0.7,172.16.0.0/12');
    }
    return [network];
  });
}

/** Names or addresses of hosts, with commas between them. */
function hosts(env: Environment, setting: string): string[] {
  return (text(env, setting) ?? '').split(',').flatMap((one) => {
    const host = one.trim();
    if (host === '') return [];
    if (!URL.canParse(`https://${host}/`) || new URL(`https://${host}/`).host !== host.toLowerCase()) {
      throw new ConfigError(setting, 'must be hosts with commas between them, such as 10.0.0.7,proxy.internal');
    }
    return [host.toLowerCase()];
  });
}

function isOnThisMachine(databaseUrl: string | undefined): boolean {
  return databaseUrl === undefined || /^(?:localhost|127\..*|\[::1\]|)$/.test(new URL(databaseUrl).hostname);
}
