import { createHash, X509Certificate } from 'node:crypto';

import { isUsable } from '../rsa.js';

/** Bundles have four. */
const MOST_CERTIFICATES = 32;
/** The object identifiers of all signatures with RSA begin so: 1.2.840.113549.1.1. */
const WITH_RSA = '2a864886f70d0101';
/** SHA-256, SHA-384 and SHA-512 with RSA. */
const STRONG = new Set([`${WITH_RSA}0b`, `${WITH_RSA}0c`, `${WITH_RSA}0d`]);
/** Alipay's chains have three certificates. */
const LONGEST_CHAIN = 6;

/** The certificates in a PEM text, in its order. Undefined where one cannot be read, or where there is none. */
export function certificatesIn(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0 || blocks.length > MOST_CERTIFICATES) return undefined;
  try {
    const certificates = blocks.map((block) => new X509Certificate(block));
    // A number below zero is nobody's, and has no name in certificate mode.
    return certificates.some(({ serialNumber }) => serialNumber.startsWith('-')) ? undefined : certificates;
  } catch {
    return undefined;
  }
}

/**
 * What Alipay calls the `cert_sn` of a certificate: the MD5 of its issuer, from the common name up to the country, and
 * its serial number in decimal. It names a certificate and proves nothing.
 * Source: Alipay, signing in certificate mode (documents under "signing" in docs/gateways/alipay.md).
 */
export function certificateNumber(certificate: X509Certificate): string {
  const issuer = attributesOf(certificate.issuer).reverse().join(',');
  return createHash('md5')
    .update(issuer + BigInt(`0x${certificate.serialNumber}`).toString())
    .digest('hex');
}

/** `alipay_root_cert_sn`: the numbers of the roots that are signed with RSA. Those with SM2 or ECDSA do not count. */
export function rootNumber(roots: readonly X509Certificate[]): string {
  return roots.filter(isSignedWithRsa).map(certificateNumber).join('_');
}

export function isSignedWithRsa(certificate: X509Certificate): boolean {
  return signatureAlgorithm(certificate.raw).startsWith(WITH_RSA);
}

export function isValidAt(certificate: X509Certificate, now: Date): boolean {
  return Date.parse(certificate.validFrom) <= now.getTime() && now.getTime() <= Date.parse(certificate.validTo);
}

/** What trust in a certificate of Alipay's rests on. */
export interface TrustAnchors {
  /** Alipay's certificate as the console gave it, and after it those that lead from it to a root, where the file has them. */
  readonly alipay: readonly X509Certificate[];
  readonly roots: readonly X509Certificate[];
}

/**
 * Why a certificate is not to be believed, or undefined where it leads to a root. `offered` is the certificate and, after it, what came
 * along to lead to a root.
 *
 * Every merchant has a certificate under Alipay's roots. So it must bear the name that Alipay's bears, and only an authority may have
 * issued it: one that says it is, or one from our own settings, because Alipay's sandbox has an authority that does not say so.
 */
export function trustFlaw(offered: readonly X509Certificate[], anchors: TrustAnchors, now: Date): string | undefined {
  const [leaf, ...alongside] = offered;
  const [ours, ...between] = anchors.alipay;
  if (leaf === undefined || ours === undefined) return 'there is no certificate';
  if (commonName(leaf) !== commonName(ours)) return 'the certificate was not issued to Alipay';
  if (!isUsable(leaf.publicKey)) return 'the certificate has no RSA key of at least 2048 bits';
  const authorities = [...between, ...alongside.filter(({ ca }) => ca)];
  let link: X509Certificate | undefined = leaf;
  for (let length = 0; link !== undefined && length < LONGEST_CHAIN; length += 1) {
    if (!isValidAt(link, now)) return 'a certificate has expired or is not valid yet';
    const child: X509Certificate = link;
    if (anchors.roots.some((root) => hasIssued(root, child))) return undefined;
    link = authorities.find((authority) => hasIssued(authority, child));
  }
  return 'the certificate does not lead to one of the roots';
}

function hasIssued(issuer: X509Certificate, certificate: X509Certificate): boolean {
  try {
    return (
      certificate.issuer === issuer.subject &&
      STRONG.has(signatureAlgorithm(certificate.raw)) &&
      isUsable(issuer.publicKey) &&
      certificate.verify(issuer.publicKey)
    );
  } catch {
    return false;
  }
}

/** The attributes of a name, such as `CN=Root`, in the certificate's order. Node puts each on a line of its own, with backslashes. */
function attributesOf(name: string): string[] {
  return name.split(/\n| \+ /).map((attribute) =>
    attribute.replace(/\\([0-9A-Fa-f]{2})|\\(.)/g, (_, code: string | undefined, character: string | undefined) => {
      return code === undefined ? (character ?? '') : String.fromCharCode(Number.parseInt(code, 16));
    }),
  );
}

function commonName(certificate: X509Certificate): string | undefined {
  return attributesOf(certificate.subject).find((attribute) => attribute.startsWith('CN='));
}

/** The object identifier of the signature, in hexadecimal: the first member of the second member of the certificate. Source: RFC 5280, 4.1. */
function signatureAlgorithm(der: Buffer): string {
  const body = contentAt(der, contentAt(der, 0).start);
  const identifier = contentAt(der, contentAt(der, body.end).start);
  return der.toString('hex', identifier.start, identifier.end);
}

/** Where the content of the DER element at `at` starts and ends. */
function contentAt(der: Buffer, at: number): { readonly start: number; readonly end: number } {
  const first = der.at(at + 1) ?? 0;
  const digits = first < 0x80 ? 0 : first & 0x7f;
  const start = at + 2 + digits;
  const length = digits === 0 ? first : Number.parseInt(der.toString('hex', at + 2, start), 16);
  return { start, end: start + length };
}
