import { sign, verify, type KeyObject } from 'node:crypto';

export type Parameters = Readonly<Record<string, string>>;

/**
 * The text that a request's signature covers: every parameter that has a value, `sign` itself excepted, by name in ASCII order.
 * Source: docs common/02kf5q. Requests keep `sign_type`.
 */
export function requestText(parameters: Parameters): string {
  return joined(parameters, ['sign']);
}

/** The same for notices and return addresses, which leave `sign_type` out. Source: docs common/02mse7. */
export function noticeText(parameters: Parameters): string {
  return joined(parameters, ['sign', 'sign_type']);
}

/** RSA2: SHA-256 with RSA, PKCS#1 v1.5, in base64. */
export function rsa2(text: string, privateKey: KeyObject): string {
  return sign('RSA-SHA256', Buffer.from(text, 'utf8'), privateKey).toString('base64');
}

/** RSA: the same with SHA-1. Alipay has given it up; only forged notices use it here. */
export function rsa1(text: string, privateKey: KeyObject): string {
  return sign('RSA-SHA1', Buffer.from(text, 'utf8'), privateKey).toString('base64');
}

export function verifiesRsa2(text: string, signature: string, publicKey: KeyObject): boolean {
  return verify('RSA-SHA256', Buffer.from(text, 'utf8'), publicKey, Buffer.from(signature, 'base64'));
}

/** `&` and `=` inside values stay as they are: what is signed was never URL-encoded. */
function joined(parameters: Parameters, without: readonly string[]): string {
  return Object.keys(parameters)
    .filter((name) => parameters[name] !== '' && !without.includes(name))
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join('&');
}
