/** What one look found: the rows that must not be, each in a line. */
export interface Verdict {
  readonly what: string;
  readonly broken: readonly string[];
}
