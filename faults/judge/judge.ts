import { checkInvariants } from '../../src/platform/invariants/check-invariants.js';
import type { Stage } from '../stage.js';
import { holdsAgainstBooks } from './books.js';
import { happenedOnce, isKept, type Forgotten } from './kept.js';
import { becomesQuiet } from './quiet.js';
import { sellsWhatThereIs } from './stock.js';
import type { Verdict } from './verdict.js';

export interface Judgement {
  readonly verdicts: readonly Verdict[];
  readonly forgotten: readonly Forgotten[];
  /** Milliseconds until all money had its place. */
  readonly quietAfter: number;
  /** How many invariants were looked at. */
  readonly invariants: number;
}

/** Once nobody buys any more and everything runs: whether every promise was kept. */
export async function judge(stage: Stage): Promise<Judgement> {
  const { took, ...quiet } = await becomesQuiet(stage);
  const stock = await sellsWhatThereIs(stage);
  const forgotten = await isKept(stage);
  const { invariants } = await stage.postgres.withClient((client) => checkInvariants(client));
  const violations = invariants.map(({ name, violations: count, sample }) => ({
    what: `invariants.${name}`,
    broken:
      count === 0
        ? []
        : [...sample.map((row) => JSON.stringify(row)), ...(count > sample.length ? [`and ${count - sample.length} more`] : [])],
  }));
  const verdicts = [quiet, ...forgotten, ...(await happenedOnce(stage)), ...stock, ...(await holdsAgainstBooks(stage)), ...violations];
  return { verdicts, forgotten, quietAfter: took, invariants: invariants.length };
}
