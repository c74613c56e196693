/** All that a run touches of the outside, so that a test can give it another one. */
export interface World {
  /** What stands after the command's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What relative file names start from. */
  readonly folder: string;
  readonly now: () => Date;
  readonly readStdin: () => Buffer;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}
