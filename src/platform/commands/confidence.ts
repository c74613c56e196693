/**
 * So many batches ask before they act, once one has presumed something in vain, its own second try among them: where every batch has a key
 * that comes again, no more than one in nine is done twice.
 */
const WARY_FOR = 8;

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
