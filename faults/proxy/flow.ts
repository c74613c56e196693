import type { Socket } from 'node:net';

/** Towards the server, or back from it. */
export type Direction = 'up' | 'down';

/** How bytes travel at this moment. */
export interface Manner {
  /** Milliseconds that each piece is late. */
  readonly delay: number;
  /** So many bytes at a time, with the delay between them. Undefined: as they came. */
  readonly atATime: number | undefined;
}

export const STRAIGHT: Manner = { delay: 0, atATime: undefined };

/** One direction of a connection: what comes in at one end goes out at the other, in its order, however late. */
export class Flow {
  private readonly late: { readonly piece: Buffer; readonly due: number }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private ended = false;

  /** `passes` sees each piece first, and says whether it goes on. */
  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly manner: () => Manner,
    private readonly passes: (piece: Buffer) => boolean,
  ) {
    from.on('data', (piece: Buffer) => this.take(piece));
    from.on('end', () => {
      this.ended = true;
      if (this.late.length === 0) to.end();
    });
    to.on('drain', () => from.resume());
  }

  private take(piece: Buffer): void {
    if (!this.passes(piece)) return;
    const { delay, atATime } = this.manner();
    if (delay === 0 && this.late.length === 0) return this.write(piece);
    let due = Math.max(performance.now() + delay, this.late.at(-1)?.due ?? 0);
    const size = atATime ?? piece.length;
    for (let start = 0; start < piece.length; start += size) {
      this.late.push({ piece: piece.subarray(start, start + size), due });
      if (atATime !== undefined) due += delay;
    }
    this.wait();
  }

  private wait(): void {
    const [first] = this.late;
    if (this.timer !== undefined || first === undefined) return;
    this.timer = setTimeout(
      () => {
        this.timer = undefined;
        this.late.shift();
        this.write(first.piece);
        if (this.ended && this.late.length === 0) this.to.end();
        this.wait();
      },
      Math.max(0, first.due - performance.now()),
    );
  }

  private write(piece: Buffer): void {
    if (this.to.destroyed) return;
    if (!this.to.write(piece)) this.from.pause();
  }
}
