import { DataSource } from 'typeorm';

import { Invariants1766000000000 as Invariants } from '../../src/migrations/1766000000000-invariants.js';
import { migrations } from '../../src/migrations/index.js';
import { INVARIANTS } from '../../src/migrations/invariants/index.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { createDatabase } from '../support/databases.js';
import { useWorld } from '../support/world.js';

describe('The migrations', () => {
  it('run, are reverted to nothing, and run again', async () => {
    const database = await createDatabase({ empty: true });
    const dataSource = await new DataSource({ ...dataSourceOptions({ url: database.url }), migrations }).initialize();
    const tables = async () =>
      (
        await dataSource.query<{ name: string }[]>(
          `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')`,
        )
      )
        .map(({ name }) => name)
        .filter((name) => !name.startsWith('migrations'))
        .sort();
    try {
      await dataSource.runMigrations();
      const made = await tables();
      expect(made).toEqual(expect.arrayContaining(['orders', 'payments', 'events', 'idempotency_keys']));
      for (let left = migrations.length; left > 0; left -= 1) await dataSource.undoLastMigration();
      expect(await tables()).toEqual([]);
      expect(await dataSource.query(`SELECT nspname FROM pg_namespace WHERE nspname = 'invariants'`)).toEqual([]);
      expect(await dataSource.query(`SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace`)).toEqual([]);
      await dataSource.runMigrations();
      expect(await tables()).toEqual(made);
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  });

  it('make the views of the invariants last, and anew where they have changed and moved', async () => {
    class Former extends Invariants {
      override readonly name = 'Invariants1765500000000';
    }
    const database = await createDatabase({ empty: true });
    const former = await new DataSource({
      ...dataSourceOptions({ url: database.url }),
      migrations: [...migrations.filter((one) => one !== Invariants), Former],
    }).initialize();
    await former.runMigrations();
    await former.query('DROP VIEW invariants.order_adds_up; CREATE VIEW invariants.of_former_times AS SELECT 1 AS one');
    await former.destroy();
    const present = await new DataSource({ ...dataSourceOptions({ url: database.url }), migrations }).initialize();
    try {
      await present.runMigrations();
      const views = await present.query<{ name: string }[]>(
        `SELECT relname AS name FROM pg_class WHERE relnamespace = 'invariants'::regnamespace AND relkind = 'v'`,
      );
      expect(views.map(({ name }) => name).sort()).toEqual(INVARIANTS.map(({ name }) => name).sort());
      for (let left = migrations.length; left > 0; left -= 1) await present.undoLastMigration();
      expect(await present.query('SELECT name FROM migrations')).toEqual([]);
    } finally {
      await present.destroy();
      await database.drop();
    }
    expect(migrations.at(-1)).toBe(Invariants);
  });

  it('are run by one process where several start together', async () => {
    const database = await createDatabase({ empty: true });
    await Promise.all([1, 2, 3].map(() => migrate(database.url, migrations)));
    await database.drop();
  });
});

describe('The schema', () => {
  const world = useWorld();

  it('has every column that the entities name, and no other', async () => {
    const columns = await world.db.query<{ table: string; column: string }[]>(
      `SELECT table_name AS table, column_name AS column FROM information_schema.columns WHERE table_schema = 'public'`,
    );
    for (const entity of world.db.entityMetadatas) {
      const inDatabase = columns.filter(({ table }) => table === entity.tableName).map(({ column }) => column);
      expect({ entity: entity.name, columns: entity.columns.map(({ databaseName }) => databaseName).sort() }).toEqual({
        entity: entity.name,
        columns: inDatabase.sort(),
      });
    }
  });

  it.each([
    ['sells what is not there', 'UPDATE stock_levels SET reserved = on_hand + 1', 'stock_never_oversold'],
    ['has less than nothing', 'UPDATE stock_levels SET on_hand = -1, reserved = 0', 'stock_never_oversold'],
    ['says paid without the money', 'UPDATE orders SET amount_paid = 0, amount_refunded = 0', 'order_paid_has_its_money'],
    ['owes what its parts do not add up to', 'UPDATE orders SET amount_due = amount_due + 1', 'order_'],
    ['gives back more than was paid', 'UPDATE orders SET amount_refunded = amount_paid + 1', 'order_refunds_within_paid'],
    ['sets aside more than was paid', 'UPDATE payments SET refunding = amount + 1', 'payment_never_gives_back_more'],
    ['is paid by no attempt', 'UPDATE payments SET paid_by_attempt = NULL', 'payment_has_its_attempt'],
    ['is completed at no time', `UPDATE orders SET status = 'completed', shipped_at = now()`, 'order_completed_at'],
    ['stands where no order stands', `UPDATE orders SET status = 'lost'`, 'orders_status_check'],
    ['ships more than was ordered', 'UPDATE order_lines SET shipped_quantity = quantity + 1', 'line_units_add_up'],
    ['takes back more than was shipped', 'UPDATE order_lines SET returned_quantity = shipped_quantity + 1', 'line_returns_within_shipped'],
    ['paid twice by one payment', `UPDATE payment_attempts SET used_as = NULL`, 'attempt_paid_is_used'],
    ['is asked about though it is over', 'UPDATE payment_attempts SET ask_at = now()', 'attempt_unsettled_is_asked'],
    ['forgets what happened', 'DELETE FROM events', 'append-only'],
    ['tells it otherwise', `UPDATE events SET type = 'other'`, 'append-only'],
    ['moves stock in the past', 'UPDATE stock_movements SET on_hand_delta = 0', 'append-only'],
  ])('cannot hold what %s', async (_, sql, says) => {
    const sku = `C-${says}-${sql.length}`;
    await world.paidOrder({ sku, quantity: 2 });
    await expect(world.db.query(sql)).rejects.toThrow(says);
  });
});
