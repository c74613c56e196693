/**
 * Something that must always hold, and the rows that break it. Each row says whose it is and what is wrong: `merchant_id`, `order_id`
 * (null where there is none), `subject` (a SKU, an attempt, a refund …) and `wrong`, a text for a person.
 */
export interface Invariant {
  readonly name: string;
  /** What holds, in a sentence; the comment on the view, and what `GET /v1/admin/invariants` calls it. */
  readonly says: string;
  readonly sql: string;
}

export function createView({ name, says, sql }: Invariant): string {
  return `CREATE VIEW invariants.${name} (merchant_id, order_id, subject, wrong) AS ${sql};
    COMMENT ON VIEW invariants.${name} IS '${says.replaceAll("'", "''")}';`;
}
