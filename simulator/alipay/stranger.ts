import { createPrivateKey, type KeyObject } from 'node:crypto';
import { generateAlipayKeys } from './keys.js';

/** A private key that no merchant trusts, for signatures that must not verify. Made when the first one is needed. */
export class Stranger {
  private key: Promise<KeyObject> | undefined;

  privateKey(): Promise<KeyObject> {
    this.key ??= generateAlipayKeys().then((keys) => createPrivateKey(keys.alipayPrivateKey));
    return this.key;
  }
}
