import { createCipheriv, createSecretKey, generateKeyPairSync } from 'node:crypto';

import { decryptField, encryptField, open } from '../../../src/payment/gateway/wechatpay/encryption.js';

describe('What WeChat Pay seals', () => {
  const key = createSecretKey(Buffer.from('k'.repeat(32)));
  const cipher = createCipheriv('aes-256-gcm', key, Buffer.from('n'.repeat(12)), { authTagLength: 16 }).setAAD(Buffer.from('transaction'));
  const ciphertext = Buffer.concat([cipher.update('{"amount":1}'), cipher.final(), cipher.getAuthTag()]).toString('base64');
  const sealed = { nonce: 'n'.repeat(12), associatedData: 'transaction', ciphertext };

  it('opens with its key, its nonce and what it belongs to, and with nothing else', () => {
    expect(open(sealed, key)?.toString()).toBe('{"amount":1}');
    expect(open({ ...sealed, nonce: 'm'.repeat(12) }, key)).toBeUndefined();
    expect(open({ ...sealed, associatedData: 'refund' }, key)).toBeUndefined();
    expect(open(sealed, createSecretKey(Buffer.from('o'.repeat(32))))).toBeUndefined();
    expect(open(sealed, generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)).toBeUndefined();
  });

  it('has one spelling, and at least a tag', () => {
    for (const other of [`${ciphertext}\n`, ciphertext.replace(/=+$/, '').concat('!'), '', 'AAAA', ciphertext.slice(0, 20)]) {
      expect(open({ ...sealed, ciphertext: other }, key)).toBeUndefined();
    }
  });

  it('is of a field what its owner alone can read', () => {
    const ours = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const field = encryptField('张三', ours.publicKey);
    expect(decryptField(field, ours.privateKey)).toBe('张三');
    expect(decryptField(`${field}\n`, ours.privateKey)).toBeUndefined();
    expect(decryptField('', ours.privateKey)).toBeUndefined();
    expect(decryptField(field, generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)).toBeUndefined();
  });
});
