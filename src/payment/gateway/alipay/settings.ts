import { createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { isUsable } from '../rsa.js';
import {
  address,
  matching,
  optional,
  privateKey,
  publicKey,
  required,
  SettingProblem,
  type AccountForm,
  type SettingFields,
} from '../settings.js';
import { certificatesIn, isSignedWithRsa, type TrustAnchors } from './certificates.js';

/** One application of a merchant at Alipay, which signs either with plain keys or with certificates. */
export type AlipaySettings = AlipayApplication & (PublicKeyMode | CertificateMode);

export interface AlipayApplication {
  /** `https://openapi.alipay.com/gateway.do`, or the sandbox's or the simulator's. */
  readonly gatewayUrl: string;
  readonly appId: string;
  /** The merchant's account at Alipay, 2088 and twelve digits. */
  readonly sellerId: string;
  /** The application's own key, RSA of 2048 bits or more. */
  readonly privateKey: KeyObject;
}

export interface PublicKeyMode {
  /** Alipay's key from the console, not the application's public key that was uploaded there. */
  readonly alipayPublicKey: KeyObject;
  readonly certificates?: undefined;
}

export interface CertificateMode {
  readonly certificates: AlipayCertificates;
  readonly alipayPublicKey?: undefined;
}

export interface AlipayCertificates extends TrustAnchors {
  /** The application's, which holds the public half of `privateKey`. */
  readonly app: X509Certificate;
}

const CERTIFICATE_FIELDS = ['appCertificate', 'alipayCertificate', 'rootCertificates'] as const;

/** Source: docs/gateways/alipay.md, which says where in Alipay's console each comes from. */
export const ALIPAY_ACCOUNT: AccountForm<AlipaySettings> = {
  gateway: 'alipay',
  fields: [
    field('gatewayUrl', 'ALIPAY_GATEWAY_URL', 'The whole address, such as https://openapi.alipay.com/gateway.do.'),
    field('appId', 'ALIPAY_APP_ID', "The application's number."),
    field('sellerId', 'ALIPAY_SELLER_ID', 'The account that is paid: 2088 and twelve digits.'),
    { ...field('privateKey', 'ALIPAY_PRIVATE_KEY_FILE', "The application's private key, PEM, RSA of 2048 bits or more."), secret: true },
    field('alipayPublicKey', 'ALIPAY_PUBLIC_KEY_FILE', "Alipay's public key, PEM. Left out where the application uses certificates."),
    field('appCertificate', 'ALIPAY_APP_CERT_FILE', "In certificate mode: the application's certificate, PEM (appCertPublicKey_….crt)."),
    field('alipayCertificate', 'ALIPAY_CERT_FILE', "In certificate mode: Alipay's certificate, PEM (alipayCertPublicKey_RSA2.crt)."),
    field('rootCertificates', 'ALIPAY_ROOT_CERT_FILE', "In certificate mode: the bundle of Alipay's roots, PEM (alipayRootCert.crt)."),
  ],
  read(fields) {
    const gatewayUrl = address(fields, 'gatewayUrl');
    const appId = matching(fields, 'appId', /^\d{1,32}$/, 'must be the digits of your app');
    const sellerId = matching(fields, 'sellerId', /^\d{10,32}$/, 'must be the digits of your account (2088…)');
    const application = { gatewayUrl, appId, sellerId, privateKey: privateKey(fields, 'privateKey') };
    return { ...application, ...modeOf(fields, application.privateKey) };
  },
  identity: ({ appId }) => appId,
};

function field(
  name: string,
  setting: string,
  description: string,
): { name: string; setting: string; secret: boolean; description: string } {
  return { name, setting, secret: false, description };
}

function modeOf(fields: SettingFields, ownKey: KeyObject): PublicKeyMode | CertificateMode {
  const given = CERTIFICATE_FIELDS.filter((name) => optional(fields, name) !== undefined);
  if (given.length === 0) return { alipayPublicKey: alipayPublicKey(fields, ownKey) };
  if (optional(fields, 'alipayPublicKey') !== undefined) {
    throw new SettingProblem('alipayPublicKey', 'must be left out where certificates are given: an app uses one or the other');
  }
  return { certificates: certificatesOf(fields, ownKey) };
}

function alipayPublicKey(fields: SettingFields, ownKey: KeyObject): KeyObject {
  const key = publicKey(fields, 'alipayPublicKey');
  // The mistake that integrators make most, and nothing but failing signatures would tell them.
  if (key.equals(createPublicKey(ownKey))) {
    throw new SettingProblem('alipayPublicKey', "is the app's own public key: the one that Alipay shows in return is wanted");
  }
  return key;
}

function certificatesOf(fields: SettingFields, ownKey: KeyObject): AlipayCertificates {
  const [app] = bundle(fields, 'appCertificate');
  const alipay = bundle(fields, 'alipayCertificate');
  const roots = bundle(fields, 'rootCertificates');
  const [own] = alipay;
  if (app?.checkPrivateKey(ownKey) !== true) throw new SettingProblem('appCertificate', "is not of the app's private key");
  if (own === undefined || !isUsable(own.publicKey))
    throw new SettingProblem('alipayCertificate', 'must hold an RSA key of at least 2048 bits');
  if (own.checkPrivateKey(ownKey)) throw new SettingProblem('alipayCertificate', "is the app's own certificate: Alipay's is wanted");
  if (!roots.some(isSignedWithRsa)) throw new SettingProblem('rootCertificates', 'holds no root that is signed with RSA');
  return { app, alipay, roots };
}

function bundle(fields: SettingFields, name: string): readonly X509Certificate[] {
  const pem = required(fields, name);
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new SettingProblem(name, 'is not a PEM text with a certificate');
  const found = certificatesIn(pem);
  if (found === undefined) throw new SettingProblem(name, 'holds a certificate that cannot be read');
  return found;
}
