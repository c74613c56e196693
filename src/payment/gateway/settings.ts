import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { isPublicHost } from '../../kernel/public-address.js';
import type { GatewayName } from './gateway.js';
import { isUsable } from './rsa.js';

/** A setting of a gateway account is missing or wrong. `problem` is the rest of a sentence that begins with the setting's name. */
export class SettingProblem extends Error {
  constructor(
    /** As the API names it, such as `mchId`. */
    readonly field: string,
    readonly problem: string,
  ) {
    super(`${field} ${problem}`);
  }
}

/** What an account consists of, as texts: keys and certificates are PEM. */
export type SettingFields = Readonly<Record<string, string | undefined>>;

export interface AccountField {
  /** As the API names it. */
  readonly name: string;
  /** As the environment names it; one that ends in `_FILE` names the file that holds the value. */
  readonly setting: string;
  /** Never shown, logged or kept in the clear. */
  readonly secret: boolean;
  /** For the reader of the API. */
  readonly description: string;
}

/** How an account of one gateway is described, and how that is checked. */
export interface AccountForm<Settings> {
  readonly gateway: GatewayName;
  readonly fields: readonly AccountField[];
  /** The settings, each checked. Throws `SettingProblem`. */
  read(fields: SettingFields): Settings;
  /** What the gateway knows the account by. No two accounts of a gateway share it. */
  identity(settings: Settings): string;
}

/** The simulator writes this line into its key files, and these are its merchants. */
const SIMULATOR_KEY = 'Suanpan simulator key';
const SIMULATOR_IDS = new Set(['9021000000000001', '9021000000000002', '1900000001', '777290000000001']);

/** What an account must not have in production; where any host may be called, it is none. Throws `SettingProblem`. */
export function refuseForProduction(fields: SettingFields, innerHosts: InnerHosts): void {
  if (innerHosts === 'any') return;
  refuseSimulated(fields);
  refuseInnerAddresses(fields, innerHosts);
}

function refuseSimulated(fields: SettingFields): void {
  for (const [name, value = ''] of Object.entries(fields)) {
    if (value.includes(SIMULATOR_KEY)) throw new SettingProblem(name, 'holds a key of the simulator, which production refuses');
    if (SIMULATOR_IDS.has(value)) throw new SettingProblem(name, 'names a merchant of the simulator, which production refuses');
  }
}

/** Hosts of gateways that are reached within one's own network: any of them while developing, and in production those that are named. */
export type InnerHosts = 'any' | readonly string[];

/**
 * A gateway is called over TLS, and on the Internet: else whoever may set up an account could have the program call what stands
 * beside it. Throws `SettingProblem`.
 */
function refuseInnerAddresses(fields: SettingFields, innerHosts: readonly string[]): void {
  for (const [name, value = ''] of Object.entries(fields)) {
    const text = value.trim();
    if (!/^https?:/i.test(text) || !URL.canParse(text)) continue;
    const { protocol, hostname } = new URL(text);
    if (innerHosts.includes(hostname) || (protocol === 'https:' && isPublicHost(hostname))) continue;
    const problem = protocol === 'https:' ? 'must name a host of the public Internet' : 'must begin with https://';
    throw new SettingProblem(name, `${problem} in production, unless INNER_GATEWAY_HOSTS names its host`);
  }
}

/** An empty setting is an absent one. */
export function optional(fields: SettingFields, name: string): string | undefined {
  const value = fields[name]?.trim();
  return value === '' ? undefined : value;
}

export function required(fields: SettingFields, name: string): string {
  const value = optional(fields, name);
  if (value === undefined) throw new SettingProblem(name, 'is missing');
  return value;
}

/** `says` is the rest of a sentence, such as `must be the digits of your app`. */
export function matching(fields: SettingFields, name: string, pattern: RegExp, says: string): string {
  const value = required(fields, name);
  if (!pattern.test(value)) throw new SettingProblem(name, says);
  return value;
}

/** An address with its path, such as `https://openapi.alipay.com/gateway.do`. */
export function address(fields: SettingFields, name: string): string {
  const value = required(fields, name);
  // The value itself is not repeated: an address may carry a password.
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new SettingProblem(name, 'must be an address that begins with https:// or http://');
  }
  const { search, hash, username, password } = new URL(value);
  if (search !== '' || hash !== '') throw new SettingProblem(name, 'must have no query and no fragment');
  if (username !== '' || password !== '') throw new SettingProblem(name, 'must have no user name and no password');
  return value;
}

/** An address without a path, such as `https://api.mch.weixin.qq.com`. */
export function origin(fields: SettingFields, name: string): string {
  const url = new URL(address(fields, name));
  if (url.pathname !== '/') throw new SettingProblem(name, `must be an origin, such as ${url.origin}, without a path`);
  return url.origin;
}

export function privateKey(fields: SettingFields, name: string): KeyObject {
  return rsaKey(fields, name, 'private key', /-----BEGIN (?:RSA )?PRIVATE KEY-----/, (pem) => createPrivateKey(pem));
}

export function publicKey(fields: SettingFields, name: string): KeyObject {
  return rsaKey(fields, name, 'public key', /-----BEGIN (?:RSA )?PUBLIC KEY-----/, (pem) => createPublicKey(pem));
}

/** The first certificate in a PEM text. */
export function certificate(fields: SettingFields, name: string): X509Certificate {
  const pem = required(fields, name);
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new SettingProblem(name, 'is not a PEM text with a certificate');
  try {
    return new X509Certificate(pem.slice(pem.indexOf('-----BEGIN CERTIFICATE-----')));
  } catch {
    throw new SettingProblem(name, 'holds a certificate that cannot be read');
  }
}

function rsaKey(fields: SettingFields, name: string, kind: string, marker: RegExp, parse: (pem: string) => KeyObject): KeyObject {
  const pem = required(fields, name);
  if (!marker.test(pem)) throw new SettingProblem(name, `is not a PEM text with a ${kind}`);
  let key: KeyObject;
  try {
    key = parse(pem);
  } catch {
    throw new SettingProblem(name, `holds a ${kind} that cannot be read`);
  }
  if (!isUsable(key)) throw new SettingProblem(name, 'must hold an RSA key of at least 2048 bits');
  return key;
}
