import 'reflect-metadata';
import { generateKeyPair, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import {
  BasicConstraintsExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  X509Certificate as Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A pair of RSA keys as PEM text: SPKI and PKCS #8. */
export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** A certificate with the private key of whom it names, as PEM text. */
export interface Issued {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface CertificateWish {
  readonly subject: string; // `CN=…, O=…, C=CN`, the narrowest first.
  readonly issuer?: Issued; // Absent: it signs itself.
  readonly isAuthority?: boolean;
  readonly validFrom?: Date;
  readonly validUntil?: Date;
  readonly keys?: KeyPair; // Absent: new ones.
}

// Tests move their clocks; a certificate that is meant to be valid is so wherever they go.
const ALWAYS = { from: new Date('2020-01-01T00:00:00Z'), until: new Date('2049-12-31T00:00:00Z') };
const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const;

export function newKeyPair(): Promise<KeyPair> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** Issues an X.509 certificate, signed with SHA-256 and RSA, under a random serial number of 40 hexadecimal digits. */
export async function issueCertificate(wish: CertificateWish): Promise<Issued> {
  const keys = wish.keys ?? (await newKeyPair());
  // Encoded the other way round, the widest part first, as the authorities of the gateways do.
  const subject = wish.subject.split(', ').reverse().join(', ');
  const authority = wish.isAuthority ?? false;
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject,
    issuer: wish.issuer ? new Certificate(wish.issuer.certificate).subjectName : subject,
    notBefore: wish.validFrom ?? ALWAYS.from,
    notAfter: wish.validUntil ?? ALWAYS.until,
    signingAlgorithm: ALGORITHM,
    publicKey: await webcrypto.subtle.importKey('spki', der(keys.publicKey), ALGORITHM, true, ['verify']),
    signingKey: await webcrypto.subtle.importKey('pkcs8', der((wish.issuer ?? keys).privateKey), ALGORITHM, false, ['sign']),
    extensions: [
      new BasicConstraintsExtension(authority, undefined, true),
      new KeyUsagesExtension(authority ? KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign : KeyUsageFlags.digitalSignature, true),
    ],
  });
  return { certificate: `${certificate.toString('pem')}\n`, privateKey: keys.privateKey };
}

/** 40 upper-case hexadecimal digits, which is how WeChat Pay names a certificate. */
export function serialOf(certificate: string): string {
  return new X509Certificate(certificate).serialNumber.toUpperCase();
}

/** Positive, and without a leading zero that some would drop. */
function newSerial(): string {
  const bytes = randomBytes(20);
  bytes[0] = 0x10 + ((bytes[0] ?? 0) % 0x70);
  return bytes.toString('hex');
}

function der(pem: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'));
}
