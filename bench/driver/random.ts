/** Quick pseudo-random numbers (Marsaglia's xorshift, 32 bits). */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = seed | 1;
  }

  /** A whole number from 0 to below `limit`. */
  below(limit: number): number {
    let { state } = this;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.state = state;
    return (state >>> 0) % limit;
  }

  /** Two different whole numbers from 0 to below `limit`. */
  two(limit: number): [number, number] {
    const first = this.below(limit);
    return [first, (first + 1 + this.below(limit - 1)) % limit];
  }
}
