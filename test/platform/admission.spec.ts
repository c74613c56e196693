import { Admission } from '../../src/platform/http/admission.js';
import { PROCESS_MEMORY, memoryWatch } from '../../src/platform/http/memory.js';

const ORDERS = 'POST /v1/orders';
const NO_LIMIT = 100_000;

/** Requests that come at a rate, and a server that answers them one after the other at another, second by second. */
class Rush {
  private millis = 0;
  private readonly queue: number[] = [];
  private due = 0;
  private free = 0;
  readonly admission: Admission;
  answered = 0;
  turnedAway = 0;
  longestWait = 0;

  constructor(mostInFlight = NO_LIMIT) {
    this.admission = new Admission(mostInFlight, () => this.millis);
  }

  goesOn(seconds: number, rate: { readonly comes: number; readonly answered: number }): void {
    for (const end = this.millis + seconds * 1_000; this.millis < end; this.millis += 1) {
      for (this.due += rate.comes / 1_000; this.due >= 1; this.due -= 1) this.comes();
      for (this.free += rate.answered / 1_000; this.free >= 1; this.free -= 1) this.answers();
    }
  }

  comes(): void {
    if (this.admission.objection(ORDERS) !== undefined) return void (this.turnedAway += 1);
    this.admission.enter(ORDERS);
    this.queue.push(this.millis);
  }

  /** Starts to count now. */
  counts(): void {
    this.answered = this.turnedAway = this.longestWait = 0;
  }

  private answers(): void {
    const came = this.queue.shift();
    if (came === undefined) return;
    this.admission.leave(ORDERS);
    this.answered += 1;
    this.longestWait = Math.max(this.longestWait, this.millis - came);
  }
}

describe('Of requests that come too fast', () => {
  it.each([200, 1_500, 8_000])('at four times what can be answered, %d a second are, and in time', (answered) => {
    const rush = new Rush();
    rush.goesOn(3, { comes: 4 * answered, answered });
    rush.counts();
    rush.goesOn(10, { comes: 4 * answered, answered });
    expect(rush.answered).toBeGreaterThanOrEqual(0.99 * 10 * answered);
    expect(rush.longestWait).toBeLessThanOrEqual(600);
  });

  it('at a very slow server, a short queue is left all the same', () => {
    const rush = new Rush();
    rush.goesOn(10, { comes: 80, answered: 20 });
    rush.counts();
    rush.goesOn(20, { comes: 80, answered: 20 });
    expect(rush.answered).toBeGreaterThanOrEqual(0.99 * 20 * 20);
    expect(rush.longestWait).toBeLessThanOrEqual((64 / 20) * 1_000 + 100);
  });

  it('a crowd that can be answered in time is let in, however suddenly it comes', () => {
    const rush = new Rush();
    rush.goesOn(60, { comes: 1, answered: 2_000 });
    rush.counts();
    for (let n = 0; n < 900; n += 1) rush.comes();
    rush.goesOn(1, { comes: 0, answered: 2_000 });
    expect([rush.turnedAway, rush.answered]).toEqual([0, 900]);
  });

  it('what comes just as fast as it is answered is let in', () => {
    const rush = new Rush();
    rush.goesOn(30, { comes: 1_999, answered: 2_000 });
    expect(rush.turnedAway).toBe(0);
  });

  it('none is let in while nothing is answered, and all are once it is again', () => {
    const rush = new Rush();
    rush.goesOn(1, { comes: 200, answered: 0 });
    rush.counts();
    rush.goesOn(5, { comes: 200, answered: 0 });
    expect(rush.turnedAway).toBe(1_000);
    rush.goesOn(1, { comes: 200, answered: 1_000 });
    rush.counts();
    rush.goesOn(5, { comes: 200, answered: 1_000 });
    expect([rush.turnedAway, rush.answered]).toEqual([0, 1_000]);
  });

  it('those for one address, where all is stuck, keep nobody out of another', () => {
    const rush = new Rush();
    rush.goesOn(2, { comes: 500, answered: 0 });
    expect(rush.admission.objection(ORDERS)).toBe('wait');
    expect(rush.admission.objection('GET /v1/orders/:id')).toBeUndefined();
  });

  it('no more are let in than memory was set aside for, whatever their address', () => {
    const rush = new Rush(100);
    for (let n = 0; n < 150; n += 1) rush.comes();
    expect(rush.turnedAway).toBe(50);
    expect(rush.admission.objection('GET /v1/orders/:id')).toBe('in_flight');
  });
});

describe('Where memory is short', () => {
  it('nobody is let in until it is not', () => {
    let share = 0.5;
    let millis = 0;
    const isShort = memoryWatch({ share: () => share }, () => millis);
    const admission = new Admission(NO_LIMIT, () => millis, isShort);
    expect(admission.objection(ORDERS)).toBeUndefined();
    share = 0.9;
    // Looking costs something: it is done ten times a second.
    expect(admission.objection(ORDERS)).toBeUndefined();
    millis += 100;
    expect(admission.objection(ORDERS)).toBe('memory');
    share = 0.5;
    millis += 100;
    expect(admission.objection(ORDERS)).toBeUndefined();
  });

  it('is known from V8 itself', () => {
    expect(PROCESS_MEMORY.share()).toBeGreaterThan(0);
    expect(PROCESS_MEMORY.share()).toBeLessThan(1);
  });
});
