import { randomFillSync } from 'node:crypto';

// Asking the system costs more than most of what the bytes are for: it is asked for many at once.
const pool = new Uint8Array(16 * 1_024);
let unused = pool.length;

/** So many random bytes, 64 at most. They are to be used before anything else is done: the memory is filled again. */
export function randomness(count: number): Uint8Array {
  if (unused + count > pool.length) {
    randomFillSync(pool);
    unused = 0;
  }
  unused += count;
  return pool.subarray(unused - count, unused);
}
