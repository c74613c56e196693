/** So few at one address are no queue, however long they take. */
const NO_QUEUE = 64;
/** Who would wait longer is better told at once. In milliseconds; a crowd that came at once has this long to get through. */
const LONGEST_WAIT = 500;

/** What there is too much of: requests under way in this process, memory in use, or time until one that comes now would be answered. */
export type Overload = 'in_flight' | 'memory' | 'wait';

/** The requests under way at one address, and how fast they are answered. */
class Line {
  inFlight = 0;
  private crowdedSince: number | undefined;
  private countedSince: number;
  private answered = 0;
  /** Answers a millisecond, before `countedSince`. */
  private formerRate = 0;

  constructor(now: number) {
    this.countedSince = now;
  }

  enter(now: number): void {
    this.inFlight += 1;
    if (this.inFlight >= NO_QUEUE) this.crowdedSince ??= now;
  }

  leave(now: number): void {
    this.turn(now);
    this.inFlight -= 1;
    this.answered += 1;
    // Not at once: at its edge a queue would be no queue half of the time.
    if (this.inFlight < NO_QUEUE / 2) this.crowdedSince = undefined;
  }

  /** Little's law: who comes now waits for those before, who leave as fast as others left just now. In milliseconds. */
  expectedWait(now: number): number {
    if (this.inFlight < NO_QUEUE || this.crowdedSince === undefined || now - this.crowdedSince < LONGEST_WAIT) return 0;
    this.turn(now);
    const former = this.formerRate * (LONGEST_WAIT - (now - this.countedSince));
    return (this.inFlight * LONGEST_WAIT) / (this.answered + former);
  }

  private turn(now: number): void {
    const elapsed = now - this.countedSince;
    if (elapsed < LONGEST_WAIT) return;
    this.formerRate = this.answered / elapsed;
    this.answered = 0;
    this.countedSince = now;
  }
}

/**
 * Who is let in. Of requests that come faster than they can be answered, those that are let in are answered as fast as ever,
 * and in time, only where the others are turned away before they cost anything.
 *
 * Each address is a queue of its own, so a gateway that hangs, or one hot row, turns nobody away elsewhere. The limit on all
 * of them together is there for memory.
 */
export class Admission {
  private readonly lines = new Map<string, Line>();
  private inFlight = 0;

  /** `now` is a steady clock, in milliseconds. */
  constructor(
    private readonly mostInFlight: number,
    private readonly now: () => number = () => performance.now(),
    /** Whether there is hardly any memory left. */
    private readonly isShort: () => boolean = () => false,
  ) {}

  /** Why a request for this address had better not be let in; undefined where it can be. */
  objection(address: string): Overload | undefined {
    if (this.inFlight >= this.mostInFlight) return 'in_flight';
    if (this.isShort()) return 'memory';
    const line = this.lines.get(address);
    return line && line.expectedWait(this.now()) > LONGEST_WAIT ? 'wait' : undefined;
  }

  enter(address: string): void {
    const now = this.now();
    let line = this.lines.get(address);
    if (!line) this.lines.set(address, (line = new Line(now)));
    line.enter(now);
    this.inFlight += 1;
  }

  /** Answered, or given up. */
  leave(address: string): void {
    this.lines.get(address)?.leave(this.now());
    this.inFlight -= 1;
  }
}
