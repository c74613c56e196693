import { createSecretKey, type KeyObject } from 'node:crypto';

import { open } from '../../src/payment/gateway/wechatpay/encryption.js';
import { objectIn, parseObject, textIn } from '../../src/payment/gateway/wechatpay/fields.js';

const KEY_LENGTH = 32;
const ASSOCIATED_DATA = ['transaction', 'refund', 'certificate', ''];

/** Why a resource cannot be decrypted, although it was signed by WeChat Pay. Quotes nothing of the key. */
export function causeOfDecryption(body: Buffer, apiV3Key: KeyObject | undefined): string {
  const resource = objectIn(parseObject(body), 'resource');
  const text = (name: string): string => textIn(resource, name) ?? '';
  if (text('algorithm') !== 'AEAD_AES_256_GCM') return 'resource.algorithm was changed, or is one that WeChat Pay does not use in notices';
  const bytes = apiV3Key?.export() ?? Buffer.alloc(0);
  const sealed = { nonce: text('nonce'), associatedData: text('associated_data'), ciphertext: text('ciphertext') };
  const spelled = [
    ['space or a line break around it', Buffer.from(bytes.toString('latin1').trim(), 'latin1')],
    ['it is in hexadecimal', Buffer.from(bytes.toString('latin1'), 'hex')],
    ['it is in base64', Buffer.from(bytes.toString('latin1'), 'base64')],
  ] as const;
  for (const [how, key] of spelled) {
    if (key.length === KEY_LENGTH && !key.equals(bytes) && open(sealed, createSecretKey(key)))
      return `the API v3 key is spelled in another way: ${how}`;
  }
  if (bytes.length !== KEY_LENGTH) return `the API v3 key must have ${KEY_LENGTH} bytes, and the one given has ${bytes.length}`;
  const meant = apiV3Key && ASSOCIATED_DATA.find((associatedData) => open({ ...sealed, associatedData }, apiV3Key));
  if (meant !== undefined) return `resource.associated_data was changed: it was encrypted with "${meant}"`;
  return 'the API v3 key is another one: that of another merchant, the one from before it was changed, or the API key of version 2; or the resource was put into another envelope';
}
