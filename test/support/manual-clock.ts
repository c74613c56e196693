import { Clock } from '../../src/kernel/clock.js';

/** A clock that stands still until a test moves it. */
export class ManualClock extends Clock {
  private instant = Math.floor(Date.now() / 1_000) * 1_000;

  override now(): Date {
    return new Date(this.instant);
  }

  advance(milliseconds: number): void {
    this.instant += milliseconds;
  }
}
