import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { KeyObject, webcrypto, X509Certificate } from 'node:crypto';
import { AlipayGateway } from '../../../src/payment/gateway/alipay/alipay.gateway.js';
import { certificateNumber } from '../../../src/payment/gateway/alipay/certificates.js';
import type { AlipayCertificates } from '../../../src/payment/gateway/alipay/settings.js';
import type { ClientOptions } from '../../../src/payment/gateway/http-client.js';
import { APP_ID, NOW, SELLER_ID, StoppedClock, type Node } from './support.js';

x509.cryptoProvider.set(webcrypto);

const RSA = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 };
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

export interface Issued {
  readonly pem: string;
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
  readonly number: string;
  readonly keys: CryptoKeyPair;
}

interface Wish {
  readonly name: string;
  /** Where not given, it signs itself. */
  readonly by?: Issued;
  readonly ca?: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly algorithm?: typeof RSA | typeof ECDSA;
  readonly sha1?: boolean;
  readonly bits?: number;
}

type CryptoKeyPair = webcrypto.CryptoKeyPair;
let serial = 0x2026010500;

export async function issue({
  name,
  by,
  ca = false,
  from = '2025-01-01',
  to = '2027-01-01',
  algorithm = RSA,
  sha1 = false,
  bits = RSA.modulusLength,
}: Wish): Promise<Issued> {
  const keys = await webcrypto.subtle.generateKey({ ...algorithm, modulusLength: bits }, true, ['sign', 'verify']);
  serial += 1;
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: serial.toString(16),
    subject: name,
    issuer: by?.certificate.subject.replaceAll('\n', ', ') ?? name,
    notBefore: new Date(from),
    notAfter: new Date(to),
    signingKey: sha1 ? await withSha1((by ?? { keys }).keys.privateKey) : (by ?? { keys }).keys.privateKey,
    publicKey: keys.publicKey,
    signingAlgorithm: by === undefined ? algorithm : RSA,
    extensions: ca ? [new x509.BasicConstraintsExtension(true, undefined, true)] : [],
  });
  const certificate = new X509Certificate(made.toString('pem'));
  const privateKey = KeyObject.from(keys.privateKey);
  return { pem: made.toString('pem'), certificate, privateKey, number: certificateNumber(certificate), keys };
}

/** A key of WebCrypto's is bound to its hash. */
async function withSha1(key: webcrypto.CryptoKey): Promise<webcrypto.CryptoKey> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return webcrypto.subtle.importKey('pkcs8', der, { ...RSA, hash: 'SHA-1' }, true, ['sign']);
}

export const ALIPAY_NAME = `C=CN, O=Shop, OU=Alipay, CN=支付宝(中国)网络技术有限公司-${SELLER_ID}`;

/** Alipay's authorities as they are in production: a root, and one authority each for Alipay and for the merchants. */
export async function authorities() {
  const root = await issue({ name: 'C=CN, O=Ant Financial, OU=Certification Authority, CN=Root R1', ca: true });
  const [class1, class2, elliptic, otherRoot] = await Promise.all([
    issue({ name: 'C=CN, O=Ant Financial, CN=Class 1 R1', by: root, ca: true }),
    issue({ name: 'C=CN, O=Ant Financial, CN=Class 2 R1', by: root, ca: true }),
    issue({ name: 'C=CN, O=Ant Financial, CN=Root E1', ca: true, algorithm: ECDSA }),
    issue({ name: 'C=CN, O=Ant Financial, OU=Certification Authority, CN=Root R1', ca: true }),
  ]);
  const [app, alipay, next] = await Promise.all([
    issue({ name: `C=CN, O=Shop, OU=Alipay, CN=${SELLER_ID}-${APP_ID}`, by: class1 }),
    issue({ name: ALIPAY_NAME, by: class2 }),
    issue({ name: ALIPAY_NAME, by: class2 }),
  ]);
  const certificates: AlipayCertificates = {
    app: app.certificate,
    alipay: [alipay.certificate, class2.certificate],
    roots: [elliptic.certificate, root.certificate],
  };
  return { root, class1, class2, elliptic, otherRoot, app, alipay, next, certificates };
}

export type Authorities = Awaited<ReturnType<typeof authorities>>;

export class MovableClock extends StoppedClock {
  private elapsed = 0;
  override now(): Date {
    return new Date(NOW.getTime() + this.elapsed);
  }
  advance(milliseconds: number): void {
    this.elapsed += milliseconds;
  }
}

export function certifiedGatewayAt(
  gatewayUrl: string,
  { app, certificates }: Authorities,
  clock = new MovableClock(),
  options: Partial<ClientOptions> = {},
): AlipayGateway {
  const settings = { gatewayUrl, appId: APP_ID, sellerId: SELLER_ID, privateKey: app.privateKey, certificates };
  return new AlipayGateway(settings, clock, { totalTimeout: 5_000, ...options });
}

export function downloadNode(...certificates: readonly Issued[]): Node {
  const content = Buffer.from(certificates.map(({ pem }) => pem).join('\n')).toString('base64');
  return { code: '10000', msg: 'Success', alipay_cert_content: content };
}
