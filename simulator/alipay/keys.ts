import { issueCertificate, newKeyPair } from '../certificates.js';
import { keysIn, type KeyFolder } from '../key-folder.js';

/** Both key pairs, as PEM text: the merchant's (`app`) and the gateway's (`alipay`). */
export interface AlipayKeys {
  readonly appPrivateKey: string;
  readonly appPublicKey: string;
  readonly alipayPrivateKey: string;
  readonly alipayPublicKey: string;
  readonly certificateMode: CertificateModeKeys;
}

/** The same for the app that works with certificates instead of bare public keys. Source: docs common/02kf5p. */
export interface CertificateModeKeys {
  readonly appPrivateKey: string;
  readonly appCertificate: string;
  readonly alipayPrivateKey: string;
  readonly alipayCertificate: string;
  readonly rootCertificate: string;
}

type PlainKeys = Omit<AlipayKeys, 'certificateMode'>;

export const ALIPAY_FOLDER: KeyFolder<keyof PlainKeys> = {
  folder: 'alipay',
  files: {
    appPrivateKey: 'app-private-key.pem',
    appPublicKey: 'app-public-key.pem',
    alipayPrivateKey: 'alipay-private-key.pem',
    alipayPublicKey: 'alipay-public-key.pem',
  },
};

export const CERTIFICATE_MODE_FOLDER: KeyFolder<keyof CertificateModeKeys> = {
  folder: 'alipay-certificate-mode',
  files: {
    appPrivateKey: 'app-private-key.pem',
    appCertificate: 'app-certificate.pem',
    alipayPrivateKey: 'alipay-private-key.pem',
    alipayCertificate: 'alipay-certificate.pem',
    rootCertificate: 'alipay-root-certificate.pem',
  },
};

export async function generateAlipayKeys(): Promise<AlipayKeys> {
  const [plain, certificateMode] = await Promise.all([generatePlain(), generateCertificateMode()]);
  return { ...plain, certificateMode };
}

/** The keys of the data folder, made if it has none. */
export async function alipayKeysIn(dataDir: string): Promise<AlipayKeys> {
  const plain = keysIn(dataDir, ALIPAY_FOLDER, generatePlain);
  const certificateMode = keysIn(dataDir, CERTIFICATE_MODE_FOLDER, generateCertificateMode);
  return { ...(await plain), certificateMode: await certificateMode };
}

async function generatePlain(): Promise<PlainKeys> {
  const [app, alipay] = await Promise.all([newKeyPair(), newKeyPair()]);
  return {
    appPrivateKey: app.privateKey,
    appPublicKey: app.publicKey,
    alipayPrivateKey: alipay.privateKey,
    alipayPublicKey: alipay.publicKey,
  };
}

/** One authority issues both: the merchant's certificate, and the one that Alipay signs with. */
async function generateCertificateMode(): Promise<CertificateModeKeys> {
  const root = await issueCertificate({ subject: 'CN=Suanpan Simulator Alipay Root, OU=Simulator, O=Suanpan, C=CN', isAuthority: true });
  const [app, alipay] = await Promise.all([
    issueCertificate({ subject: 'CN=2088000000000001-9021000000000002, OU=Alipay, O=Simulated merchant, C=CN', issuer: root }),
    issueCertificate({ subject: 'CN=Suanpan Simulator Alipay, OU=Alipay, O=Suanpan, C=CN', issuer: root }),
  ]);
  return {
    appPrivateKey: app.privateKey,
    appCertificate: app.certificate,
    alipayPrivateKey: alipay.privateKey,
    alipayCertificate: alipay.certificate,
    rootCertificate: root.certificate,
  };
}
