import type { Injected, Kind } from '../kinds/kind.js';

/** What became of the faults of one kind. */
export interface Line {
  readonly kind: Kind;
  injected: number;
  killed: number;
  /** Requests that had to be sent again meanwhile. */
  again: number;
  lost: number;
  readonly recoveries: number[];
  never: number;
  readonly wrong: string[];
}

/** When a fault began, so that what was lost can be laid at its door. */
interface Begun {
  readonly at: number;
  readonly line: Line;
}

export class Tally {
  readonly lines: readonly Line[];
  private readonly begun: Begun[] = [];

  constructor(kinds: readonly Kind[]) {
    this.lines = kinds.map((kind) => ({ kind, injected: 0, killed: 0, again: 0, lost: 0, recoveries: [], never: 0, wrong: [] }));
  }

  begins(kind: Kind): void {
    const line = this.of(kind);
    if (line) this.begun.push({ at: performance.now(), line });
  }

  count(kind: Kind, { killed = 0, recovery, wrong = [] }: Injected, again: number): void {
    const line = this.of(kind);
    if (!line) return;
    line.injected += 1;
    line.killed += killed;
    line.again += again;
    line.wrong.push(...wrong);
    if (recovery === 'never') line.never += 1;
    else if (recovery !== undefined) line.recoveries.push(recovery);
  }

  /** Something that was acknowledged at this time is not there: the fault that came next, or that was under way, has it. */
  blame(at: number): void {
    const culprit = this.begun.find((one) => one.at >= at) ?? this.begun.at(-1);
    if (culprit) culprit.line.lost += 1;
  }

  get killed(): number {
    return this.lines.reduce((sum, { killed }) => sum + killed, 0);
  }

  private of(kind: Kind): Line | undefined {
    return this.lines.find((line) => line.kind === kind);
  }
}
