const FIRST_PAUSE = 100;
/** One that lived so long had begun well: what ended it has nothing to do with its start. In milliseconds. */
const LIVED_LONG = 10_000;
/** So often in a row it may end soon after its start. */
const MOST_EARLY_ENDS = 6;

/** When a process that ended is begun anew: at once as a rule, ever later where it ends soon each time, and at last no more. */
export class Restarts {
  private earlyEnds = 0;

  /** Milliseconds until the next start; undefined where it is no use. */
  after(lived: number): number | undefined {
    if (lived >= LIVED_LONG) {
      this.earlyEnds = 0;
      return 0;
    }
    this.earlyEnds += 1;
    if (this.earlyEnds > MOST_EARLY_ENDS) return undefined;
    return FIRST_PAUSE * 2 ** (this.earlyEnds - 1);
  }
}
