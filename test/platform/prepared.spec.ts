import { Reads } from '../../src/platform/database/reads.js';
import { useWorld } from '../support/world.js';

describe('A list as a parameter of a statement', () => {
  const world = useWorld();

  it.each([
    ['text', ['', 'plain', 'NULL', 'null', '{}', 'a,b', ' space ', '"quoted"', 'back\\slash', '\\"', 'new\nline', '订单', '💰', null]],
    ['bigint', [0, -1, 9_007_199_254_740_991, null]],
    ['bool', [true, false, null]],
    ['timestamptz', [new Date(0), new Date('2026-11-27T23:59:59.999+08:00'), null]],
    ['bytea', [Buffer.from(''), Buffer.from([0, 1, 92, 34, 255]), null]],
    ['jsonb', [{ text: 'she said "yes" \\ 好' }, [], null]],
    ['uuid', ['00000000-0000-7000-8000-00000000000a']],
    ['text', []],
  ])('of %s arrives as it was: %j', async (type, list) => {
    const given = list.map((value) => (type === 'jsonb' && value !== null ? JSON.stringify(value) : value));
    const rows = await world.app
      .get(Reads)
      .query<{ value: unknown }>(`SELECT value FROM unnest($1::${type}[]) WITH ORDINALITY AS t(value, n) ORDER BY n`, [given]);
    expect(rows.map(({ value }) => value)).toEqual(list);
  });

  it('takes whole numbers beyond what a number of ours holds', async () => {
    const sql = 'SELECT value::text FROM unnest($1::bigint[]) AS value';
    expect(await world.app.get(Reads).query(sql, [[-9_223_372_036_854_775_808n]])).toEqual([{ value: '-9223372036854775808' }]);
  });

  it('refuses what is no value of a list', async () => {
    await expect(world.app.get(Reads).query('SELECT $1::text[]', [[{ an: 'object' }]])).rejects.toThrow('texts, numbers, truths, times');
  });
});
