import { createHash, sign, verify, type KeyObject } from 'node:crypto';
import type { Fields } from './message.js';

/** A private key, and the certificate that goes out with what it signs. */
export interface Credentials {
  readonly privateKey: KeyObject;
  readonly certificate: string; // PEM.
}

/**
 * What version 5.1.0 signs: every field that has a value, `signature` itself excepted, by name in ASCII order, values as they are.
 * Source: UnionPay's own Java kit (`SDKUtil.coverMap2String`).
 */
export function signedText(fields: Fields): string {
  return Object.keys(fields)
    .filter((name) => name !== 'signature' && fields[name] !== '')
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
}

/**
 * signMethod 01: SHA-256 with RSA, PKCS#1 v1.5, in base64 — over the text's SHA-256 as 64 lower-case letters and digits, so that
 * SHA-256 is applied twice. Source: UnionPay's own Java kit (`SecureUtil.sha256X16`, `SDKUtil.sign`).
 */
export function signatureOf(fields: Fields, privateKey: KeyObject): string {
  return sign('RSA-SHA256', Buffer.from(digestOf(fields)), privateKey).toString('base64');
}

export function verifies(fields: Fields, publicKey: KeyObject): boolean {
  return verify('RSA-SHA256', Buffer.from(digestOf(fields)), publicKey, Buffer.from(fields.signature ?? '', 'base64'));
}

/** As the gateway sends it: with the certificate of the key that signed it, which is part of what is signed. */
export function signed(fields: Fields, credentials: Credentials): Fields {
  const said = certified(fields, credentials);
  return { ...said, signature: signatureOf(said, credentials.privateKey) };
}

/** Without the signature. Certificates travel with CRLF, and none at the end. */
export function certified(fields: Fields, { certificate }: Credentials): Fields {
  return { ...fields, signPubKeyCert: certificate.trim().replace(/\r?\n/g, '\r\n') };
}

/** signMethod 11, by a secret that both sides know. It needs no certificate; only forged notices use it here. */
export function secureKeySignature(fields: Fields, secureKey: string): string {
  return sha256(`${signedText(fields)}&${sha256(secureKey)}`);
}

/** Version 5.0.0: the same as signMethod 01 with SHA-1. UnionPay has given it up; only forged notices use it here. */
export function sha1Signature(fields: Fields, privateKey: KeyObject): string {
  const digest = createHash('sha1').update(signedText(fields), 'utf8').digest('hex');
  return sign('RSA-SHA1', Buffer.from(digest), privateKey).toString('base64');
}

/** In lower-case hexadecimal. */
export function digestOf(fields: Fields): string {
  return sha256(signedText(fields));
}

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
