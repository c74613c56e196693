import { setTimeout as pause } from 'node:timers/promises';

import { following, followingNobody, presentTrail } from '../../src/platform/logging/trail.js';

describe('A trail', () => {
  it('is there for as long as what is done under it, beside others that end before', async () => {
    const seen = async (milliseconds: number) => {
      await pause(milliseconds);
      return presentTrail()?.correlationId;
    };
    const short = following({ correlationId: 'short' }, () => seen(5));
    const long = following({ correlationId: 'long' }, () => seen(30));
    const outer = following({ correlationId: 'outer' }, async () => {
      const inner = await following({ correlationId: 'inner' }, () => seen(10));
      return [inner, presentTrail()?.correlationId];
    });
    expect(presentTrail()).toBeUndefined();
    expect(await Promise.all([short, long, outer])).toEqual(['short', 'long', ['inner', 'outer']]);
    expect(presentTrail()).toBeUndefined();
  });

  it('is not that of a batch, which whoever came first has begun', async () => {
    const act = async () => {
      const batch = followingNobody(async () => {
        await pause(5);
        return presentTrail();
      });
      await pause(1);
      return [presentTrail()?.correlationId, await batch, presentTrail()?.correlationId];
    };
    expect(await following({ correlationId: 'first' }, act)).toEqual(['first', undefined, 'first']);
  });

  it('ends with what fails', async () => {
    await expect(following({ correlationId: 'failing' }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(presentTrail()).toBeUndefined();
    expect(await following({ correlationId: 'next' }, () => Promise.resolve(presentTrail()?.correlationId))).toBe('next');
  });
});
