import { constants, createHash, publicDecrypt, type KeyObject } from 'node:crypto';

/** What a signature is over, as the key that made it tells. */
export interface RecoveredDigest {
  /** As Node names it, or undefined where it is none that is known. */
  readonly algorithm: 'sha1' | 'sha256' | 'sha512' | 'md5' | undefined;
  readonly digest: Buffer;
}

/** What stands before the digest in a signature. Source: RFC 8017, 9.2, note 1. */
const PREFIXES: ReadonlyMap<string, RecoveredDigest['algorithm']> = new Map([
  ['3031300d060960864801650304020105000420', 'sha256'],
  ['3021300906052b0e03021a05000414', 'sha1'],
  ['3051300d060960864801650304020305000440', 'sha512'],
  ['3020300c06082a864886f70d020505000410', 'md5'],
]);

/**
 * The digest that a signature of RSA, PKCS#1 v1.5, is over, or undefined where this key did not make it. So whether the key is wrong or
 * the content can be told apart, which a verification that merely fails does not say.
 */
export function recoveredDigest(signature: Buffer, key: KeyObject): RecoveredDigest | undefined {
  let content: Buffer;
  try {
    content = publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
  } catch {
    return undefined;
  }
  const hex = content.toString('hex');
  const [prefix, algorithm] = [...PREFIXES].find(([start]) => hex.startsWith(start)) ?? ['', undefined];
  return { algorithm, digest: content.subarray(prefix.length / 2) };
}

export function isOver({ algorithm, digest }: RecoveredDigest, content: Buffer): boolean {
  return algorithm !== undefined && createHash(algorithm).update(content).digest().equals(digest);
}
