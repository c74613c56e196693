import type { Client } from 'pg';

/** The tables that a fill writes most of; of parted ones the parts as well. */
const FILLED = [
  'orders',
  'order_lines',
  'reservations',
  'stock_movements',
  'shipments',
  'payments',
  'payment_attempts',
  'refunds',
  'callbacks',
  'events',
];

/** What was taken down is written down here until it is back: a fill that is cut short leaves a database that nothing should run on. */
const NOTE = 'bench_fill_taken_down';

export interface TakenDown {
  /** What makes the keys and indexes anew, by table: tables can be seen to side by side. */
  readonly byTable: ReadonlyMap<string, readonly string[]>;
  /** What needs the keys of other tables. */
  readonly last: readonly string[];
}

interface Row {
  readonly table: string;
  readonly down: string;
  readonly up: string;
  readonly isForeign: boolean;
}

/** True where a former fill did not come to its end. */
export async function wasCutShort(client: Client): Promise<boolean> {
  return (await client.query(`SELECT 1 WHERE to_regclass('${NOTE}') IS NOT NULL`)).rowCount === 1;
}

/** Takes down every key and index of the filled tables: made at once over all rows, they cost a fraction. */
export async function takeDown(client: Client): Promise<TakenDown> {
  const { rows } = await client.query<Row>(
    `WITH filled AS (
       SELECT oid AS id FROM pg_class WHERE oid = ANY ($1::regclass[])
       UNION SELECT inhrelid FROM pg_inherits WHERE inhparent = ANY ($1::regclass[])
     ), own AS (
       SELECT 0 AS rank, c.conrelid::regclass::text AS "table", format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname) AS down,
              format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) AS up, true AS "isForeign"
         FROM pg_constraint c WHERE c.contype = 'f' AND c.conrelid IN (SELECT id FROM filled)
       UNION ALL
       SELECT 1, c.conrelid::regclass::text, format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname),
              format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)), false
         FROM pg_constraint c WHERE c.contype IN ('p', 'u') AND c.conrelid IN (SELECT id FROM filled)
       UNION ALL
       SELECT 2, i.indrelid::regclass::text, format('DROP INDEX %s', i.indexrelid::regclass),
              regexp_replace(pg_get_indexdef(i.indexrelid), ' ON ONLY ', ' ON '), false
         FROM pg_index i WHERE i.indrelid IN (SELECT id FROM filled)
          AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u'))
          AND NOT EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
     )
     SELECT "table", down, up, "isForeign" FROM own ORDER BY rank, "table", up`,
    [FILLED],
  );
  await client.query('BEGIN');
  await client.query(`CREATE TABLE ${NOTE} AS SELECT unnest($1::text[]) AS statement`, [rows.map(({ up }) => up)]);
  for (const { down } of rows) await client.query(down);
  await client.query('COMMIT');
  const byTable = new Map<string, string[]>();
  // A part and the whole of it are one table here: an index of the whole is made on each part.
  for (const { table, up } of rows.filter(({ isForeign }) => !isForeign)) {
    const whole = FILLED.find((name) => (name === 'callbacks' || name === 'events' ? table.startsWith(`${name}_`) : false)) ?? table;
    byTable.set(whole, [...(byTable.get(whole) ?? []), up]);
  }
  return { byTable, last: rows.filter(({ isForeign }) => isForeign).map(({ up }) => up) };
}

export async function isBack(client: Client): Promise<void> {
  await client.query(`DROP TABLE ${NOTE}`);
}
