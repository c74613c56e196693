import { ALIPAY_APP_ID, ALIPAY_CERTIFICATE_APP_ID, ALIPAY_SELLER_ID } from './alipay/apps.js';
import type { AlipayKeys, CertificateModeKeys } from './alipay/keys.js';
import { serialOf } from './certificates.js';
import type { SimulatorKeys } from './keys.js';
import { unionPayMerchant, type UnionPayMerchant } from './unionpay/keys.js';
import { WECHATPAY_APP_ID, WECHATPAY_MCH_ID } from './wechatpay/merchant.js';

/** What the one merchant's backend needs of each gateway. Keys and certificates are PEM text. */
export interface Merchants {
  readonly alipay: AlipayMerchant;
  readonly wechatpay: WechatpayMerchant;
  readonly unionpay: UnionPayMerchant;
}

export interface AlipayMerchant extends Omit<AlipayKeys, 'certificateMode'> {
  readonly gatewayUrl: string;
  readonly appId: string;
  readonly sellerId: string;
  /** The app that works with certificates; at the same address. */
  readonly certificateMode: Omit<CertificateModeKeys, 'alipayPrivateKey'> & { readonly appId: string; readonly sellerId: string };
}

export interface WechatpayMerchant {
  readonly baseUrl: string; // An origin, to which a backend adds the path.
  readonly mchId: string;
  readonly appId: string;
  readonly serialNo: string; // Of the merchant's certificate.
  readonly privateKey: string;
  readonly apiV3Key: string;
  readonly publicKeyId: string;
  readonly publicKey: string;
}

export function merchantsOf({ alipay, wechatpay, unionpay }: SimulatorKeys, url: string): Merchants {
  const { certificateMode, ...plain } = alipay;
  const { appPrivateKey, appCertificate, alipayCertificate, rootCertificate } = certificateMode;
  const certificates = { appPrivateKey, appCertificate, alipayCertificate, rootCertificate };
  return {
    alipay: {
      ...plain,
      gatewayUrl: `${url}/gateway.do`,
      appId: ALIPAY_APP_ID,
      sellerId: ALIPAY_SELLER_ID,
      certificateMode: { ...certificates, appId: ALIPAY_CERTIFICATE_APP_ID, sellerId: ALIPAY_SELLER_ID },
    },
    wechatpay: {
      baseUrl: url,
      mchId: WECHATPAY_MCH_ID,
      appId: WECHATPAY_APP_ID,
      serialNo: serialOf(wechatpay.merchantCertificate),
      privateKey: wechatpay.merchantPrivateKey,
      apiV3Key: wechatpay.apiV3Key,
      publicKeyId: wechatpay.publicKeyId,
      publicKey: wechatpay.publicKey,
    },
    unionpay: unionPayMerchant(unionpay, url),
  };
}
