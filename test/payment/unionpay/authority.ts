import 'reflect-metadata';
import { BasicConstraintsExtension, X509Certificate, X509CertificateGenerator } from '@peculiar/x509';
import { webcrypto } from 'node:crypto';

const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };

/** A certificate and its private key, as PEM texts. */
export interface Issued {
  readonly certificate: string;
  readonly privateKey: string;
}

export interface Wish {
  readonly issuer?: Issued;
  readonly ca?: boolean;
  readonly from?: string;
  readonly until?: string;
  readonly serialNumber?: string;
  readonly modulusLength?: number;
}

let serial = 0x1000;

/** Issues a certificate for `subject`, by itself where there is no issuer. */
export async function issue(subject: string, wish: Wish = {}): Promise<Issued> {
  const algorithm = { ...ALGORITHM, modulusLength: wish.modulusLength ?? ALGORITHM.modulusLength };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const issuerKey = wish.issuer && (await importKey(wish.issuer.privateKey));
  const certificate = await X509CertificateGenerator.create({
    serialNumber: wish.serialNumber ?? (serial += 1).toString(16),
    subject,
    issuer: wish.issuer ? new X509Certificate(wish.issuer.certificate).subjectName : subject,
    notBefore: new Date(wish.from ?? '2020-01-01T00:00:00Z'),
    notAfter: new Date(wish.until ?? '2040-01-01T00:00:00Z'),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: issuerKey ?? keys.privateKey,
    extensions: [new BasicConstraintsExtension(wish.ca ?? false, undefined, true)],
  });
  return { certificate: certificate.toString('pem'), privateKey: pem(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)) };
}

function importKey(privateKey: string): Promise<webcrypto.CryptoKey> {
  const der = Buffer.from(privateKey.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', der, ALGORITHM, false, ['sign']);
}

function pem(der: ArrayBuffer): string {
  const lines = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trim();
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`;
}

const UNIONPAY = 'CN=041@8310000000083040@中国银联股份有限公司@00016495, OU=Enterprises, O=CFCA OCA1, C=CN';

async function found() {
  const root = await issue('CN=Test CS CA, O=Test Authority, C=CN', { ca: true });
  const middle = await issue('CN=Test OCA1, O=Test Authority, C=CN', { ca: true, issuer: root });
  const [unionpay, merchant, forger, tester, expired, authority, strangersRoot] = await Promise.all([
    issue(UNIONPAY, { issuer: middle }),
    issue('CN=041@Z2014-11-11@777290058110048:SIGN@00000003, C=CN', { issuer: middle, serialNumber: '1002653215' }),
    // Another merchant of the same authority, whose certificate is as genuine as ours.
    issue('CN=041@Z2014-11-11@700000000000001:SIGN@00000003, C=CN', { issuer: middle }),
    issue('CN=041@8310000000083040@00040000:SIGN@00010002, C=CN', { issuer: middle }),
    issue(UNIONPAY, { issuer: middle, until: '2025-07-31T00:00:00Z' }),
    issue(UNIONPAY, { issuer: middle, ca: true }),
    issue('CN=Test CS CA, O=Test Authority, C=CN', { ca: true }),
  ]);
  const stranger = await issue(UNIONPAY, { issuer: strangersRoot });
  const selfSigned = await issue(UNIONPAY);
  const short = await issue(UNIONPAY, { issuer: middle, modulusLength: 1024 });
  return { root, middle, unionpay, merchant, forger, tester, expired, authority, strangersRoot, stranger, selfSigned, short };
}

export type Authority = Awaited<ReturnType<typeof found>>;

let founded: Promise<Authority> | undefined;

/** An authority like CFCA, with UnionPay, two merchants, and those who would like to be UnionPay. Once a spec file. */
export function authority(): Promise<Authority> {
  return (founded ??= found());
}
