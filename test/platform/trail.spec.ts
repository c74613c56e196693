import { setTimeout as pause } from 'node:timers/promises';

import { following, presentTrail } from '../../src/platform/logging/trail.js';

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

  it('ends with what fails', async () => {
    await expect(following({ correlationId: 'failing' }, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(presentTrail()).toBeUndefined();
    expect(await following({ correlationId: 'next' }, () => Promise.resolve(presentTrail()?.correlationId))).toBe('next');
  });
});
