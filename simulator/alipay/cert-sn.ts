import { createHash, X509Certificate } from 'node:crypto';

/**
 * The number by which Alipay names a certificate: MD5 over the issuer's name, narrowest part first, and the serial number in decimal.
 * Source: docs common/02kf5p.
 */
export function certSn(certificate: string): string {
  const { issuer, serialNumber } = new X509Certificate(certificate);
  const name = issuer.split('\n').reverse().join(',');
  return createHash('md5')
    .update(name + BigInt(`0x${serialNumber}`).toString(), 'utf8')
    .digest('hex');
}

/** The same for a file of root certificates: those that are signed with RSA, in the file's order, joined by `_`. */
export function rootCertSn(bundle: string): string {
  const certificates = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return certificates.filter(isSignedWithRsa).map(certSn).join('_');
}

// 1.2.840.113549.1.1.x, as DER writes it. The bundle's other roots are of SM2 or of elliptic curves, and do not count.
const RSA_SIGNATURES = Buffer.from('06092a864886f70d0101', 'hex');

/** The first algorithm that a certificate names is the one that its issuer signed it with, straight after the serial number. */
function isSignedWithRsa(certificate: string): boolean {
  const { raw, serialNumber } = new X509Certificate(certificate);
  const afterSerial = raw.indexOf(Buffer.from(serialNumber, 'hex')) + serialNumber.length / 2;
  return raw.indexOf(RSA_SIGNATURES, afterSerial) === afterSerial + 2;
}
