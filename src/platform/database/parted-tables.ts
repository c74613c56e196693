import type { QueryRunner } from 'typeorm';

import { monthOf, monthsAfter, startOf, type Month } from './months.js';

/** A part of a table: all rows from one time to another, or, of the default one, all that belong to no other. */
export interface Part {
  readonly name: string;
  /** Null: from the beginning. */
  readonly from: Date | null;
  readonly to: Date | null;
  readonly isDefault: boolean;
}

/** A table that is parted by month. */
export interface PartedTable {
  readonly name: string;
  /** The column that it is parted by. */
  readonly time: string;
  readonly parts: readonly Part[];
}

/** All tables that are parted by one time, and have a default part. */
export async function partedTables(runner: Pick<QueryRunner, 'query'>): Promise<PartedTable[]> {
  const rows = (await runner.query(
    `SELECT whole.relname AS "table", a.attname AS "time", part.relname AS "name", bound.text = 'DEFAULT' AS "isDefault",
            substring(bound.text FROM 'FROM \\(''([^'']+)''\\)')::timestamptz AS "from",
            substring(bound.text FROM 'TO \\(''([^'']+)''\\)')::timestamptz AS "to"
       FROM pg_partitioned_table p
       JOIN pg_class whole ON whole.oid = p.partrelid AND whole.relnamespace = current_schema()::regnamespace
       JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0] AND a.atttypid = 'timestamptz'::regtype
       JOIN pg_inherits i ON i.inhparent = p.partrelid
       JOIN pg_class part ON part.oid = i.inhrelid
      CROSS JOIN LATERAL pg_get_expr(part.relpartbound, part.oid) AS bound(text)
      WHERE p.partstrat = 'r' AND p.partnatts = 1 AND p.partdefid <> 0
      ORDER BY 1, "from" NULLS FIRST`,
  )) as ({ table: string; time: string } & Part)[];
  const byTable = new Map<string, PartedTable & { readonly parts: Part[] }>();
  for (const { table, time, ...part } of rows) {
    const known = byTable.get(table) ?? { name: table, time, parts: [] };
    known.parts.push(part);
    byTable.set(table, known);
  }
  return [...byTable.values()];
}

/** Of the present month and as many after it as are wanted ahead, those that the table has no part for. */
export function missingMonths({ parts }: PartedTable, now: Date, ahead: number): Month[] {
  const covered = (instant: Date) =>
    parts.some(({ from, to, isDefault }) => !isDefault && (from === null || from <= instant) && (to === null || instant < to));
  return Array.from({ length: ahead + 1 }, (_, index) => monthsAfter(monthOf(now), index)).filter((month) => !covered(startOf(month)));
}

/** A part like the default one, but for what is in it. It is made beside the table and then attached, for which no writer waits. */
export async function addMonth(runner: QueryRunner, table: Pick<PartedTable, 'name'>, month: Month): Promise<void> {
  await make(runner, table, month);
  await attach(runner, table, month);
}

/** The same, with the rows of that month that fell into the default part. Nobody sees them missing, since it is locked meanwhile. */
export async function rescueMonth(runner: QueryRunner, table: Pick<PartedTable, 'name' | 'time'>, month: Month): Promise<void> {
  const { name, time } = table;
  const [from, to] = boundsOf(month);
  const within = `${time} >= ${from} AND ${time} < ${to}`;
  await runner.query(`LOCK TABLE ${name}_default IN ACCESS EXCLUSIVE MODE`);
  await make(runner, table, month);
  await runner.query(`INSERT INTO ${name}_${month} SELECT * FROM ${name}_default WHERE ${within}`);
  // What must not be deleted is not: it has another place. The trigger is back before anybody else can look.
  await runner.query(`ALTER TABLE ${name}_default DISABLE TRIGGER USER`);
  await runner.query(`DELETE FROM ${name}_default WHERE ${within}`);
  await runner.query(`ALTER TABLE ${name}_default ENABLE TRIGGER USER`);
  await attach(runner, table, month);
}

async function make(runner: QueryRunner, { name }: Pick<PartedTable, 'name'>, month: Month): Promise<void> {
  await runner.query(`CREATE TABLE ${name}_${month} (LIKE ${name}_default INCLUDING DEFAULTS INCLUDING INDEXES)`);
}

async function attach(runner: QueryRunner, { name }: Pick<PartedTable, 'name'>, month: Month): Promise<void> {
  const [from, to] = boundsOf(month);
  await runner.query(`ALTER TABLE ${name} ATTACH PARTITION ${name}_${month} FOR VALUES FROM (${from}) TO (${to})`);
}

function boundsOf(month: Month): [string, string] {
  return [`'${startOf(month).toISOString()}'`, `'${startOf(monthsAfter(month, 1)).toISOString()}'`];
}
