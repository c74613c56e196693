import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

/** A setting is missing or wrong. The message is one line that names it, and is all that a person at the terminal sees. */
export class ConfigError extends Error {
  constructor(
    readonly setting: string,
    problem: string,
  ) {
    super(`${setting}: ${problem}`);
  }
}

export interface AlipayConfig {
  readonly gatewayUrl: string;
  readonly appId: string;
  readonly sellerId: string;
  readonly privateKey: KeyObject;
  readonly alipayPublicKey: KeyObject;
}

export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Undefined: the embedded default. */
  readonly databaseUrl: string | undefined;
  readonly databasePoolSize: number;
  /** The origin that gateways call back. Undefined: where the program listens. */
  readonly publicUrl: string | undefined;
  readonly bootstrapApiKey: string | undefined;
  /** Undefined: the simulator's. */
  readonly alipay: AlipayConfig | undefined;
  readonly simulatorPort: number;
  readonly dataDir: string;
  readonly autoCompleteAfterDays: number;
  readonly logLevel: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const ALIPAY_SETTINGS = [
  'ALIPAY_GATEWAY_URL',
  'ALIPAY_APP_ID',
  'ALIPAY_SELLER_ID',
  'ALIPAY_PRIVATE_KEY_FILE',
  'ALIPAY_PUBLIC_KEY_FILE',
] as const;

/** The simulator writes this line into its key files, and this is its app. */
const SIMULATOR_KEY = 'Suanpan simulator key';
const SIMULATOR_APP_ID = '9021000000000001';

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
  const alipay = alipayConfig(env, production);
  if (production && !alipay) throw new ConfigError('ALIPAY_APP_ID', 'is missing: production does not run on the simulator');
  return {
    production,
    host: text(env, 'HOST') ?? (production ? '0.0.0.0' : '127.0.0.1'),
    port,
    databaseUrl,
    databasePoolSize: integer(env, 'DATABASE_POOL_SIZE', 10, 2, 500),
    publicUrl,
    bootstrapApiKey: apiKey(env, 'BOOTSTRAP_API_KEY', production),
    alipay,
    simulatorPort: integer(env, 'SIMULATOR_PORT', 4000, 0, 65_535),
    dataDir: text(env, 'DATA_DIR') ?? '.data',
    autoCompleteAfterDays: integer(env, 'AUTO_COMPLETE_AFTER_DAYS', 10, 1, 365),
    logLevel: choice(env, 'LOG_LEVEL', production ? 'info' : 'warn', LOG_LEVELS),
  };
}

/** All of Alipay's settings or none of them. */
export function alipayConfig(env: Environment, production: boolean): AlipayConfig | undefined {
  if (ALIPAY_SETTINGS.every((setting) => text(env, setting) === undefined)) return undefined;
  const gatewayUrl = address(env, 'ALIPAY_GATEWAY_URL', ['https:', 'http:']) ?? missing('ALIPAY_GATEWAY_URL');
  if (new URL(gatewayUrl).search !== '' || new URL(gatewayUrl).hash !== '')
    throw new ConfigError('ALIPAY_GATEWAY_URL', 'must have no query and no fragment');
  const appId = matching(env, 'ALIPAY_APP_ID', /^\d{1,32}$/, 'must be the digits of your app');
  const sellerId = matching(env, 'ALIPAY_SELLER_ID', /^\d{10,32}$/, 'must be the digits of your account (2088…)');
  if (production && appId === SIMULATOR_APP_ID)
    throw new ConfigError('ALIPAY_APP_ID', 'is the app of the simulator, which production refuses');
  const privateKey = key(env, 'ALIPAY_PRIVATE_KEY_FILE', production, 'PRIVATE KEY', createPrivateKey);
  const alipayPublicKey = key(env, 'ALIPAY_PUBLIC_KEY_FILE', production, 'PUBLIC KEY', createPublicKey);
  return { gatewayUrl, appId, sellerId, privateKey, alipayPublicKey };
}

function key(env: Environment, setting: string, production: boolean, kind: string, parse: (pem: string) => KeyObject): KeyObject {
  const path = text(env, setting) ?? missing(setting);
  let pem: string;
  try {
    pem = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError(setting, `${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`);
  }
  if (production && pem.includes(SIMULATOR_KEY)) throw new ConfigError(setting, 'holds a key of the simulator, which production refuses');
  if (!new RegExp(`-----BEGIN (?:RSA )?${kind}-----`).test(pem))
    throw new ConfigError(setting, `${path} is not a PEM file with a ${kind.toLowerCase()}`);
  let parsed: KeyObject;
  try {
    parsed = parse(pem);
  } catch {
    throw new ConfigError(setting, `${path} holds a ${kind.toLowerCase()} that cannot be read`);
  }
  const bits = parsed.asymmetricKeyDetails?.modulusLength ?? 0;
  if (parsed.asymmetricKeyType !== 'rsa' || bits < 2048)
    throw new ConfigError(setting, `${path} must hold an RSA key of at least 2048 bits`);
  return parsed;
}

/** An empty setting is an absent one. */
function text(env: Environment, setting: string): string | undefined {
  const value = env[setting]?.trim();
  return value === '' ? undefined : value;
}

function missing(setting: string): never {
  throw new ConfigError(setting, 'is missing');
}

function matching(env: Environment, setting: string, pattern: RegExp, says: string): string {
  const value = text(env, setting) ?? missing(setting);
  if (!pattern.test(value)) throw new ConfigError(setting, says);
  return value;
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
