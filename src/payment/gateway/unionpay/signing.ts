import { createHash, type KeyObject } from 'node:crypto';
import { sign } from '../rsa.js';

/** The fields of a message. Bytes where it came in a charset of its own, because the signature is over bytes. */
export type Fields = ReadonlyMap<string, string | Buffer>;
export type TextFields = ReadonlyMap<string, string>;

/** What messages of version 5.1.0 are signed with: our own key, and the number of its certificate. */
export interface Signer {
  readonly privateKey: KeyObject;
  /** The serial number of the certificate, in decimal. */
  readonly certId: string;
}

/**
 * What the digest of a message is made of: every field but `signature`, the empty ones left out, sorted by name in ASCII,
 * values as they are, so that an `&` inside of one stays.
 * Source: UnionPay, ACPSample_B2C, `SDKUtil.sign` (docs/gateways/unionpay.md).
 */
export function signedContent(fields: Fields): Buffer {
  const signed = [...fields]
    .filter(([name, value]) => name !== 'signature' && value.length > 0)
    .sort(([left], [right]) => byName(left, right));
  return Buffer.concat(signed.flatMap(([name, value], at) => [Buffer.from(`${at === 0 ? '' : '&'}${name}=`), Buffer.from(value)]));
}

/**
 * The text that the RSA signature of version 5.1.0 is over: the SHA-256 of the content in 64 lower-case hexadecimal
 * digits. SHA256withRSA digests it again, so SHA-256 is applied twice.
 * Source: UnionPay, ACPSample_B2C, `SecureUtil.sha256X16`.
 */
export function signedDigest(fields: Fields): string {
  return hexDigest('sha256', signedContent(fields));
}

/** The fields with `certId`, which is signed too, and `signature`. */
export async function signFields(fields: TextFields, signer: Signer): Promise<TextFields> {
  const certified = new Map([...fields, ['certId', signer.certId]]);
  return new Map([...certified, ['signature', await sign(signedDigest(certified), signer.privateKey)]]);
}

const SECURE_KEY_DIGESTS = { '11': 'sha256', '12': 'sm3' } as const;

export type SecureKeyMethod = keyof typeof SECURE_KEY_DIGESTS;

/** The signature by a shared secure key, `signMethod` 11 (SHA-256) or 12 (SM3). The gateway is spoken to with 01 alone. */
export function secureKeySignature(fields: Fields, secureKey: string, signMethod: SecureKeyMethod): string {
  const algorithm = SECURE_KEY_DIGESTS[signMethod];
  const keyDigest = hexDigest(algorithm, secureKey);
  return hexDigest(algorithm, Buffer.concat([signedContent(fields), Buffer.from(`&${keyDigest}`)]));
}

function hexDigest(algorithm: string, content: string | Buffer): string {
  return createHash(algorithm).update(content).digest('hex');
}

/** By ASCII, as UnionPay sorts: a locale would put capitals elsewhere. */
function byName(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
