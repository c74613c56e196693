import { generateKeyPair, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The secrets of one run: the driver plays Alipay, so it has both sides' keys. */
export interface Keys {
  readonly apiKey: string;
  readonly secretsKey: string;
  readonly appId: string;
  readonly sellerId: string;
  /** Files with PEM texts: the application's own key, and both halves of Alipay's. */
  readonly applicationKeyFile: string;
  readonly alipayPublicKeyFile: string;
  readonly alipayPrivateKeyFile: string;
}

/** RSA of 2048 bits, as Alipay asks for. */
export async function makeKeys(folder: string): Promise<Keys> {
  mkdirSync(folder, { recursive: true });
  const [application, alipay] = await Promise.all([pair(), pair()]);
  const kept = (name: string, pem: string) => {
    const file = join(folder, name);
    writeFileSync(file, pem, { mode: 0o600 });
    return file;
  };
  return {
    apiKey: `sk_test_${randomBytes(24).toString('hex')}`,
    secretsKey: randomBytes(32).toString('base64'),
    appId: '2021009999999999',
    sellerId: '2088999999999999',
    applicationKeyFile: kept('application.pem', application.privateKey),
    alipayPublicKeyFile: kept('alipay-public.pem', alipay.publicKey),
    alipayPrivateKeyFile: kept('alipay.pem', alipay.privateKey),
  };
}

function pair(): Promise<{ publicKey: string; privateKey: string }> {
  return promisify(generateKeyPair)('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
