import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A table that grows for ever, and the time by which it is parted. */
interface Growing {
  readonly name: string;
  readonly time: string;
  readonly key: string;
  /** What follows `ON <table>` in each index that the whole has, by what its name says of it. */
  readonly indexes: Readonly<Record<string, string>>;
}

const EVENTS: Growing = {
  name: 'events',
  time: 'occurred_at',
  key: 'seq',
  indexes: { events_of_order: '(order_id, seq) WHERE order_id IS NOT NULL' },
};

const CALLBACKS: Growing = {
  name: 'callbacks',
  time: 'received_at',
  key: 'id',
  indexes: {
    callbacks_newest: '(merchant_id, id DESC)',
    callbacks_by_trade: '(out_trade_no, id DESC) WHERE out_trade_no IS NOT NULL',
    // Most callbacks verify and belong to somebody: those are found by the newest, and only the others cost one index more.
    callbacks_unusual: `(merchant_id, verdict, id DESC) WHERE verdict <> 'verified' OR merchant_id IS NULL`,
  },
};

const REST = `
-- Nothing reads a movement by its number alone, nor the shipments of an order.
ALTER TABLE stock_movements DROP CONSTRAINT IF EXISTS stock_movements_pkey;
DROP INDEX IF EXISTS shipments_by_order;
-- A gateway's notice about a refund names the attempt.
CREATE INDEX IF NOT EXISTS refunds_by_attempt ON refunds (attempt_id);
-- With a fifth of a table dead before it is vacuumed, which is PostgreSQL's default, a large one carries millions of dead rows.
ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE order_lines SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE payments SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE payment_attempts SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
ALTER TABLE reservations SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);
-- As many records are forgotten as are written: vacuum has to keep up with it, and must not pause for breath.
ALTER TABLE idempotency_keys SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
`;

const REST_AS_IT_WAS = `
ALTER TABLE idempotency_keys RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_cost_delay);
ALTER TABLE orders RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
ALTER TABLE order_lines RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
ALTER TABLE payments RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
ALTER TABLE payment_attempts RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
ALTER TABLE reservations RESET (autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
DROP INDEX refunds_by_attempt;
CREATE INDEX shipments_by_order ON shipments (order_id, id);
ALTER TABLE stock_movements ADD CONSTRAINT stock_movements_pkey PRIMARY KEY (seq);
`;

/** A reader that takes long, such as a backup, holds the tables: everybody else would queue up behind us, so we step back. */
const PATIENCE = `SET LOCAL lock_timeout = '2s'`;
const MAX_TRIES = 150;

/**
 * The event log and the callback inbox, parted by month. What is there stays where it is: the former table becomes the first part, and
 * is read once, under a lock that holds up nobody, to be sure of its latest time. Each step can be done again where it was cut short.
 * The program makes the months to come (platform/database/partitions.ts); what falls into none falls into the default part.
 */
export class Growth1765000000000 implements MigrationInterface {
  readonly name = 'Growth1765000000000';
  // In one transaction, the lock of each step would be held until the end of the last.
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    // Its views would stay with the tables of before. The invariants come after, and make it anew.
    await runner.query('DROP SCHEMA IF EXISTS invariants CASCADE');
    for (const table of [EVENTS, CALLBACKS]) {
      if (await isParted(runner, table)) continue;
      const end = await bound(runner, table);
      await patiently(runner, () => part(runner, table, end));
    }
    await patiently(runner, () => runner.query(REST));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(REST_AS_IT_WAS);
    for (const table of [CALLBACKS, EVENTS]) await makeWhole(runner, table);
    await runner.query('DROP INDEX callbacks_unusual');
  }
}

async function isParted(runner: QueryRunner, { name }: Growing): Promise<boolean> {
  const found = (await runner.query(`SELECT 1 FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'p'`, [name])) as unknown[];
  return found.length > 0;
}

/** The end of the first part, a month's: later than all that is there, and than what is written until it is one. Answers `2026_12`. */
async function bound(runner: QueryRunner, { name, time, indexes }: Growing): Promise<string> {
  const [row] = (await runner.query(
    `SELECT to_char(date_trunc('month', greatest(now(), max(${time})) AT TIME ZONE 'UTC' + interval '2 days') + interval '1 month', 'YYYY_MM') AS "end"
       FROM ${name}`,
  )) as { end: string }[];
  const end = row?.end ?? '';
  await patiently(runner, async () => {
    await runner.query(`ALTER TABLE ${name} DROP CONSTRAINT IF EXISTS ${name}_before`);
    await runner.query(`ALTER TABLE ${name} ADD CONSTRAINT ${name}_before CHECK (${time} < '${startOf(end)}') NOT VALID`);
  });
  // A scan, which neither readers nor writers wait for; with it, the part is attached without another one.
  await runner.query(`ALTER TABLE ${name} VALIDATE CONSTRAINT ${name}_before`);
  // All but the new one are there; a part that has what the whole has is not indexed when it is attached.
  await patiently(runner, async () => {
    for (const [index, on] of Object.entries(indexes)) await runner.query(`CREATE INDEX IF NOT EXISTS ${index} ON ${name} ${on}`);
  });
  return end;
}

const startOf = (month: string): string => `${month.replace('_', '-')}-01T00:00:00Z`;

/** Puts a parted table in the place of the whole one, which becomes its first part; an empty one is let go. */
async function part(runner: QueryRunner, { name, time, key, indexes }: Growing, end: string): Promise<void> {
  const former = `${name}_before_${end}`;
  await runner.query(`ALTER TABLE ${name} RENAME TO ${former}`);
  await runner.query(`ALTER INDEX ${name}_pkey RENAME TO ${former}_pkey`);
  for (const index of Object.keys(indexes)) await runner.query(`ALTER INDEX ${index} RENAME TO ${index}_before_${end}`);
  if (name === EVENTS.name) {
    await runner.query(`DROP TRIGGER events_append_only ON ${former}`);
    // Before PostgreSQL 17 a parted table cannot count by itself.
    const [{ next }] = (await runner.query('SELECT last_value + is_called::int AS next FROM events_seq_seq')) as [{ next: number }];
    await runner.query(`ALTER TABLE ${former} ALTER COLUMN seq DROP IDENTITY`);
    await runner.query(`CREATE SEQUENCE events_seq_seq START ${next}`);
  }
  await runner.query(`CREATE TABLE ${name} (LIKE ${former}) PARTITION BY RANGE (${time})`);
  if (name === EVENTS.name) {
    await runner.query(`ALTER TABLE events ALTER COLUMN seq SET DEFAULT nextval('events_seq_seq')`);
    await runner.query('ALTER SEQUENCE events_seq_seq OWNED BY events.seq');
    await runner.query('CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION refuse_change()');
  }
  for (const [index, on] of Object.entries(indexes)) await runner.query(`CREATE INDEX ${index} ON ${name} ${on}`);
  // The key is each part's own: with the time in it, as a key of the whole needs, the first part would have to be indexed anew.
  await runner.query(`CREATE TABLE ${name}_default PARTITION OF ${name} (PRIMARY KEY (${key})) DEFAULT`);
  const [first] = (await runner.query(`SELECT 1 FROM ${former} LIMIT 1`)) as unknown[];
  if (first === undefined) {
    await runner.query(`DROP TABLE ${former}`);
    return;
  }
  await runner.query(`ALTER TABLE ${name} ATTACH PARTITION ${former} FOR VALUES FROM (MINVALUE) TO ('${startOf(end)}')`);
  await runner.query(`ALTER TABLE ${former} DROP CONSTRAINT ${name}_before`);
}

/** Gathers the parts into one table, as it was: this one writes every row anew. */
async function makeWhole(runner: QueryRunner, { name, key, indexes }: Growing): Promise<void> {
  await runner.query(`CREATE TABLE ${name}_whole (LIKE ${name})`);
  await runner.query(`INSERT INTO ${name}_whole SELECT * FROM ${name}`);
  const next =
    name === EVENTS.name
      ? ((await runner.query('SELECT last_value + is_called::int AS next FROM events_seq_seq')) as [{ next: number }])[0].next
      : undefined;
  await runner.query(`DROP TABLE ${name}`);
  await runner.query(`ALTER TABLE ${name}_whole RENAME TO ${name}`);
  await runner.query(`ALTER TABLE ${name} ADD CONSTRAINT ${name}_pkey PRIMARY KEY (${key})`);
  for (const [index, on] of Object.entries(indexes)) await runner.query(`CREATE INDEX ${index} ON ${name} ${on}`);
  if (next === undefined) return;
  await runner.query(`ALTER TABLE events ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (START WITH ${next})`);
  await runner.query(
    'CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()',
  );
}

/** In a transaction of its own that waits for no lock for long, again and again until it gets what it needs. */
async function patiently(runner: QueryRunner, act: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await runner.startTransaction();
    try {
      await runner.query(PATIENCE);
      await act();
      await runner.commitTransaction();
      return;
    } catch (error) {
      await runner.rollbackTransaction();
      const { code } = error as { code?: string };
      if (code !== '55P03' || tries === MAX_TRIES) throw error;
    }
  }
}
