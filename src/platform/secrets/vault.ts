import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';

import { assert } from '../../kernel/assert.js';
import { randomness } from '../../kernel/randomness.js';

/** In bytes: AES-256, a 96-bit nonce, a 128-bit tag (NIST SP 800-38D). */
const KEY = 32;
const NONCE = 12;
const TAG = 16;
const KEY_ID = 8;
const VERSION = 1;
const HEAD = 1 + KEY_ID + NONCE + TAG;

/** What was sealed cannot be opened: with a key that we do not have, or because it was altered. */
export class CannotOpen extends Error {
  constructor(readonly why: 'another_key' | 'altered') {
    super(why === 'another_key' ? 'it was sealed with a key that is not set' : 'it was altered, or belongs elsewhere');
  }
}

/**
 * Seals what must not lie in the database in the clear. The first key seals; every key opens, so that a new key can take over
 * while the former one still opens what it sealed.
 */
export class Vault {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly current: { readonly id: Buffer; readonly key: Buffer };

  /** Each key has 32 bytes; the present one first, then the former one where there is one. */
  constructor(keys: readonly [Buffer, ...Buffer[]]) {
    for (const key of keys) assert(key.length === KEY, 'a key of the vault has 32 bytes');
    this.keys = new Map(keys.map((key) => [keyId(key).toString('hex'), key]));
    this.current = { id: keyId(keys[0]), key: keys[0] };
  }

  /** `place` is where it belongs, such as a row: sealed for one place, it opens in no other. */
  seal(plain: Buffer, place: string): Buffer {
    const nonce = randomness(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.current.key, nonce);
    cipher.setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), this.current.id, nonce, cipher.getAuthTag(), sealed]);
  }

  /** Throws `CannotOpen`. */
  open(sealed: Buffer, place: string): Buffer {
    if (sealed.length < HEAD || sealed[0] !== VERSION) throw new CannotOpen('altered');
    const key = this.keys.get(idIn(sealed));
    if (key === undefined) throw new CannotOpen('another_key');
    const [nonce, tag] = [sealed.subarray(1 + KEY_ID, HEAD - TAG), sealed.subarray(HEAD - TAG, HEAD)];
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
    decipher.setAAD(Buffer.from(place));
    decipher.setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(sealed.subarray(HEAD)), decipher.final()]);
    } catch {
      throw new CannotOpen('altered');
    }
  }

  /** False for what a former key sealed. */
  isCurrent(sealed: Buffer): boolean {
    return idIn(sealed) === this.current.id.toString('hex');
  }
}

function idIn(sealed: Buffer): string {
  return sealed.subarray(1, 1 + KEY_ID).toString('hex');
}

/** Names a key without telling anything of it. */
function keyId(key: Buffer): Buffer {
  return createHash('sha256').update('suanpan vault key').update(key).digest().subarray(0, KEY_ID);
}
