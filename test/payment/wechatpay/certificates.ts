import 'reflect-metadata';
import { X509CertificateGenerator } from '@peculiar/x509';
import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { sealed, type Node, type Signer } from './support.js';

const ALGORITHM = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const YEAR = 365 * 24 * 3_600_000;

/** A platform certificate with its key, as WeChat Pay would have it. */
export interface Platform extends Signer {
  readonly pem: string;
}

/** Valid for five years, and not yet before `from`. */
export async function platformCertificate(from: Date, modulusLength = 2048, serialNumber = randomSerial()): Promise<Platform> {
  const keys = await webcrypto.subtle.generateKey({ ...ALGORITHM, modulusLength, publicExponent: new Uint8Array([1, 0, 1]) }, true, [
    'sign',
    'verify',
  ]);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber,
    name: 'CN=Tenpay.com sign',
    notBefore: from,
    notAfter: new Date(from.getTime() + 5 * YEAR),
    signingAlgorithm: ALGORITHM,
    keys,
  });
  const pem = certificate.toString('pem');
  return { pem, serial: new X509Certificate(pem).serialNumber, key: KeyObject.from(keys.privateKey) };
}

function randomSerial(): string {
  return `5f${Buffer.from(webcrypto.getRandomValues(new Uint8Array(19))).toString('hex')}`;
}

/** An entry of `GET /v3/certificates`. */
export function listed({ pem, serial }: Pick<Platform, 'pem' | 'serial'>, apiV3Key?: string): Node {
  return {
    serial_no: serial,
    effective_time: '2026-01-01T00:00:00+08:00',
    expire_time: '2031-01-01T00:00:00+08:00',
    encrypt_certificate: sealed(pem, 'certificate', apiV3Key),
  };
}
