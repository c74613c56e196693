import { Client } from 'pg';

import { DAY } from '../../src/kernel/clock.js';
import { monthOf, monthsAfter, startOf } from '../../src/platform/database/months.js';
import { Partitions, Retention, makeMonthsAhead } from '../../src/platform/database/partitions.js';
import { useWorld } from '../support/world.js';

describe('The parts of the event log and the callback inbox', () => {
  const world = useWorld();
  const partitions = (days: Record<string, number> = {}) => new Partitions(world.db, world.clock, new Retention(days));
  const parts = async (table: string) =>
    (
      await world.db.query<{ name: string }[]>(
        `SELECT part.relname AS name FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid WHERE inhparent = $1::regclass ORDER BY 1`,
        [table],
      )
    ).map(({ name }) => name.slice(table.length + 1));
  const ahead = (count: number) => Array.from({ length: count + 1 }, (_, index) => monthsAfter(monthOf(world.clock.now()), index));
  const appendAt = (instant: Date) =>
    world.db.query(
      `INSERT INTO events (id, type, version, merchant_id, facts, correlation_id, actor, occurred_at)
       VALUES (gen_random_uuid(), 'catalog.product_changed', 1, gen_random_uuid(), '{}', 'c', 'test', $1)`,
      [instant],
    );
  const partOf = async (instant: Date) =>
    (await world.db.query<{ part: string }[]>('SELECT tableoid::regclass::text AS part FROM events WHERE occurred_at = $1', [instant])).map(
      ({ part }) => part,
    );

  it('are there for the present month and three more from the start on', async () => {
    expect(await parts('events')).toEqual([...ahead(3), 'default']);
    expect(await parts('callbacks')).toEqual([...ahead(3), 'default']);
  });

  it('are made ahead as time goes by, however many processes see to it', async () => {
    world.clock.advance(62 * DAY);
    const made = await Promise.all([1, 2, 3].map(() => partitions().keep()));
    expect(made.filter((count) => count > 0)).toEqual([4]);
    expect(await parts('events')).toEqual(expect.arrayContaining(ahead(3)));
    expect(await partitions().keep()).toBe(0);
    await Promise.all([1, 2, 3].map(() => makeMonthsAhead(world.db)));
  });

  it('take an event of any time: one that belongs to no month is kept, and moved when its month is made', async () => {
    const instants = [startOf('2019_05'), startOf(monthsAfter(monthOf(world.clock.now()), 9)), startOf('2019_05')];
    for (const instant of instants) await appendAt(instant);
    expect(await partOf(startOf('2019_05'))).toEqual(['events_default', 'events_default']);
    const before = await world.db.query<unknown[]>('SELECT * FROM events ORDER BY seq');

    expect(await partitions().keep()).toBe(2);

    expect(await partOf(startOf('2019_05'))).toEqual(['events_2019_05', 'events_2019_05']);
    expect(await world.db.query('SELECT 1 FROM events_default')).toEqual([]);
    expect(await world.db.query('SELECT * FROM events ORDER BY seq')).toEqual(before);
    await expect(world.db.query('DELETE FROM events_2019_05')).rejects.toThrow('append-only');
    await appendAt(new Date(0));
    await expect(world.db.query('DELETE FROM events_default')).rejects.toThrow('append-only');
  });

  it('are dropped whole once their last moment is past what is kept, and not a day before', async () => {
    for (const month of ['2020_01', '2020_02']) await appendAt(startOf(month));
    await partitions().keep();
    const since = (day: string) => Math.floor((world.clock.now().getTime() - Date.parse(day)) / DAY);

    expect(await partitions({ events: since('2020-01-31') }).keep()).toBeGreaterThan(0);
    expect(await parts('events')).toEqual(expect.arrayContaining(['2020_01', '2020_02']));
    expect(await parts('events')).not.toContain('2019_05');

    expect(await partitions({ events: since('2020-02-02') }).keep()).toBe(1);
    expect(await parts('events')).not.toContain('2020_01');
    expect(await parts('events')).toContain('2020_02');

    await partitions({ callbacks: 28 }).keep();
    const keptSince = world.clock.now().getTime() - 28 * DAY;
    const former = [-2, -1].map((months) => monthsAfter(monthOf(world.clock.now()), months));
    const kept = former.filter((month) => startOf(monthsAfter(month, 1)).getTime() > keptSince);
    expect(kept.length).toBeLessThan(former.length);
    expect(await parts('callbacks')).toEqual([...kept, ...ahead(3), 'default']);
    expect(await parts('events')).toContain('2020_02');
  });

  it('are seen to later where somebody reads them for long, and writers do not wait for that', async () => {
    await appendAt(startOf('2021_03'));
    await partitions().keep();
    const reader = new Client({ connectionString: world.database.url });
    await reader.connect();
    await reader.query('BEGIN; SELECT count(*) FROM events');

    expect(await partitions({ events: 365 }).keep()).toBe(0);
    expect(await parts('events')).toContain('2021_03');
    await appendAt(world.clock.now());

    await reader.query('COMMIT');
    await reader.end();
    expect(await partitions({ events: 365 }).keep()).toBeGreaterThan(0);
    expect(await parts('events')).not.toContain('2021_03');
  });

  it('are seen to by the worker, among its sweeps', async () => {
    await appendAt(startOf('2022_08'));
    await world.settle();
    expect(await parts('events')).toContain('2022_08');
  });
});
