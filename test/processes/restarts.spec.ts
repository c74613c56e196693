import { Restarts } from '../../src/processes/restarts.js';

describe('A process that ends', () => {
  it('is begun anew at once where it had lived', () => {
    const restarts = new Restarts();
    expect([60_000, 3_600_000, 60_000].map((lived) => restarts.after(lived))).toEqual([0, 0, 0]);
  });

  it('is begun anew ever later where it ends soon, and at last no more', () => {
    const restarts = new Restarts();
    const pauses = Array.from({ length: 7 }, () => restarts.after(50));
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 3_200, undefined]);
  });

  it('has all its tries again once one has lived', () => {
    const restarts = new Restarts();
    for (let tries = 0; tries < 6; tries += 1) restarts.after(50);
    expect(restarts.after(60_000)).toBe(0);
    expect(restarts.after(50)).toBe(100);
  });
});
