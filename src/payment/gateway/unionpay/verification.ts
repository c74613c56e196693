import { X509Certificate } from 'node:crypto';
import { isUsable, verify } from '../rsa.js';
import { signedDigest, type Fields } from './signing.js';

/** The third part of the common name in UnionPay's certificate. */
export const UNIONPAY_NAME = '中国银联股份有限公司';
/** What the test environment may have there. */
export const TEST_NAME = '00040000:SIGN';
export const TEST_HOST = 'gateway.test.95516.com';

/** Whom a message may come from: the certificates that UnionPay's own must lead to, and the names that it may bear. */
export interface TrustAnchors {
  readonly root: X509Certificate;
  readonly middle: X509Certificate;
  readonly names: readonly string[];
}

/** In the order in which they are looked for: the first is the verdict. */
export type FlawReason = 'missing' | 'cert' | 'chain' | 'expired' | 'cn' | 'signature';

export interface Flaw {
  readonly reason: FlawReason;
  /** For a person. Quotes nothing of the message. */
  readonly says: string;
}

/** The names that a gateway's certificate may bear. Production must never take the test environment's for UnionPay's. */
export function acceptedNames(gatewayUrl: string): readonly string[] {
  return new URL(gatewayUrl).hostname === TEST_HOST ? [UNIONPAY_NAME, TEST_NAME] : [UNIONPAY_NAME];
}

/** In characters. A certificate has about 1,600. */
const LONGEST_CERTIFICATE = 8 * 1024;
const PEM = /^-----BEGIN CERTIFICATE-----\r?\n[A-Za-z0-9+/=\r\n]+-----END CERTIFICATE-----\s*$/;

/**
 * What is wrong with the signature of a message at an instant, or undefined. The message brings the certificate that it is
 * verified with, so a signature that fits proves nothing by itself: the certificate must lead to the two that are pinned,
 * and must be UnionPay's own, because every merchant has one of the same authority. Never throws.
 * Source: UnionPay, ACPSample_B2C, `SDKUtil.validate` and `CertUtil.verifyCertificate`.
 */
export async function messageFlaw(fields: Fields, anchors: TrustAnchors, at: Date): Promise<Flaw | undefined> {
  const signature = text(fields, 'signature');
  const pem = text(fields, 'signPubKeyCert');
  if (signature === '') return { reason: 'missing', says: 'signature is missing' };
  if (pem === '') return { reason: 'missing', says: 'signPubKeyCert is missing' };
  const leaf = readCertificate(pem);
  if (leaf === undefined) return { reason: 'cert', says: 'signPubKeyCert is no certificate with an RSA key of at least 2048 bits' };
  const flaw = chainFlaw(leaf, anchors) ?? validityFlaw(leaf, anchors, at) ?? nameFlaw(leaf, anchors.names) ?? methodFlaw(fields);
  if (flaw !== undefined) return flaw;
  if (await verify(signedDigest(fields), signature, leaf.publicKey)) return undefined;
  return { reason: 'signature', says: 'the signature does not fit' };
}

/** A certificate as `signPubKeyCert` holds it, or undefined: one PEM block, and nothing beside it. */
export function readCertificate(pem: string): X509Certificate | undefined {
  if (pem.length > LONGEST_CERTIFICATE || !PEM.test(pem)) return undefined;
  try {
    const certificate = new X509Certificate(pem);
    return isUsable(certificate.publicKey) ? certificate : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `issuer` is an authority that issued `certificate`: by name, and by signature. */
export function issuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false;
  }
}

function chainFlaw(leaf: X509Certificate, { root, middle }: TrustAnchors): Flaw | undefined {
  const chain = (says: string): Flaw => ({ reason: 'chain', says });
  if (!issuedBy(root, root)) return chain('the root certificate did not issue itself');
  if (!issuedBy(middle, root)) return chain('the middle certificate was not issued by the root certificate');
  if (!issuedBy(leaf, middle)) return chain('signPubKeyCert was not issued by the middle certificate');
  if (leaf.ca) return chain('signPubKeyCert is an authority, which signs no messages');
  return undefined;
}

function validityFlaw(leaf: X509Certificate, { root, middle }: TrustAnchors, at: Date): Flaw | undefined {
  const titles = new Map([
    ['signPubKeyCert', leaf],
    ['the middle certificate', middle],
    ['the root certificate', root],
  ]);
  for (const [title, { validFrom, validTo }] of titles) {
    const valid = Date.parse(validFrom) <= at.getTime() && at.getTime() <= Date.parse(validTo);
    if (!valid) return { reason: 'expired', says: `${title} is valid from ${validFrom} until ${validTo}` };
  }
  return undefined;
}

/** `041@8310000000083040@中国银联股份有限公司@00016495`: an organisation that CFCA vouches for, and not a name of one's own choice. */
function nameFlaw(leaf: X509Certificate, names: readonly string[]): Flaw | undefined {
  // Several common names come as a list, which has no third part that everybody would read alike.
  const name: unknown = leaf.toLegacyObject().subject.CN;
  const third = typeof name === 'string' ? name.split('@')[2] : undefined;
  if (third !== undefined && names.includes(third)) return undefined;
  return { reason: 'cn', says: 'signPubKeyCert is a certificate of somebody else than UnionPay' };
}

/** What a message says of itself chooses nothing: 5.0.0 with its SHA-1, and keys that are shared, are refused. */
function methodFlaw(fields: Fields): Flaw | undefined {
  if (text(fields, 'version') !== '5.1.0') return { reason: 'signature', says: 'version is not 5.1.0' };
  if (text(fields, 'signMethod') !== '01') return { reason: 'signature', says: 'signMethod is not 01' };
  return undefined;
}

function text(fields: Fields, name: string): string {
  return (fields.get(name) ?? '').toString();
}
