import { createHash } from 'node:crypto';

import { apiKeyHint, hashApiKey, modeOf, newApiKey } from '../../src/merchant/api-key.js';

describe('The secret of an API key', () => {
  it('says which kind it is, and has 192 random bits', () => {
    expect(newApiKey('test')).toMatch(/^sk_test_[0-9a-f]{48}$/);
    expect(newApiKey('live')).toMatch(/^sk_live_[0-9a-f]{48}$/);
    expect(new Set(Array.from({ length: 100 }, () => newApiKey('test'))).size).toBe(100);
  });

  it('is kept as its SHA-256, which differs with every bit of it', () => {
    const secret = newApiKey('test');
    expect(hashApiKey(secret)).toEqual(createHash('sha256').update(secret).digest());
    expect(hashApiKey(`${secret}0`)).not.toEqual(hashApiKey(secret));
  });

  it('says by its hint which kind it was', () => {
    expect(modeOf(apiKeyHint(newApiKey('live')))).toBe('live');
    expect(modeOf(apiKeyHint(newApiKey('test')))).toBe('test');
    expect(modeOf('sk_test_…sk_live_')).toBe('test');
  });

  it('is shown by its first eight and last four characters', () => {
    expect(apiKeyHint('sk_test_0123456789abcdef')).toBe('sk_test_…cdef');
  });
});
