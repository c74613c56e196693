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
const RSA_SIGNATURES = Buffer.from('2a864886f70d0101', 'hex');
const VERSION_TAG = 0xa0;

/** The signed part of a certificate begins: version (where it has one), serial number, and the algorithm of the issuer's signature. */
function isSignedWithRsa(certificate: string): boolean {
  const { raw } = new X509Certificate(certificate);
  const signedPart = elementAt(raw, elementAt(raw, 0).start);
  const first = elementAt(raw, signedPart.start);
  const serial = raw[signedPart.start] === VERSION_TAG ? elementAt(raw, first.end) : first;
  const algorithm = elementAt(raw, elementAt(raw, serial.end).start);
  return raw.subarray(algorithm.start, algorithm.end).subarray(0, RSA_SIGNATURES.length).equals(RSA_SIGNATURES);
}

/** Where the contents of the DER element at this place start and end. */
function elementAt(der: Buffer, at: number): { start: number; end: number } {
  const length = der.readUInt8(at + 1);
  if (length < 0x80) return { start: at + 2, end: at + 2 + length };
  const bytes = length - 0x80;
  const start = at + 2 + bytes;
  return { start, end: start + der.readUIntBE(at + 2, bytes) };
}
