import type { KeyObject } from 'node:crypto';
import { sign, verify } from '../rsa.js';

export type Parameters = ReadonlyMap<string, string>;

/**
 * The string that a request's signature is over: every parameter but `sign`, the empty ones left out, sorted by name,
 * values as they are and not URL-encoded. `sign_type` stays in, unlike in a notice.
 * Source: Alipay, signing of requests (documents under "signing" in docs/gateways/alipay.md).
 */
export function requestContent(parameters: Parameters): string {
  return [...parameters]
    .filter(([name, value]) => name !== 'sign' && value !== '')
    .sort(([left], [right]) => byName(left, right))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** The parameters with their `sign`, which goes last as Alipay's own clients put it. */
export async function signRequest(parameters: Parameters, privateKey: KeyObject): Promise<Parameters> {
  return new Map([...parameters, ['sign', await sign(requestContent(parameters), privateKey)]]);
}

/**
 * The bytes that a notice's signature is over: every field but `sign` and `sign_type`, decoded once, sorted by name.
 * They are bytes and not text, so the charset of the notice makes no difference.
 * Source: Alipay, verification of notices (documents under "notices" in docs/gateways/alipay.md).
 */
export function noticeContent(fields: ReadonlyMap<string, Buffer>, empties: 'dropped' | 'kept'): Buffer {
  const signed = [...fields]
    .filter(([name, value]) => name !== 'sign' && name !== 'sign_type' && (empties === 'kept' || value.length > 0))
    .sort(([left], [right]) => byName(left, right));
  // In latin1 a byte is a character, and names are in ASCII.
  return Buffer.from(signed.map(([name, value]) => `${name}=${value.toString('latin1')}`).join('&'), 'latin1');
}

/** Whether one of the keys signed exactly these bytes. Never throws. */
export async function isByOneOf(keys: readonly KeyObject[], content: string | Buffer, signature: string): Promise<boolean> {
  for (const key of keys) if (await verify(content, signature, key)) return true;
  return false;
}

/** By ASCII, as Alipay sorts: a locale would put the underscore elsewhere. */
function byName(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
