import { X509Certificate, type KeyObject } from 'node:crypto';
import { isUsable } from '../rsa.js';
import { open } from './encryption.js';
import { listIn, objectIn, parseObject, textIn, type Fields } from './fields.js';
import type { WechatpaySettings } from './settings.js';
import { signatureFlaw, type SignedMessage } from './signing.js';

/** A certificate that WeChat Pay signs with, and while it counts. */
export interface PlatformCertificate {
  readonly serial: string;
  readonly key: KeyObject;
  readonly from: Date;
  readonly until: Date;
}

/** `none`: the merchant has only WeChat Pay's public key. `refused` is final for now, `failed` is worth another try soon. */
export type CertificateList =
  | { readonly kind: 'certificates'; readonly certificates: readonly PlatformCertificate[] }
  | { readonly kind: 'none' }
  | { readonly kind: 'refused' | 'failed'; readonly cause: string };

/** The serial number of a certificate, as `Wechatpay-Serial` writes it. */
export const CERTIFICATE_SERIAL = /^[0-9A-F]{8,40}$/;

const MOST_CERTIFICATES = 32;

/**
 * The certificates of an answer to `GET /v3/certificates` with status 200. On the first download no key is known yet that
 * could verify it: only who has the API v3 key can have encrypted the certificates, so what decrypts is trusted, and then
 * the answer's signature must fit one of them, or the public key. Source: WeChat Pay, 4012154180 and documents
 * under "signing".
 */
export async function readCertificates(
  answer: SignedMessage,
  { apiV3Key, publicKey }: Pick<WechatpaySettings, 'apiV3Key' | 'publicKey'>,
  now: Date,
): Promise<CertificateList> {
  const entries = listIn(parseObject(answer.body), 'data').slice(0, MOST_CERTIFICATES);
  const certificates = entries.map((entry) => certificateIn(entry, apiV3Key)).filter((one) => one !== undefined);
  if (certificates.length === 0) return failed('no certificate in the answer can be read with the API v3 key');
  const flaw = await signatureFlaw(answer, now, (serial) => {
    if (serial === publicKey?.id) return publicKey.key;
    const signer = certificates.find((one) => one.serial === serial);
    return signer !== undefined && isValid(signer, now) ? signer.key : 'is not among the certificates of the answer';
  });
  return flaw === undefined
    ? { kind: 'certificates', certificates }
    : failed(`the list of certificates is not to be believed: ${flaw.reason}`);
}

export function isValid({ from, until }: PlatformCertificate, at: Date): boolean {
  return at >= from && at <= until;
}

/** One entry of the list, or undefined where it cannot be decrypted or is not the RSA certificate it is said to be. */
function certificateIn(entry: Fields | undefined, apiV3Key: KeyObject): PlatformCertificate | undefined {
  const serial = textIn(entry, 'serial_no') ?? '';
  const sealed = objectIn(entry, 'encrypt_certificate');
  const pem = open(
    {
      nonce: textIn(sealed, 'nonce') ?? '',
      associatedData: textIn(sealed, 'associated_data') ?? '',
      ciphertext: textIn(sealed, 'ciphertext') ?? '',
    },
    apiV3Key,
  );
  if (pem === undefined || !CERTIFICATE_SERIAL.test(serial)) return undefined;
  try {
    const certificate = new X509Certificate(pem);
    const key = certificate.publicKey;
    if (!isUsable(key) || bare(certificate.serialNumber) !== bare(serial)) return undefined;
    return { serial, key, from: new Date(certificate.validFrom), until: new Date(certificate.validTo) };
  } catch {
    return undefined;
  }
}

function bare(serial: string): string {
  return serial.replace(/^0+/, '');
}

function failed(cause: string): CertificateList {
  return { kind: 'failed', cause };
}
