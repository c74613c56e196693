import { Client } from 'pg';
import { DataSource } from 'typeorm';

import { Init1760000000000 } from '../../src/migrations/1760000000000-init.js';
import { GatewayAccounts1763800000000 } from '../../src/migrations/1763800000000-gateway-accounts.js';
import { migrations } from '../../src/migrations/index.js';
import { dataSourceOptions } from '../../src/platform/database/data-source.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { schemaOf } from './schema-of.js';

const FORMER = [Init1760000000000, GatewayAccounts1763800000000];
const EVENTS = 3_000;

const APPEND = {
  name: 'append',
  text: `INSERT INTO events (id, type, version, merchant_id, order_id, facts, correlation_id, actor, occurred_at)
         VALUES (gen_random_uuid(), 'order.created', 1, gen_random_uuid(), gen_random_uuid(), '{}', 'c', 'test', now()) RETURNING seq`,
};

describe('A database with events and callbacks of three months', () => {
  let database: TestDatabase;
  let client: Client;

  beforeEach(async () => {
    database = await createDatabase({ empty: true });
    await migrate(database.url, FORMER);
    client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(`
      INSERT INTO events (id, type, version, merchant_id, order_id, facts, correlation_id, actor, occurred_at)
        SELECT gen_random_uuid(), 'order.created', 1, gen_random_uuid(), gen_random_uuid(), '{}', 'c', 'test', now() - n * interval '90 days' / ${EVENTS}
          FROM generate_series(${EVENTS}, 1, -1) AS n;
      INSERT INTO callbacks (id, gateway, topic, headers, body, verdict, effect, out_trade_no, received_at)
        SELECT gen_random_uuid(), 'alipay', 'payments', '{}', '', 'verified', 'none', 'n' || n, now() - n * interval '90 days' / 1000
          FROM generate_series(1000, 1, -1) AS n;`);
  });

  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  const contents = async () => {
    const [row] = (
      await client.query<Record<string, string>>(
        `SELECT (SELECT md5(string_agg(e::text, '' ORDER BY seq)) FROM events e) AS events, (SELECT count(*)::int FROM events) AS "eventCount",
                (SELECT md5(string_agg(c::text, '' ORDER BY id)) FROM callbacks c) AS callbacks, (SELECT count(*)::int FROM callbacks) AS "callbackCount"`,
      )
    ).rows;
    return row;
  };
  const parts = async (table: string) =>
    (
      await client.query<{ name: string; file: string }>(
        `SELECT part.relname AS name, part.relfilenode AS file FROM pg_inherits i JOIN pg_class part ON part.oid = inhrelid
        WHERE inhparent = $1::regclass ORDER BY 1`,
        [table],
      )
    ).rows;
  const fileOf = async (table: string) =>
    (await client.query<{ file: string }>('SELECT relfilenode AS file FROM pg_class WHERE oid = $1::regclass', [table])).rows[0]?.file;

  it('keeps all of them where they are, as the first parts', async () => {
    const [before, eventsFile, callbacksFile] = [await contents(), await fileOf('events'), await fileOf('callbacks')];
    await migrate(database.url, migrations);
    expect(await contents()).toEqual(before);
    expect(before).toMatchObject({ eventCount: EVENTS, callbackCount: 1_000 });
    expect(await parts('events')).toContainEqual({
      name: expect.stringMatching(/^events_before_\d{4}_\d{2}$/) as string,
      file: eventsFile,
    });
    expect(await parts('callbacks')).toContainEqual({
      name: expect.stringMatching(/^callbacks_before_\d{4}_\d{2}$/) as string,
      file: callbacksFile,
    });
    expect((await parts('events')).length).toBeGreaterThanOrEqual(5);
  });

  it('goes on counting, also for a process of the former version that has its statement prepared', async () => {
    await client.query(APPEND);
    await migrate(database.url, migrations);
    const [{ seq } = { seq: '' }] = (await client.query<{ seq: string }>(APPEND)).rows;
    expect(Number(seq)).toBe(EVENTS + 2);
  });

  it('is brought up to date while somebody reads for long, once that is over', async () => {
    const reader = new Client({ connectionString: database.url });
    await reader.connect();
    await reader.query('BEGIN; SELECT count(*) FROM events');
    const migrated = migrate(database.url, migrations);
    const isWaiting = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE 'ALTER TABLE events %'`;
    while ((await client.query(isWaiting)).rowCount === 0);
    // It steps back after two seconds, so that whoever came after it gets through while the reader still reads.
    await client.query(APPEND);
    await reader.query('COMMIT');
    await reader.end();
    await migrated;
    expect(await contents()).toMatchObject({ eventCount: EVENTS + 1 });
  });

  it('refuses to change or delete an event, in the whole and in each part', async () => {
    await migrate(database.url, migrations);
    await client.query(APPEND);
    await client.query(APPEND.text.replace('now())', `now() + interval '40 days')`));
    await client.query(APPEND.text.replace('now())', `now() + interval '400 days')`));
    for (const { name } of [{ name: 'events' }, ...(await parts('events'))]) {
      const { rowCount } = await client.query(`SELECT 1 FROM ${name} LIMIT 1`);
      if (rowCount === 0) continue;
      await expect(client.query(`UPDATE ${name} SET type = 'other'`)).rejects.toThrow('append-only');
      await expect(client.query(`DELETE FROM ${name}`)).rejects.toThrow('append-only');
    }
    const held = await client.query<{ part: string }>('SELECT DISTINCT tableoid::regclass::text AS part FROM events');
    expect(held.rows).toHaveLength(3);
    expect(held.rows).toContainEqual({ part: 'events_default' });
  });

  it('is as it was when that is reverted, and goes on counting', async () => {
    await migrate(database.url, migrations);
    await client.query(APPEND);
    await client.query(APPEND.text.replace('now())', `now() + interval '400 days')`));
    const before = await contents();
    const dataSource = await new DataSource({ ...dataSourceOptions({ url: database.url }), migrations }).initialize();
    const reverted = migrations.length - FORMER.length;
    for (let left = reverted; left > 0; left -= 1) await dataSource.undoLastMigration();
    await dataSource.destroy();
    expect(await contents()).toEqual(before);
    const described = await createDatabase({ empty: true });
    await migrate(described.url, FORMER);
    expect(await schemaOf(database.url)).toEqual(await schemaOf(described.url));
    await described.drop();
    const [{ seq } = { seq: '' }] = (await client.query<{ seq: string }>(APPEND.text)).rows;
    expect(Number(seq)).toBe(EVENTS + 3);
    await migrate(database.url, migrations);
    expect(await contents()).toMatchObject({ eventCount: EVENTS + 3 });
  });
});
