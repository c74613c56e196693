import { createCipheriv, createDecipheriv } from 'node:crypto';

/** All zeros: Alipay's convention, so equal contents have equal ciphertexts. */
const INITIALISATION_VECTOR = Buffer.alloc(16);

/**
 * Content encryption, which an application may switch on for personal data: AES-CBC with PKCS#7 padding, in base64. Payments do without
 * it. It hides and does not prove: what was decrypted is believed for the signature around it, and for nothing else.
 * `aesKey` is the console's AES key, decoded: 16 bytes, or 24 or 32. Source: Alipay, content encryption.
 */
export function encryptContent(plaintext: string, aesKey: Buffer): string {
  const cipher = createCipheriv(algorithm(aesKey), aesKey, INITIALISATION_VECTOR);
  return Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]).toString('base64');
}

/** Undefined where it was not encrypted with this key, or where what comes out is no UTF-8. */
export function decryptContent(ciphertext: string, aesKey: Buffer): string | undefined {
  try {
    const decipher = createDecipheriv(algorithm(aesKey), aesKey, INITIALISATION_VECTOR);
    const plain = Buffer.concat([decipher.update(ciphertext, 'base64'), decipher.final()]);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plain);
  } catch {
    return undefined;
  }
}

function algorithm(aesKey: Buffer): string {
  return `aes-${aesKey.length * 8}-cbc`;
}
