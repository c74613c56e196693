import { X509Certificate, type KeyObject } from 'node:crypto';
import { certificate, matching, origin, privateKey, required, SettingProblem, type AccountForm, type SettingFields } from '../settings.js';
import { issuedBy } from './verification.js';

export interface UnionpaySettings {
  /** `https://gateway.95516.com`, or the test environment's, or the simulator's. */
  readonly gatewayUrl: string;
  readonly merId: string;
  /** The merchant's own key, RSA of 2048 bits or more. */
  readonly privateKey: KeyObject;
  /** The serial number of the merchant's certificate, in decimal: it tells UnionPay which key signed. */
  readonly certId: string;
  readonly rootCertificate: X509Certificate;
  /** Issued by the root, and issuer of the certificate that UnionPay signs with. */
  readonly middleCertificate: X509Certificate;
}

export const UNIONPAY_ACCOUNT: AccountForm<UnionpaySettings> = {
  gateway: 'unionpay',
  fields: [
    {
      name: 'gatewayUrl',
      setting: 'UNIONPAY_GATEWAY_URL',
      secret: false,
      description: 'https://gateway.95516.com, in the test environment https://gateway.test.95516.com. Without a path.',
    },
    { name: 'merId', setting: 'UNIONPAY_MER_ID', secret: false, description: 'The merchant number that UnionPay gave, 15 characters.' },
    {
      name: 'certificate',
      setting: 'UNIONPAY_CERT_FILE',
      secret: true,
      description: "The merchant's private key and its certificate, both as PEM in one text.",
    },
    {
      name: 'rootCertificate',
      setting: 'UNIONPAY_ROOT_CERT_FILE',
      secret: false,
      description: 'The root certificate of the authority that UnionPay is certified by, as PEM.',
    },
    {
      name: 'middleCertificate',
      setting: 'UNIONPAY_MIDDLE_CERT_FILE',
      secret: false,
      description: 'The certificate between the root and that of UnionPay, as PEM.',
    },
  ],
  read(fields) {
    const gatewayUrl = origin(fields, 'gatewayUrl');
    const merId = matching(fields, 'merId', /^[0-9A-Za-z]{15}$/, 'must be the 15 digits or letters of the merchant number');
    const key = privateKey(fields, 'certificate');
    const rootCertificate = certificate(fields, 'rootCertificate');
    if (!issuedBy(rootCertificate, rootCertificate)) {
      throw new SettingProblem('rootCertificate', 'is no root certificate: it is not an authority that issued itself');
    }
    const middleCertificate = certificate(fields, 'middleCertificate');
    if (middleCertificate.fingerprint256 === rootCertificate.fingerprint256) {
      throw new SettingProblem(
        'middleCertificate',
        'is the root certificate: the one that it issued, and that issued that of UnionPay, is wanted',
      );
    }
    if (!issuedBy(middleCertificate, rootCertificate)) {
      throw new SettingProblem('middleCertificate', 'is not the certificate of an authority that rootCertificate issued');
    }
    return { gatewayUrl, merId, privateKey: key, certId: certIdOf(ownCertificate(fields, key)), rootCertificate, middleCertificate };
  },
  identity: ({ merId }) => merId,
};

/** UnionPay names certificates by their serial numbers in decimal, and Node writes them in hexadecimal. */
export function certIdOf({ serialNumber }: X509Certificate): string {
  return BigInt(`0x${serialNumber}`).toString();
}

const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The certificate of the private key: a file that was made of a PFX may hold those of the authorities, too, in any order. */
function ownCertificate(fields: SettingFields, key: KeyObject): X509Certificate {
  certificate(fields, 'certificate');
  const own = [...required(fields, 'certificate').matchAll(CERTIFICATES)]
    .map(([pem]) => readable(pem))
    .find((candidate) => candidate?.checkPrivateKey(key));
  if (own === undefined) throw new SettingProblem('certificate', 'holds a private key and a certificate that do not belong together');
  return own;
}

function readable(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
