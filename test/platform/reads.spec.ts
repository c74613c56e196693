import { Client } from 'pg';

import { Reads } from '../../src/platform/database/reads.js';
import { useWorld } from '../support/world.js';

const AT_ONCE = 60;

describe('Reads', () => {
  const world = useWorld();
  const reads = () => world.app.get(Reads);
  const double = 'SELECT $1::int * 2 AS doubled';

  it('are each answered for themselves, however many come at once', async () => {
    const numbers = Array.from({ length: AT_ONCE }, (_, number) => number);
    const rows = await Promise.all(numbers.map((number) => reads().query<{ doubled: number }>(double, [number])));
    expect(rows).toEqual(numbers.map((number) => [{ doubled: number * 2 }]));
  });

  it('fail each for itself', async () => {
    const settled = await Promise.allSettled([
      reads().query(double, [1]),
      reads().query('SELECT 1 / $1::int', [0]),
      reads().list('SELECT nothing', []),
      reads().query(double, [2]),
    ]);
    expect(settled).toMatchObject([
      { status: 'fulfilled', value: [{ doubled: 2 }] },
      { status: 'rejected', reason: { code: '22012' } },
      { status: 'rejected', reason: { code: '42703' } },
      { status: 'fulfilled', value: [{ doubled: 4 }] },
    ]);
  });

  it('that come while others are asked share their connections: four at the most', async () => {
    const query = jest.spyOn(Client.prototype, 'query');
    await Promise.all(Array.from({ length: AT_ONCE }, () => reads().query('SELECT pg_sleep($1)', [0.001])));
    const clients = new Set(query.mock.contexts.filter((_, call) => isSleep(query.mock.calls[call]?.[0])));
    query.mockRestore();
    expect(clients.size).toBeGreaterThan(1);
    expect(clients.size).toBeLessThanOrEqual(4);
  });

  it('are planned once for all values, but for lists, which are planned for theirs', async () => {
    const mode = `SELECT current_setting('plan_cache_mode') AS mode`;
    const [generic, custom] = [[{ mode: 'force_generic_plan' }], [{ mode: 'force_custom_plan' }]];
    const answers = [reads().query(mode, []), reads().list(mode, []), reads().query(mode, []), reads().list('SELECT nothing', [])];
    expect(await Promise.allSettled(answers)).toMatchObject([
      { value: generic },
      { value: custom },
      { value: generic },
      { status: 'rejected' },
    ]);
    expect(await reads().query(mode, [])).toEqual(generic);
  });

  it('find themselves with a connection again after one was lost', async () => {
    const lost = reads().query('SELECT pg_terminate_backend(pg_backend_pid()), $1::int', [1]);
    await expect(lost).rejects.toThrow();
    expect(await reads().query(double, [4])).toEqual([{ doubled: 8 }]);
  });
});

function isSleep(asked: unknown): boolean {
  return (asked as { text?: string } | undefined)?.text?.includes('pg_sleep') ?? false;
}
