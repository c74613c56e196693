import { readFileSync } from 'node:fs';

import type { PoolClient } from 'pg';

import { FUNCTIONS } from '../../src/migrations/invariants/functions.js';
import { orderStates } from '../../src/order/order-status.js';
import { attemptStates, paymentStates, refundStates } from '../../src/payment/payment-states.js';
import { readInvariants, type InvariantCheck } from '../../src/platform/invariants/check-invariants.js';
import { AfterCommitTasks } from '../../src/platform/jobs/after-commit.js';
import { useWorld } from '../support/world.js';
import { PLANTS, type Plant } from './plants.js';
import { tellStory } from './story.js';

describe('An invariant', () => {
  const world = useWorld();
  beforeAll(() => tellStory(world));

  /** What the views say of the planted database, which is then as it was before. */
  async function looked({ without = [], sql }: Pick<Plant, 'without' | 'sql'>): Promise<InvariantCheck> {
    const runner = world.db.createQueryRunner();
    const client = (await runner.connect()) as PoolClient;
    try {
      await client.query('BEGIN');
      await client.query(`SELECT set_config('suanpan.now', $1, true)`, [world.clock.now().toISOString()]);
      for (const guard of without) await client.query(lift(guard));
      // No trigger of ours refuses the planting.
      await client.query('SET LOCAL session_replication_role = replica');
      await client.query(sql);
      return await readInvariants(client, world.clock.now());
    } finally {
      await client.query('ROLLBACK');
      await runner.release();
    }
  }

  const broken = ({ invariants }: InvariantCheck) => invariants.filter(({ violations }) => violations > 0);

  it('holds in a database in which all of it has happened', async () => {
    const statuses = await world.db.query<{ status: string }[]>(
      `SELECT 'order ' || status AS status FROM orders UNION SELECT 'refund ' || status FROM refunds UNION SELECT 'used as ' || used_as FROM payment_attempts
       UNION SELECT 'callback ' || effect FROM callbacks UNION SELECT 'discrepancy ' || kind FROM discrepancies`,
    );
    expect(statuses.map(({ status }) => status)).toEqual(
      expect.arrayContaining([
        ...['pending_payment', 'awaiting_shipment', 'shipped', 'completed', 'cancelled'].map((status) => `order ${status}`),
        ...['requested', 'processing', 'succeeded'].map((status) => `refund ${status}`),
        ...['payment', 'late', 'surplus'].map((use) => `used as ${use}`),
        ...['callback applied', 'discrepancy amount_mismatch'],
      ]),
    );
    expect(await world.violations()).toEqual([]);
  });

  it.each(PLANTS)('$breaks finds $what, and no other does', async (plant) => {
    const found = broken(await looked(plant));
    expect(found.map(({ name }) => name)).toEqual([plant.breaks]);
    for (const { sample } of found) for (const { wrong } of sample) expect(wrong).toMatch(/\w/);
  });

  it('has a plant, each of them', async () => {
    const { invariants } = await looked({ sql: 'SELECT 1' });
    expect([...new Set(PLANTS.map(({ breaks }) => breaks))].sort()).toEqual(invariants.map(({ name }) => name).sort());
  });

  it('is in the documentation, with what it says and how long it waits', async () => {
    const text = readFileSync('docs/invariants.md', 'utf8').replace(/ +/g, ' ');
    const { invariants } = await looked({ sql: 'SELECT 1' });
    expect(
      invariants.filter(({ name, description }) => !text.includes(`| \`${name}\` | ${description} |`)).map(({ name }) => name),
    ).toEqual([]);
    const bounds = [...FUNCTIONS.matchAll(/WHEN '(\w+)' THEN '([^']+)'/g)].map(([, name, bound]) => `| \`${name}\` | ${bound} |`);
    expect(bounds.length).toBeGreaterThan(5);
    expect(bounds.filter((row) => !text.includes(row))).toEqual([]);
  });

  it('knows the transitions that the program knows', async () => {
    const known = await world.db.query<{ subject: string; former: string; next: string }[]>('SELECT * FROM invariants.transitions()');
    const permitted = [orderStates, paymentStates, attemptStates, refundStates].flatMap(({ subject, transitions }) =>
      Object.entries<Record<string, string>>(transitions).flatMap(([former, actions]) =>
        [...new Set(Object.values(actions))].map((next) => `${subject}: ${former} -> ${next}`),
      ),
    );
    expect(known.map(({ subject, former, next }) => `${subject}: ${former} -> ${next}`).sort()).toEqual(permitted.sort());
  });

  // Whoever adds one says in event_had_its_effect how it is seen that it was had, plants that it was not, and adds it here.
  it('is about each thing that follows from an event after its commit', () => {
    const tasks = world.app.get(AfterCommitTasks);
    expect(tasks.names().map((name) => `${tasks.named(name)?.type.type} -> ${name}`)).toEqual(
      expect.arrayContaining(['payment.attempts_closing -> payment.close_attempts', 'payment.refund_requested -> payment.send_refund']),
    );
    expect(tasks.names()).toHaveLength(2);
  });

  it('has a bound only under a name that is known', async () => {
    await expect(world.db.query(`SELECT invariants.bound('patience')`)).rejects.toThrow('no bound is called patience');
  });
});

/** A guard by its table and name: a constraint, or else a unique index. */
function lift(guard: string): string {
  const [table, name] = guard.split('.');
  return `ALTER TABLE ${table} DROP CONSTRAINT IF EXISTS ${name}; DROP INDEX IF EXISTS ${name}`;
}
