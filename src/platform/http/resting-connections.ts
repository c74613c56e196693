import type { Socket } from 'node:net';

/** In milliseconds: to turn so many away costs next to nothing. */
const BETWEEN_TWO = 4;

/**
 * Connections whose request was turned away, and which are not read for a while. To turn one away takes a part of what it
 * takes to answer one; of a client that asks again at once, however often it is told to wait, there would soon be so many that
 * nothing is left for those who were let in. So after 250 a second the next wait their turn, each at the most as
 * long as it was told to.
 */
export class RestingConnections {
  private nextTurn = -Infinity;

  /** `longest` is in milliseconds. `now` is a steady clock. */
  constructor(
    private readonly longest: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Milliseconds that a connection is to rest, which is turned away now. */
  turn(): number {
    const now = this.now();
    this.nextTurn = Math.min(Math.max(this.nextTurn + BETWEEN_TWO, now), now + this.longest);
    return Math.floor(this.nextTurn - now);
  }

  /** Does not read it until its turn has come. Its answer must have been sent. */
  rest(socket: Socket): void {
    const wait = this.turn();
    if (wait === 0) return;
    // Node resumes it when it reads away what is left of the body; that can wait as well.
    const stay = () => void socket.pause();
    socket.on('resume', stay);
    stay();
    setTimeout(() => socket.off('resume', stay).resume(), wait).unref();
  }
}
