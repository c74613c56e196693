import { createPrivateKey } from 'node:crypto';
import type { UnionPayKeys } from './keys.js';
import type { Credentials } from './signing.js';

/** With what the gateway signs, and what others would sign with in its place. */
export interface SigningKeys {
  readonly gateway: Credentials;
  /** The gateway's certificate, and a key that is not in it. */
  readonly otherKey: Credentials;
  /** A certificate of the gateway's name that no authority of ours has signed. */
  readonly otherCertificate: Credentials;
  /** Another merchant's certificate, by the right authority. */
  readonly wrongName: Credentials;
  readonly expired: Credentials;
}

export function signingKeys(keys: UnionPayKeys): SigningKeys {
  const gatewayKey = createPrivateKey(keys.gatewayPrivateKey);
  const outsideKey = createPrivateKey(keys.outsidePrivateKey);
  return {
    gateway: { privateKey: gatewayKey, certificate: keys.gatewayCertificate },
    otherKey: { privateKey: outsideKey, certificate: keys.gatewayCertificate },
    otherCertificate: { privateKey: outsideKey, certificate: keys.outsideCertificate },
    wrongName: { privateKey: createPrivateKey(keys.otherMerchantPrivateKey), certificate: keys.otherMerchantCertificate },
    expired: { privateKey: gatewayKey, certificate: keys.expiredCertificate },
  };
}
