import { constants, createDecipheriv, privateDecrypt, publicEncrypt, type KeyObject } from 'node:crypto';

/** In bytes: the end of every ciphertext is its tag. */
const TAG_LENGTH = 16;

/** What WeChat Pay encrypts under the API v3 key. `associatedData` is empty where the message has none. */
export interface Sealed {
  readonly nonce: string;
  readonly associatedData: string;
  /** In base64. */
  readonly ciphertext: string;
}

/**
 * The plain bytes, or undefined where the text is not base64, too short, or was not encrypted under this key with this
 * nonce and associated data. Nothing of it is handed out before the tag was found right. The key's length chooses the
 * cipher; an account's API v3 key always has 32 bytes (AEAD_AES_256_GCM). Never throws. Source: WeChat Pay,
 * documents under "notices" in docs/gateways/wechatpay.md.
 */
export function open(sealed: Sealed, key: KeyObject): Buffer | undefined {
  const bytes = base64(sealed.ciphertext);
  if (bytes === undefined || bytes.length < TAG_LENGTH) return undefined;
  const text = bytes.subarray(0, bytes.length - TAG_LENGTH);
  try {
    const cipher = keyLength(key) === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
    const decipher = createDecipheriv(cipher, key, Buffer.from(sealed.nonce), { authTagLength: TAG_LENGTH });
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_LENGTH)).setAAD(Buffer.from(sealed.associatedData));
    return Buffer.concat([decipher.update(text), decipher.final()]);
  } catch {
    return undefined;
  }
}

/**
 * A sensitive field, such as a name, encrypted for WeChat Pay: RSA-OAEP with SHA-1, in base64. The text may have 214
 * bytes under a key of 2048 bits. `Wechatpay-Serial` must name the key. Source: WeChat Pay, documents under "signing".
 */
export function encryptField(text: string, platformKey: KeyObject): string {
  return publicEncrypt({ key: platformKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, Buffer.from(text)).toString(
    'base64',
  );
}

/**
 * A sensitive field of an answer, which was encrypted for the merchant's certificate, or undefined. Source: WeChat Pay,
 * documents under "signing".
 */
export function decryptField(ciphertext: string, privateKey: KeyObject): string | undefined {
  const bytes = base64(ciphertext);
  if (bytes === undefined) return undefined;
  try {
    return privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha1' }, bytes).toString('utf8');
  } catch {
    return undefined;
  }
}

/** Only canonical base64: Node skips what is none. */
function base64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

function keyLength(key: KeyObject): number {
  return key.symmetricKeySize ?? 0;
}
