import { createHook } from 'node:async_hooks';
import { generateKeyPairSync } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';

import { isUsable, sign, verify } from '../../src/payment/gateway/rsa.js';

describe('A signature with RSA', () => {
  const ours = generateKeyPairSync('rsa', { modulusLength: 2048 });
  // May sign and verify with SHA-512 only.
  const strict = generateKeyPairSync('rsa-pss', {
    modulusLength: 2048,
    hashAlgorithm: 'sha512',
    mgf1HashAlgorithm: 'sha512',
  });

  it('counts by a key of RSA of at least 2048 bits, and by no other', () => {
    const keys = [
      ours,
      generateKeyPairSync('rsa', { modulusLength: 2040 }),
      generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
      generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    ];
    expect(keys.map(({ publicKey }) => isUsable(publicKey))).toEqual([true, false, false, false]);
    expect(isUsable(ours.privateKey)).toBe(true);
  });

  it('fits exactly what was signed, as text or as bytes', async () => {
    const signature = await sign('a=1&b=龙井', ours.privateKey);
    expect(await verify('a=1&b=龙井', signature, ours.publicKey)).toBe(true);
    expect(await verify(Buffer.from('a=1&b=龙井'), signature, ours.publicKey)).toBe(true);
    expect(await verify('a=1&b=龙井 ', signature, ours.publicKey)).toBe(false);
  });

  it('has one spelling: no other text names it', async () => {
    const signature = await sign('a=1', ours.privateKey);
    const others = [`${signature}\n`, ` ${signature}`, signature.replace(/=+$/, ''), `${signature}=`, `!${signature}`, ''];
    for (const other of others) expect(await verify('a=1', other, ours.publicKey)).toBe(false);
  });

  it('is not made, and not believed, where a key does not go with the algorithm', async () => {
    await expect(sign('a=1', strict.privateKey)).rejects.toThrow();
    const signature = await sign('a=1', ours.privateKey);
    expect(await verify('a=1', signature, strict.publicKey)).toBe(false);
  });

  it('is verified on the thread pool, together with all others that were asked about in the same turn', async () => {
    const signature = await sign('a=1', ours.privateKey);
    let begun = 0;
    const hook = createHook({ init: (_id, type) => void (begun += Number(type === 'SIGNREQUEST')) }).enable();
    const asked: Promise<boolean>[] = [];
    for (let one = 0; one < 3; one += 1) {
      asked.push(verify('a=1', signature, ours.publicKey));
      await Promise.resolve();
      expect(begun).toBe(0);
    }
    await turn();
    expect(begun).toBe(3);
    hook.disable();
    expect(await Promise.all(asked)).toEqual([true, true, true]);
  });
});
