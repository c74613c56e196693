import type { Measured } from './job.js';
import { UnexpectedAnswer } from './answers.js';

const EXAMPLE_LENGTH = 300;
const FIRST_ROOM = 16_384;

/** Counts what ends while it is measured. What nobody expects is kept whenever it comes. */
export class Tally {
  private readonly samples = new Map<string, Samples>();
  private readonly unexpected = new Map<string, { times: number; example: string }>();
  private measuring = false;
  private began = 0;
  private measured = 0;

  begin(): void {
    this.measuring = true;
    this.began = performance.now();
  }

  end(): void {
    this.measuring = false;
    this.measured += performance.now() - this.began;
  }

  /** Seconds that were measured so far. */
  get seconds(): number {
    return this.measured / 1000;
  }

  /** One that ended as it may. */
  add(outcome: string, milliseconds: number): void {
    if (!this.measuring) return;
    let samples = this.samples.get(outcome);
    if (samples === undefined) this.samples.set(outcome, (samples = new Samples()));
    samples.add(milliseconds);
  }

  fail(error: unknown): void {
    const what = error instanceof Error ? error.message : String(error);
    const seen = this.unexpected.get(what);
    const example = error instanceof UnexpectedAnswer ? error.example : '';
    if (seen) seen.times += 1;
    else this.unexpected.set(what, { times: 1, example: example.slice(0, EXAMPLE_LENGTH) });
  }

  result(): Measured {
    return {
      seconds: this.seconds,
      latencies: Object.fromEntries([...this.samples].map(([outcome, samples]) => [outcome, samples.all()])),
      unexpected: Object.fromEntries(this.unexpected),
    };
  }
}

/** Numbers in a row that grows. */
class Samples {
  private values = new Float64Array(FIRST_ROOM);
  private count = 0;

  add(value: number): void {
    if (this.count === this.values.length) {
      const larger = new Float64Array(this.values.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.count] = value;
    this.count += 1;
  }

  all(): Float64Array {
    return this.values.slice(0, this.count);
  }
}
