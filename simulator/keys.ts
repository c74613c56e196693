import { alipayKeysIn, generateAlipayKeys, type AlipayKeys } from './alipay/keys.js';
import { keysIn, type KeyFolder } from './key-folder.js';
import { generateUnionPayKeys, type UnionPayKeys } from './unionpay/keys.js';
import { generateWechatpayKeys, wechatpayKeysIn, type WechatpayKeys } from './wechatpay/keys.js';

/** The keys of every gateway and of its merchant. All of it is text, and can be handed on as JSON. */
export interface SimulatorKeys {
  readonly alipay: AlipayKeys;
  readonly wechatpay: WechatpayKeys;
  readonly unionpay: UnionPayKeys;
}

export const UNIONPAY_FOLDER: KeyFolder<keyof UnionPayKeys> = {
  folder: 'unionpay',
  files: {
    rootCertificate: 'root-certificate.pem',
    middleCertificate: 'middle-certificate.pem',
    merchantCertificate: 'merchant-certificate.pem', // With the merchant's private key, as UnionPay hands them out.
    gatewayPrivateKey: 'gateway-private-key.pem',
    gatewayCertificate: 'gateway-certificate.pem',
    expiredCertificate: 'expired-certificate.pem',
    otherMerchantPrivateKey: 'other-merchant-private-key.pem',
    otherMerchantCertificate: 'other-merchant-certificate.pem',
    outsidePrivateKey: 'outside-private-key.pem',
    outsideCertificate: 'outside-certificate.pem',
  },
};

export async function generateSimulatorKeys(): Promise<SimulatorKeys> {
  const [alipay, wechatpay, unionpay] = await Promise.all([generateAlipayKeys(), generateWechatpayKeys(), generateUnionPayKeys()]);
  return { alipay, wechatpay, unionpay };
}

/** The keys of the data folder. Those of a gateway that the folder does not know yet are made. */
export async function simulatorKeysIn(dataDir: string): Promise<SimulatorKeys> {
  const [alipay, wechatpay, unionpay] = await Promise.all([
    alipayKeysIn(dataDir),
    wechatpayKeysIn(dataDir),
    keysIn(dataDir, UNIONPAY_FOLDER, generateUnionPayKeys),
  ]);
  return { alipay, wechatpay, unionpay };
}
