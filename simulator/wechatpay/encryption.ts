import { createCipheriv, randomBytes } from 'node:crypto';

export interface Encrypted {
  readonly algorithm: 'AEAD_AES_256_GCM';
  readonly nonce: string;
  readonly associated_data: string;
  readonly ciphertext: string;
}

const TAG_BYTES = 16;

/** AES-256-GCM under the merchant's API v3 key, whose 32 characters are the bytes of the key. Source: docs 4012071382. */
export function encrypted(text: string, apiV3Key: string, associatedData: string, nonce = newNonce(12)): Encrypted {
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(apiV3Key, 'utf8'), Buffer.from(nonce, 'utf8'), { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(associatedData, 'utf8'));
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
  return { algorithm: 'AEAD_AES_256_GCM', nonce, associated_data: associatedData, ciphertext };
}

/** Letters and digits. */
export function newNonce(length: number): string {
  return randomBytes(length).toString('hex').slice(0, length);
}
