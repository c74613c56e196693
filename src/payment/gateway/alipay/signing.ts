import { sign as signWithCallback, verify as verifyWithCallback, type KeyObject } from 'node:crypto';

/** RSA2 in Alipay's words: SHA256withRSA, PKCS#1 v1.5. Pinned here, whatever a message says of itself. */
const ALGORITHM = 'RSA-SHA256';

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
    .filter(([name]) => name !== 'sign' && name !== 'sign_type')
    .filter(([, value]) => empties === 'kept' || value.length > 0)
    .sort(([left], [right]) => byName(left, right));
  return Buffer.concat(signed.flatMap(([name, value], index) => [Buffer.from(`${index === 0 ? '' : '&'}${name}=`), value]));
}

/** The signature in base64, made on the thread pool: one RSA signature takes longer than most requests do. */
export function sign(content: string, privateKey: KeyObject): Promise<string> {
  return new Promise((resolve, reject) => {
    signWithCallback(ALGORITHM, Buffer.from(content, 'utf8'), privateKey, (error, signature) => {
      if (error === null) resolve(signature.toString('base64'));
      else reject(error);
    });
  });
}

/** True only for a signature of exactly these bytes, written in canonical base64. Never throws. */
export function verify(content: Buffer, signature: string, publicKey: KeyObject): Promise<boolean> {
  const bytes = Buffer.from(signature, 'base64');
  // Node skips what is no base64 and ignores spare bits, so that several texts would name one signature.
  if (bytes.length === 0 || bytes.toString('base64') !== signature) return Promise.resolve(false);
  return new Promise((resolve) => {
    verifyWithCallback(ALGORITHM, content, publicKey, bytes, (error, fits) => resolve(error === null && fits));
  });
}

/** By ASCII, as Alipay sorts: a locale would put the underscore elsewhere. */
function byName(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
