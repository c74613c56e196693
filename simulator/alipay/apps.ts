import { createPrivateKey, createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { certSn, rootCertSn } from './cert-sn.js';
import type { AlipayKeys, CertificateModeKeys } from './keys.js';

export const ALIPAY_APP_ID = '9021000000000001';
export const ALIPAY_CERTIFICATE_APP_ID = '9021000000000002';
export const ALIPAY_SELLER_ID = '2088000000000001';

/** An app of the one merchant that the simulated Alipay knows. */
export interface App {
  readonly appId: string;
  readonly publicKey: KeyObject;
  /** What Alipay signs with for this app. */
  readonly signing: SigningKey;
  /** How requests must name the certificates, where the app works with certificates. */
  readonly certificates: { readonly app: string; readonly root: string } | null;
}

export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly certificateSn: string | null;
}

/** One app for each way of working: bare public keys, and certificates. Source: docs common/02kf5p. */
export class Apps {
  private readonly plain: App;
  private readonly all: readonly App[];

  constructor(keys: AlipayKeys) {
    this.plain = {
      appId: ALIPAY_APP_ID,
      publicKey: createPublicKey(keys.appPublicKey),
      signing: { privateKey: createPrivateKey(keys.alipayPrivateKey), certificateSn: null },
      certificates: null,
    };
    this.all = [this.plain, certificateApp(keys.certificateMode)];
  }

  find(appId: string | undefined): App | undefined {
    return this.all.find((app) => app.appId === appId);
  }

  /** The app that an order was made by. */
  of({ details }: { readonly details: Readonly<Record<string, string>> }): App {
    return this.find(details.appId) ?? this.plain;
  }
}

function certificateApp(keys: CertificateModeKeys): App {
  return {
    appId: ALIPAY_CERTIFICATE_APP_ID,
    publicKey: new X509Certificate(keys.appCertificate).publicKey,
    signing: { privateKey: createPrivateKey(keys.alipayPrivateKey), certificateSn: certSn(keys.alipayCertificate) },
    certificates: { app: certSn(keys.appCertificate), root: rootCertSn(keys.rootCertificate) },
  };
}
