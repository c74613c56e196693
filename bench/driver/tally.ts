import type { Measured } from './job.js';

const EXAMPLE_LENGTH = 300;
const FIRST_ROOM = 65_536;

/** Counts what ends while it is measured. What nobody expects is kept whenever it comes. */
export class Tally {
  private latencies = new Float64Array(FIRST_ROOM);
  private count = 0;
  private requests = 0;
  private measuring = false;
  private readonly outcomes = new Map<string, number>();
  private readonly unexpected = new Map<string, { times: number; example: string }>();

  begin(): void {
    this.measuring = true;
  }

  end(): void {
    this.measuring = false;
  }

  /** One that ended as it may, after so many milliseconds and requests. */
  add(outcome: string, milliseconds: number, requests = 1): void {
    if (!this.measuring) return;
    if (this.count === this.latencies.length) this.grow();
    this.latencies[this.count] = milliseconds;
    this.count += 1;
    this.requests += requests;
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }

  addUnexpected(what: string, example: string): void {
    const seen = this.unexpected.get(what);
    if (seen) seen.times += 1;
    else this.unexpected.set(what, { times: 1, example: example.slice(0, EXAMPLE_LENGTH) });
  }

  result(seconds: number): Measured {
    return {
      seconds,
      outcomes: Object.fromEntries(this.outcomes),
      latencies: this.latencies.slice(0, this.count),
      unexpected: Object.fromEntries(this.unexpected),
      requests: this.requests,
    };
  }

  private grow(): void {
    const larger = new Float64Array(this.latencies.length * 2);
    larger.set(this.latencies);
    this.latencies = larger;
  }
}
