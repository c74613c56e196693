import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { run } from '../../src/check-invariants.js';
import { migrations } from '../../src/migrations/index.js';
import { startEmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { createDatabase } from '../support/databases.js';
import { useWorld } from '../support/world.js';

async function checked(args: readonly string[], env: Record<string, string> = {}) {
  const said = { out: '', err: '' };
  const code = await run({ args, env, out: (text) => (said.out += text), err: (text) => (said.err += text) });
  return { code, ...said };
}

describe('npm run check:invariants', () => {
  const world = useWorld();

  it('says of each that it holds, and ends with 0', async () => {
    await world.paidOrder({ sku: 'SOUND' });
    const { code, out, err } = await checked(['--database-url', world.database.url]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    expect(lines[0]).toBe('ok      0  applied_callback_fits');
    expect(lines.at(-1)).toMatch(/^(\d+) of \1 invariants hold, as of \d{4}-/);
    expect(lines.filter((line) => line.startsWith('ok'))).toHaveLength(lines.length - 2);
  });

  it('finds DATABASE_URL by itself, says of a broken one what is wrong, and ends with 1', async () => {
    const order = await world.placeOrder({ sku: 'SPOILED' });
    await world.db.query(`UPDATE reservations SET status = 'committed' WHERE order_id = $1`, [order.id]);
    try {
      const { code, out } = await checked([], { DATABASE_URL: world.database.url });
      expect(code).toBe(1);
      expect(out).toContain('BROKEN  1  reservation_follows_its_order: Each line has a reservation');
      expect(out).toMatch(new RegExp(`SPOILED: the order is pending_payment.* \\(order ${order.id}, merchant `));
      expect(out).toMatch(/\n(\d+) of (?!\1)\d+ invariants hold/);
    } finally {
      await world.db.query(`UPDATE reservations SET status = 'held' WHERE order_id = $1`, [order.id]);
    }
  });

  it('shows the first rows of many, and where the others are', async () => {
    await world.db.query(`INSERT INTO stock_levels SELECT gen_random_uuid(), 'MANY', 1, 0 FROM generate_series(1, 7)`);
    const { out } = await checked(['--database-url', world.database.url]);
    await world.db.query(`DELETE FROM stock_levels WHERE sku = 'MANY'`);
    expect(out.match(/ MANY: /g)).toHaveLength(5);
    expect(out).toContain('BROKEN  7  stock_is_sum_of_movements');
    expect(out).toContain('and 2 more: SELECT * FROM invariants.stock_is_sum_of_movements');
  });

  it('changes nothing, and is not cut short', async () => {
    await world.db.query(`CREATE VIEW invariants.snapshot AS SELECT NULL::uuid AS merchant_id, NULL::uuid AS order_id, NULL AS subject,
      format('%s, %s, %s', current_setting('transaction_isolation'), current_setting('transaction_read_only'), current_setting('statement_timeout')) AS wrong`);
    const { out } = await checked(['--database-url', `${world.database.url}?options=-c%20statement_timeout%3D30000`]);
    await world.db.query('DROP VIEW invariants.snapshot');
    expect(out).toContain('repeatable read, on, 0');
  });

  it.each([
    ['an option that it does not have', ['--quick'], {}, /^check:invariants: Unknown option '--quick'/],
    [
      'an address that is none',
      ['--database-url', 'localhost'],
      {},
      /^check:invariants: --database-url: must be an address that begins with/,
    ],
    ['no address after all', ['--database-url'], {}, /^check:invariants: .*--database-url/],
    ['a setting that is none', [], { DATABASE_URL: 'localhost' }, /^check:invariants: DATABASE_URL: must be/],
    ['a database that does not answer', ['--database-url', 'postgres://me:secret@127.0.0.1:1/x'], {}, /^check:invariants: .*ECONNREFUSED/],
    ['a folder without one', [], { DATA_DIR: '/tmp/suanpan-no-such-folder' }, /^check:invariants: there is no database in/],
  ])('ends with 2 and one line where it is given %s', async (_, args, env, says) => {
    const { code, out, err } = await checked(args, env);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(says);
    expect(err.trimEnd().split('\n')).toHaveLength(1);
    expect(err).not.toContain('secret');
  });

  it('ends with 2 where the database is older than the invariants', async () => {
    const database = await createDatabase({ empty: true });
    const { code, err } = await checked(['--database-url', database.url]);
    await database.drop();
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining('has no views of the invariants') as string });
  });

  it('says how it is used', async () => {
    expect(await checked(['--help'])).toMatchObject({ code: 0, out: expect.stringContaining('Exit code: 0 all of them hold') as string });
  });

  it('finds the embedded database where it runs, and starts it where it does not', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'suanpan-check-'));
    chmodSync(dir, 0o711);
    const dataDir = join(dir, 'postgres');
    const embedded = await startEmbeddedPostgres({ dataDir, projectFile: join(process.cwd(), 'package.json'), settings: { fsync: 'off' } });
    try {
      await migrate(embedded.url(), migrations);
      expect(await checked([], { DATA_DIR: dir })).toMatchObject({ code: 0, err: '' });
      await embedded.stop();
      expect(await checked([], { DATA_DIR: dir })).toMatchObject({ code: 0, err: '' });
    } finally {
      await embedded.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  }, 60_000);
});
