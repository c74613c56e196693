import { signedDigest, type Fields } from '../../src/payment/gateway/unionpay/signing.js';
import { readCertificate, TEST_NAME, type Flaw, type TrustAnchors } from '../../src/payment/gateway/unionpay/verification.js';
import { likeliestCause } from '../diagnosis/likeliest-cause.js';
import { wronglySigned } from '../diagnosis/unionpay-suspects.js';

/** Why a check failed, as far as that can be found out. */
export function causeOf(flaw: Flaw, fields: Fields, anchors: TrustAnchors, at: Date): string {
  const pem = (fields.get('signPubKeyCert') ?? '').toString();
  const leaf = readCertificate(pem);
  switch (flaw.reason) {
    case 'missing':
      return causeOfMissing(fields);
    case 'cert':
      return causeOfCertificate(pem);
    case 'chain':
      return `wrong root or middle certificate: signPubKeyCert was issued by ${nameOf(leaf?.issuer)}, and the middle certificate is ${nameOf(anchors.middle.subject)}, issued by ${nameOf(anchors.middle.issuer)}; the test environment and production have certificates of their own. Or somebody made it up`;
    case 'expired':
      return `the clock: it is judged by ${at.toISOString()}. An old recording needs --at with the time it arrived; else UnionPay's certificates were renewed, and those given are old`;
    case 'cn':
      return leaf?.subject.includes(TEST_NAME)
        ? 'it is signed in the test environment: --test-environment takes such certificates; production must not'
        : 'it is signed with the certificate of a merchant or of somebody else under the same authority: it is not from UnionPay, and may be a request of ours';
    case 'signature':
      return causeOfSignature(fields, leaf);
  }
}

function causeOfMissing(fields: Fields): string {
  if (fields.size === 1) return 'the body is not what UnionPay sent, or it was not read as it came';
  if (!fields.has('signature')) return 'the body was cut off or changed: UnionPay signs all that it sends';
  return 'it is of version 5.0.0, which names its certificate by certId alone and is signed in SHA-1; or the field was lost on the way';
}

function causeOfCertificate(pem: string): string {
  if (/-----BEGIN CERTIFICATE-----[^-]* [^-]*-----END/.test(pem)) {
    return 'the plus signs and line breaks of signPubKeyCert arrived as spaces: an answer was read like a form (give --answer and the raw body), or a form was decoded twice';
  }
  return 'signPubKeyCert was changed on the way: it is a PEM text, with its line breaks';
}

function causeOfSignature(fields: Fields, leaf: ReturnType<typeof readCertificate>): string {
  const version = (fields.get('version') ?? '').toString();
  const method = (fields.get('signMethod') ?? '').toString();
  if (method === '11' || method === '12')
    return 'it is signed with a secure key (signMethod 11 or 12): the program takes certificates alone, signMethod 01';
  if (version === '5.0.0') return 'it is of version 5.0.0, which is signed in SHA-1: send version=5.1.0';
  const bytes = new Map([...fields].map(([name, value]) => [name, Buffer.from(value)] as const));
  return likeliestCause({
    signature: (fields.get('signature') ?? '').toString(),
    content: Buffer.from(signedDigest(fields)),
    keys: leaf ? [leaf.publicKey] : [],
    wrongKey: 'wrong key: the certificate in signPubKeyCert did not make this signature, so the one or the other was changed',
    suspects: wronglySigned(bytes),
  });
}

/** A certificate's name in one line, and nothing that a terminal would obey: it may be anybody's. */
function nameOf(name: string | undefined): string {
  return (name ?? 'nobody').replace(/[\p{Cc}\p{Cs}]+/gu, ', ').slice(0, 200);
}
