import { createHash, randomBytes } from 'node:crypto';

import { CannotOpen, Vault } from '../../src/platform/secrets/vault.js';

describe('What the vault seals', () => {
  const key = randomBytes(32);
  const vault = new Vault([key]);

  it('is laid out as it was: a version, the name of the key, a nonce, a tag, and as many bytes as came', () => {
    const sealed = vault.seal(Buffer.from('secret'), 'here');
    expect(sealed).toHaveLength(1 + 8 + 12 + 16 + 6);
    expect(sealed[0]).toBe(1);
    expect(sealed.subarray(1, 9)).toEqual(createHash('sha256').update('suanpan vault key').update(key).digest().subarray(0, 8));
  });

  it('may be nothing, which is sealed like anything else', () => {
    const sealed = vault.seal(Buffer.alloc(0), 'here');
    expect(vault.open(sealed, 'here')).toHaveLength(0);
    expect(() => vault.open(sealed, 'there')).toThrow(CannotOpen);
    expect(() => vault.open(sealed.subarray(0, -1), 'here')).toThrow(/altered/);
  });

  it('says why it cannot be opened', () => {
    const sealed = vault.seal(Buffer.from('secret'), 'here');
    expect(() => new Vault([randomBytes(32)]).open(sealed, 'here')).toThrow('it was sealed with a key that is not set');
    expect(() => vault.open(sealed, 'there')).toThrow('it was altered, or belongs elsewhere');
  });

  it.each([16, 31, 33])('is never under a key of %i bytes', (length) => {
    expect(() => new Vault([randomBytes(length)])).toThrow(/32 bytes/);
    expect(() => new Vault([key, randomBytes(length)])).toThrow(/32 bytes/);
  });
});
