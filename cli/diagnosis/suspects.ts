/** Something that was perhaps signed in place of what should have been. `cause` is the mistake that would explain it. */
export interface Suspect {
  readonly cause: string;
  readonly content: Buffer;
}

/** Contents may be costly to make, so they are made when they are asked for. */
export type Suspects = Iterable<Suspect>;
