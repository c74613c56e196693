import { randomInt } from 'node:crypto';
import { issueCertificate, newKeyPair } from '../certificates.js';
import { keysIn, type KeyFolder } from '../key-folder.js';
import { digits } from '../ledger/numbers.js';

/**
 * What the merchant and WeChat Pay each hold, as PEM text where it is a key. WeChat signs with the private half of its public key, or,
 * for merchants of before 2024, with the key of its platform certificate. Source: docs 4012154180.
 */
export interface WechatpayKeys {
  readonly merchantPrivateKey: string;
  readonly merchantCertificate: string;
  readonly apiV3Key: string; // 32 characters, used as bytes.
  readonly publicKeyId: string;
  readonly publicKey: string;
  readonly publicKeyPrivateKey: string;
  readonly platformCertificate: string;
  readonly platformPrivateKey: string;
}

export const WECHATPAY_FOLDER: KeyFolder<keyof WechatpayKeys> = {
  folder: 'wechatpay',
  files: {
    merchantPrivateKey: 'merchant-private-key.pem',
    merchantCertificate: 'merchant-certificate.pem',
    apiV3Key: 'api-v3-key.txt',
    publicKeyId: 'wechatpay-public-key-id.txt',
    publicKey: 'wechatpay-public-key.pem',
    publicKeyPrivateKey: 'wechatpay-private-key.pem',
    platformCertificate: 'platform-certificate.pem',
    platformPrivateKey: 'platform-private-key.pem',
  },
};

const KEY_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export async function generateWechatpayKeys(): Promise<WechatpayKeys> {
  const [merchant, signing, platform] = await Promise.all([
    issueCertificate({ subject: 'CN=1900000001, OU=Simulated merchant, O=Suanpan Simulator, C=CN' }),
    newKeyPair(),
    newPlatformCertificate(),
  ]);
  return {
    merchantPrivateKey: merchant.privateKey,
    merchantCertificate: merchant.certificate,
    apiV3Key: Array.from({ length: 32 }, () => KEY_CHARACTERS[randomInt(KEY_CHARACTERS.length)]).join(''),
    publicKeyId: `PUB_KEY_ID_${digits(34)}`,
    publicKey: signing.publicKey,
    publicKeyPrivateKey: signing.privateKey,
    platformCertificate: platform.certificate,
    platformPrivateKey: platform.privateKey,
  };
}

/** From `validFrom` on, for five years; the first one is valid from before any test's clock. */
export function newPlatformCertificate(validFrom?: Date, validUntil?: Date): ReturnType<typeof issueCertificate> {
  return issueCertificate({ subject: 'CN=Tenpay.com sign, OU=Simulator, O=Suanpan Simulator, C=CN', validFrom, validUntil });
}

/** The keys of the data folder, made if it has none. */
export function wechatpayKeysIn(dataDir: string): Promise<WechatpayKeys> {
  return keysIn(dataDir, WECHATPAY_FOLDER, generateWechatpayKeys);
}
