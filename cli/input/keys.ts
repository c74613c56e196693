import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';

import { UsageError } from '../usage-error.js';

/** A public key to verify with. `title` is what a person knows it by: the name of its file, or of a setting. */
export interface NamedKey {
  readonly title: string;
  readonly key: KeyObject;
  readonly certificate?: X509Certificate;
  /** What WeChat Pay calls the key by. */
  readonly serial?: string;
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The public key in a PEM text, or that of its first certificate: those that follow lead to a root. Throws `UsageError`; `subject` begins what it says. */
export function readPublicKey(subject: string, pem: string, title: string): NamedKey {
  if (pem.includes('PRIVATE KEY-----')) throw new UsageError(`${subject} holds a private key, and a public one verifies`);
  const [block] = pem.match(CERTIFICATES) ?? [];
  if (block !== undefined) {
    const certificate = readCertificate(subject, block);
    return { title, key: rsa(subject, certificate.publicKey), certificate };
  }
  if (!/-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(pem)) {
    const bare = /^[A-Za-z0-9+/=\s]{100,}$/.test(pem);
    throw new UsageError(`${subject} ${bare ? 'has a key without the line -----BEGIN PUBLIC KEY----- before it' : 'is no PEM file'}`);
  }
  try {
    return { title, key: rsa(subject, createPublicKey(pem)) };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${subject} holds a public key that cannot be read`);
  }
}

/** The certificates in a PEM text. Throws `UsageError`. */
export function readCertificates(subject: string, pem: string): readonly X509Certificate[] {
  const blocks = pem.match(CERTIFICATES) ?? [];
  if (blocks.length === 0) throw new UsageError(`${subject} is no PEM file with a certificate`);
  return blocks.map((block) => readCertificate(subject, block));
}

/** The private key in a PEM text, or undefined where it holds none. Throws `UsageError`. */
export function readPrivateKey(subject: string, pem: string): KeyObject | undefined {
  if (!pem.includes('PRIVATE KEY-----')) return undefined;
  if (pem.includes('ENCRYPTED')) throw new UsageError(`${subject} holds a private key that a password protects: take that away first`);
  try {
    return rsa(subject, createPrivateKey(pem));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${subject} holds a private key that cannot be read`);
  }
}

function readCertificate(subject: string, block: string): X509Certificate {
  try {
    return new X509Certificate(block);
  } catch {
    throw new UsageError(`${subject} holds a certificate that cannot be read`);
  }
}

function rsa(subject: string, key: KeyObject): KeyObject {
  if (key.asymmetricKeyType !== 'rsa') throw new UsageError(`${subject} holds no RSA key, and all three gateways sign with RSA`);
  return key;
}
