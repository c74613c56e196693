import type { ClientBase } from 'pg';

import { required } from '../../kernel/assert.js';

/** A row that must not be. */
export interface Violation {
  readonly merchantId: string | null;
  readonly orderId: string | null;
  /** What it is about: a SKU, an attempt, a refund, a callback … */
  readonly subject: string | null;
  readonly wrong: string | null;
}

export interface CheckedInvariant {
  readonly name: string;
  readonly description: string;
  /** How many rows break it. */
  readonly violations: number;
  /** The first of them. */
  readonly sample: readonly Violation[];
}

export interface InvariantCheck {
  /** The moment that all of it was looked at. */
  readonly asOf: Date;
  readonly invariants: readonly CheckedInvariant[];
}

/** The database has no views of the invariants: nothing can be said of it. */
export class NoInvariants extends Error {}

// One moment for all, and nothing is changed. They read whole tables, which takes as long as it takes: in sorted or hashed order, never
// row by row, whatever the statistics say, and with more memory for it.
const BEGIN = `BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY;
  SET LOCAL statement_timeout = 0; SET LOCAL work_mem = '64MB'; SET LOCAL enable_nestloop = off; SET LOCAL enable_seqscan = on;
  SET LOCAL application_name = 'suanpan check:invariants'`;

/** Named by themselves: an invariant is whatever view stands in the schema of that name. */
const VIEWS = `SELECT relname AS name, format('invariants.%I', relname) AS view, coalesce(obj_description(oid, 'pg_class'), '') AS description
                 FROM pg_class WHERE relnamespace = to_regnamespace('invariants') AND relkind = 'v' ORDER BY relname`;

const SAMPLE = 5;

// Materialized, so that the view is planned for all of its rows: the planner would look for the first few in another way.
const violationsOf = (view: string) =>
  `WITH broken AS MATERIALIZED (SELECT merchant_id, order_id, subject, wrong FROM ${view})
   SELECT (SELECT count(*) FROM broken)::int AS violations, merchant_id AS "merchantId", order_id AS "orderId", subject, wrong
     FROM broken ORDER BY merchant_id, order_id, subject, wrong LIMIT ${SAMPLE}`;

/**
 * Looks at every invariant, all in one snapshot. `now` is for whoever has another clock than the database. Throws `NoInvariants` where
 * the database is older than they are.
 */
export async function checkInvariants(client: ClientBase, now?: Date): Promise<InvariantCheck> {
  await client.query(BEGIN);
  try {
    return await readInvariants(client, now);
  } finally {
    // Nothing was changed; a connection that is gone has nothing to end.
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

/** The same in the transaction that is open, whatever it has changed. */
export async function readInvariants(client: ClientBase, now?: Date): Promise<InvariantCheck> {
  await client.query(`SELECT set_config('suanpan.now', $1, true)`, [now?.toISOString() ?? '']);
  const views = await client.query<{ name: string; view: string; description: string }>(VIEWS);
  if (views.rows.length === 0) throw new NoInvariants('the database has no views of the invariants');
  const clock = await client.query<{ asOf: Date }>('SELECT invariants.present() AS "asOf"');
  const asOf = required(clock.rows[0], 'the time of a snapshot').asOf;
  const invariants: CheckedInvariant[] = [];
  for (const { name, view, description } of views.rows) {
    const { rows } = await client.query<Violation & { violations: number }>(violationsOf(view));
    const sample = rows.map(({ merchantId, orderId, subject, wrong }) => ({ merchantId, orderId, subject, wrong }));
    invariants.push({ name, description, violations: rows[0]?.violations ?? 0, sample });
  }
  return { asOf, invariants };
}
