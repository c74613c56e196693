/** So many batches ask before they act, once one has presumed something in vain: keys that come again, or prices that change, seldom do so alone. */
const WARY_FOR = 50;

/** Whether batches of one kind act on what is remembered, and let the database find out where it is not so. */
export class Confidence {
  private wary = 0;

  isThere(): boolean {
    return this.wary === 0;
  }

  isLost(): void {
    this.wary = WARY_FOR;
  }

  returns(): void {
    this.wary = Math.max(0, this.wary - 1);
  }
}
