import { inspect } from 'node:util';
import { Client } from 'pg';
import { DataSource } from 'typeorm';

import { Packet } from '../../src/platform/database/packets.js';
import { Transactions } from '../../src/platform/events/transactions.js';
import { statementsSentDuring } from '../support/statements.js';
import { useWorld } from '../support/world.js';

const origin = { correlationId: 'a-test', causationId: null, actor: 'test' };

describe('The statements of a unit of work', () => {
  const world = useWorld();
  const database = () => world.app.get(DataSource);

  /** They are asked for at once, and so is COMMIT. */
  const insert = (...numbers: unknown[]) =>
    world.app.get(Transactions).run(origin, (work) => {
      for (const number of numbers) work.write('INSERT INTO numbers (n) VALUES ($1)', [number]);
      return Promise.resolve();
    });
  const inserted = async () => (await database().query<{ n: number }[]>('SELECT n FROM numbers ORDER BY n')).map(({ n }) => n);

  beforeEach(async () => {
    await database().query('CREATE TABLE IF NOT EXISTS numbers (n int PRIMARY KEY)');
    await database().query('TRUNCATE numbers');
    // A connection that has prepared them sends them together from then on.
    await insert(1);
    expect((await statementsSentDuring(() => insert(2, 3))).syncs).toBe(1);
  });

  it('are all done', async () => {
    await insert(4, 5);
    expect(await inserted()).toEqual([1, 2, 3, 4, 5]);
  });

  it('are none of them done where one fails, and the next are done', async () => {
    await expect(insert(4, 2, 5)).rejects.toMatchObject({ code: '23505' });
    expect(await inserted()).toEqual([1, 2, 3]);
    await insert(6);
    expect(await inserted()).toEqual([1, 2, 3, 6]);
  });

  it('are none of them done where one cannot be sent, and the next are done', async () => {
    const noValue = {
      toPostgres: () => {
        throw new Error('this is no value');
      },
    };
    await expect(insert(4, noValue, 5)).rejects.toThrow('this is no value');
    expect(await inserted()).toEqual([1, 2, 3]);
    await insert(6);
    expect(await inserted()).toEqual([1, 2, 3, 6]);
  });

  it('have each their own answer', async () => {
    const sum = (work: { query(sql: string, values: unknown[]): Promise<object[]> }, n: number) =>
      work.query('SELECT $1::int + 1 AS sum', [n]);
    const ask = () =>
      world.app.get(Transactions).run(origin, (work) => Promise.all([sum(work, 1), work.query('SELECT', []), sum(work, 2)]));
    await ask();
    let answers: unknown;
    expect((await statementsSentDuring(async () => (answers = await ask()))).syncs).toBe(2);
    expect(answers).toEqual([[{ sum: 2 }], [{}], [{ sum: 3 }]]);
  });

  it('are kept by nobody once they are answered, not even by what has sent them', async () => {
    const query = jest.spyOn(Client.prototype, 'query');
    const holds = (packet: unknown) => inspect(packet, { depth: 4 }).includes('INSERT INTO numbers');
    const packetsSent = () => query.mock.calls.map(([sent]: readonly unknown[]) => sent).filter((sent) => sent instanceof Packet);
    const done = insert(4, 5);
    while (packetsSent().length === 0) await new Promise((turn) => setImmediate(turn));
    expect(packetsSent().map(holds)).toEqual([true]);
    await done;
    expect(packetsSent().map(holds)).toEqual([false]);
    query.mockRestore();
  });
});
