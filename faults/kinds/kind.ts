import type { Random } from '../random.js';
import type { Stage } from '../stage.js';

/** What came of one injection. */
export interface Injected {
  /** Processes that were ended by kill -9; PostgreSQL, which dies whole, is one. */
  readonly killed?: number;
  /** Milliseconds until it was as before: from the fault, or from its end where it lasts. `never`: it was not within the harness' patience. */
  readonly recovery?: number | 'never';
  /** What is worth a word. */
  readonly note?: string;
  /** What the program must not have done. */
  readonly wrong?: readonly string[];
}

/** One way in which something breaks. */
export interface Kind {
  readonly name: string;
  /** For the report and the document. */
  readonly title: string;
  /** Recovery must not take longer, in milliseconds. */
  readonly bound?: number;
  /** So often it is made where others are made once (1). */
  readonly weight?: number;
  /** It takes minutes: only where it is asked for by name. */
  readonly isRare?: boolean;
  /** Why it cannot be done here; undefined where it can. */
  readonly impossible?: () => string | undefined;
  /** Breaks it, mends it, and sees it recover. */
  inject(stage: Stage, random: Random): Promise<Injected>;
}

/** What was measured, as `recovery` says it. */
export const measured = (milliseconds: number | undefined): number | 'never' => milliseconds ?? 'never';
