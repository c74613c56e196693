import { createPrivateKey, type KeyObject } from 'node:crypto';
import { newKeyPair } from './certificates.js';

/** A private key that no merchant trusts, for signatures that must not verify. Made when the first one is needed. */
export class Stranger {
  private key: Promise<KeyObject> | undefined;

  privateKey(): Promise<KeyObject> {
    this.key ??= newKeyPair().then((pair) => createPrivateKey(pair.privateKey));
    return this.key;
  }
}
