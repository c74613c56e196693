import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { serialOf } from '../certificates.js';
import { newPlatformCertificate, type WechatpayKeys } from './keys.js';

/** What WeChat Pay signs with, and the name under which the merchant knows it. */
export interface PlatformKey {
  readonly serial: string;
  readonly privateKey: KeyObject;
}

export interface PlatformCertificate extends PlatformKey {
  readonly pem: string;
  readonly effectiveFrom: Date;
  readonly expiresAt: Date;
}

/** `both` is a merchant whose change-over is under way: the public key for who names it, certificates for everybody else. */
export const KEY_MODES = ['both', 'public_key', 'certificate'] as const;
export type KeyMode = (typeof KEY_MODES)[number];
export const NOTICE_SIGNERS = ['public_key', 'certificate', 'alternating'] as const;
export type NoticeSigner = (typeof NOTICE_SIGNERS)[number];

const FIVE_YEARS_MS = 5 * 365 * 86_400_000;

/** Which keys WeChat Pay has, and with which it signs what. Source: docs 4012154180. */
export class PlatformKeys {
  mode: KeyMode = 'both';
  noticesSignedBy: NoticeSigner = 'public_key';
  private readonly publicKey: PlatformKey;
  private certificates: readonly PlatformCertificate[];
  private noticesSealed = 0;

  constructor(private readonly keys: WechatpayKeys) {
    this.publicKey = { serial: keys.publicKeyId, privateKey: createPrivateKey(keys.publicKeyPrivateKey) };
    this.certificates = [certificateOf(keys.platformCertificate, keys.platformPrivateKey)];
    // A pair of files that do not belong together would only be noticed by the first merchant that verifies.
    if (!createPublicKey(this.publicKey.privateKey).equals(createPublicKey(keys.publicKey))) throw new Error('The keys do not match.');
  }

  /** Empty for a merchant that has the public key alone. */
  listed(): readonly PlatformCertificate[] {
    return this.mode === 'public_key' ? [] : this.certificates;
  }

  forAnswer(wanted: string | undefined): PlatformKey {
    if (this.mode === 'public_key') return this.publicKey;
    if (this.mode === 'both' && wanted === this.publicKey.serial) return this.publicKey;
    return this.certificates.find(({ serial }) => serial === wanted?.toUpperCase()) ?? this.newest();
  }

  forNotice(): PlatformKey {
    this.noticesSealed += 1;
    const signer = this.mode === 'both' ? this.noticesSignedBy : this.mode;
    if (signer === 'alternating') return this.noticesSealed % 2 === 1 ? this.publicKey : this.newest();
    return signer === 'public_key' ? this.publicKey : this.newest();
  }

  /** A new certificate beside the old ones, which stay valid. */
  async rotate(now: Date): Promise<PlatformCertificate> {
    const { certificate, privateKey } = await newPlatformCertificate(now, new Date(now.getTime() + FIVE_YEARS_MS));
    const added = certificateOf(certificate, privateKey);
    this.certificates = [...this.certificates, added];
    return added;
  }

  reset(): void {
    this.mode = 'both';
    this.noticesSignedBy = 'public_key';
    this.noticesSealed = 0;
    this.certificates = [certificateOf(this.keys.platformCertificate, this.keys.platformPrivateKey)];
  }

  private newest(): PlatformCertificate {
    return this.certificates.reduce((one, other) => (other.effectiveFrom >= one.effectiveFrom ? other : one));
  }
}

function certificateOf(pem: string, privateKey: string): PlatformCertificate {
  const { validFrom, validTo } = new X509Certificate(pem);
  const dates = { effectiveFrom: new Date(validFrom), expiresAt: new Date(validTo) };
  return { serial: serialOf(pem), privateKey: createPrivateKey(privateKey), pem, ...dates };
}
