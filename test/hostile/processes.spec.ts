import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { DataSource } from 'typeorm';

import { speak } from '../api/support.js';
import { ApiClient } from '../support/api-client.js';
import { createDatabase, type TestDatabase } from '../support/databases.js';
import { violationsIn } from '../support/invariants.js';
import { apiKey } from './canaries.js';
import { CompiledProgram, type RunningProgram } from './program.js';

const AT_ONCE = 20;

describe('Several processes', () => {
  const key = apiKey();
  let compiled: CompiledProgram;
  let database: TestDatabase;
  let db: DataSource;
  let program: RunningProgram;
  let api: ApiClient;

  beforeAll(async () => {
    compiled = CompiledProgram.compile();
    database = await createDatabase();
    db = await new DataSource({ type: 'postgres', url: database.url, poolSize: 4 }).initialize();
    await begin();
  }, 60_000);
  afterAll(async () => {
    await compiled.remove();
    await db.destroy();
    await database.drop();
  });
  afterEach(async () => {
    expect(await violationsIn(db, new Date())).toEqual([]);
  });

  /** Production needs no simulator beside it. */
  const settings = () => ({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    WEB_CONCURRENCY: '2',
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: '5',
    PUBLIC_URL: 'https://pay.example.com',
    BOOTSTRAP_API_KEY: key,
    SECRETS_KEY: randomBytes(32).toString('base64'),
    LOG_LEVEL: 'error',
  });

  async function begin(): Promise<void> {
    program = compiled.start(settings());
    api = new ApiClient(await program.url(), key);
  }

  const product = async (sku: string, stock: number) =>
    expect((await api.post('/v1/products', { sku, name: sku, price: 100, stock })).status).toBe(201);
  const orderOf = (sku: string) => ({ customerId: 'c', items: [{ sku, quantity: 1 }] });

  /** Each over a connection of its own, so that they are dealt out to the processes. */
  const atOnce = (times: number, path: string, headers: Record<string, string>, body: object) =>
    Promise.all(
      Array.from({ length: times }, () =>
        untilLetIn(() =>
          speak(api.url, {
            method: 'POST',
            path,
            headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
            body: JSON.stringify(body),
          }),
        ),
      ),
    );
  /** On a slow machine so many at once are an overload: who is turned away comes again, as he was told. */
  async function untilLetIn(send: () => ReturnType<typeof speak>): ReturnType<typeof speak> {
    for (;;) {
      const answer = await send();
      if (answer.status !== 503) return answer;
    }
  }

  const figures = async () => ((await api.get<string>('/metrics')) as { body: string }).body;
  /** How many orders each process of the API was asked for. */
  const asked = async () => {
    const lines = [...(await figures()).matchAll(/^suanpan_http_request_seconds_count\{(.*route="\/v1\/orders".*)\} (\d+)$/gm)];
    const by = (name: string) =>
      lines.filter(([, labels]) => labels?.includes(`process="${name}"`)).reduce((sum, [, , count]) => sum + Number(count), 0);
    return [by('api-1'), by('api-2')] as const;
  };
  const count = async (sql: string, ...values: unknown[]) =>
    (await db.query<{ n: number }[]>(`SELECT count(*)::int AS n FROM ${sql}`, values))[0]?.n;
  /** Asks the program again and again, which takes its time, until it answers so. A process that is killed answers nobody. */
  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds().catch(() => false)));
  }

  it('share the port, and /metrics tells of each by its name', async () => {
    await product('SHARED', 1_000);
    const before = await asked();
    const answers = await atOnce(AT_ONCE, '/v1/orders', {}, orderOf('SHARED'));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: AT_ONCE }, () => 201));
    const [one, two] = await asked();
    expect(one - before[0]).toBeGreaterThan(0);
    expect(two - before[1]).toBeGreaterThan(0);
    expect(one + two - before[0] - before[1]).toBe(AT_ONCE);
    expect(await figures()).toMatch(/^process_resident_memory_bytes\{process="worker"\}/m);
  });

  it('sell exactly what there is', async () => {
    await product('FLASH', 100);
    const before = await asked();
    const answers = await atOnce(200, '/v1/orders', {}, orderOf('FLASH'));
    const statuses = answers.map(({ status }) => status);
    expect([statuses.filter((status) => status === 201).length, statuses.filter((status) => status === 409).length]).toEqual([100, 100]);
    expect((await api.get('/v1/inventory/FLASH')).body).toMatchObject({ onHand: 100, reserved: 100, available: 0 });
    const after = await asked();
    expect(Math.min(after[0] - before[0], after[1] - before[1])).toBeGreaterThan(0);
  });

  it('make one order of one Idempotency-Key, however many of them are sent it at once', async () => {
    await product('ONCE', 10);
    const before = await asked();
    const answers = await atOnce(AT_ONCE, '/v1/orders', { 'idempotency-key': 'once' }, orderOf('ONCE'));
    const placed = answers.filter(({ status }) => status === 201);
    expect(new Set(placed.map(({ body }) => body.id)).size).toBe(1);
    const others = answers.filter(({ status }) => status !== 201);
    expect(new Set(others.map(({ body }) => body.code))).toEqual(new Set(others.length > 0 ? ['idempotency_in_progress'] : []));
    expect((await api.get('/v1/inventory/ONCE')).body).toMatchObject({ reserved: 1 });
    const after = await asked();
    expect(Math.min(after[0] - before[0], after[1] - before[1])).toBeGreaterThan(0);
  });

  it('lose nothing that was acknowledged when one is killed, and another takes its place', async () => {
    await product('KILLED', 100_000);
    const acknowledged: unknown[] = [];
    const unanswered: string[] = [];
    let over = false;
    // Each time over a new connection: there is always one that was just handed to a process.
    const buyer = async () => {
      while (!over) {
        const [placed] = await atOnce(1, '/v1/orders', {}, orderOf('KILLED')).catch((error: Error) => [error]);
        if (placed instanceof Error) unanswered.push(placed.message);
        else if (placed?.status === 201) acknowledged.push(placed.body.id);
      }
    };
    const buyers = Array.from({ length: AT_ONCE }, buyer);
    const killed = program.processCalled('suanpan api-1');
    try {
      await until(async () => (await count('orders')) !== undefined && acknowledged.length > 50);
      process.kill(killed, 'SIGKILL');
      await until(async () => (await figures()).includes('suanpan_process_restarts_total{process="api-1"} 1'));
      // What the killed one had counted is gone with it: these are the new one's.
      await until(async () => (await asked())[0] > 0);
    } finally {
      over = true;
    }
    await Promise.all(buyers);

    expect(program.processCalled('suanpan api-1')).not.toBe(killed);
    // Its connections broke, and none was left to wait.
    expect(unanswered.filter((message) => message.startsWith('no answer'))).toEqual([]);
    expect(await count('orders WHERE id = ANY($1)', acknowledged)).toBe(acknowledged.length);
    const reserved = (await api.get<{ reserved: number }>('/v1/inventory/KILLED')).body.reserved;
    expect(reserved).toBe(await count(`order_lines WHERE sku = 'KILLED'`));
  }, 60_000);

  it('have a worker again when it is killed, and it works', async () => {
    await product('EXPIRES', 10);
    const before = program.processCalled('suanpan worker');
    process.kill(before, 'SIGKILL');
    await until(async () => (await figures()).includes('suanpan_process_restarts_total{process="worker"} 1'));
    const { body } = await api.post<{ id: string }>('/v1/orders', orderOf('EXPIRES'));
    await db.query(`UPDATE orders SET expires_at = now() - interval '1 second' WHERE id = $1`, [body.id]);
    await until(async () => (await api.get(`/v1/orders/${body.id}`)).body.status === 'cancelled');
    expect(program.processCalled('suanpan worker')).not.toBe(before);
  }, 60_000);

  it('finish what is under way when they are told to stop, and end with 0', async () => {
    await product('STOPPING', 10);
    const children = program.children();
    const holder = db.createQueryRunner();
    await holder.startTransaction();
    await holder.query(`SELECT 1 FROM stock_levels WHERE sku = 'STOPPING' FOR UPDATE`);
    const placing = api.post('/v1/orders', orderOf('STOPPING'));
    await until(async () => (await count(`pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)) === 1);
    program.signal('SIGTERM');
    // The worker, which has nothing to do, is gone already; who has something to do goes on.
    await until(() => Promise.resolve(!program.children().has('suanpan worker')));
    expect(program.children().size).toBeGreaterThan(0);
    await holder.commitTransaction();
    await holder.release();

    expect((await placing).status).toBe(201);
    expect(await program.end()).toMatchObject({ code: 0 });
    expect([...children.values()].filter(isAlive)).toEqual([]);
    await begin();
  }, 60_000);

  it('all end when the first of them is killed', async () => {
    const children = [...program.children().values()];
    expect(children.length).toBe(3);
    program.signal('SIGKILL');
    await program.end();
    await until(() => count('orders').then(() => children.every((pid) => !isAlive(pid))));
    await begin();
  }, 60_000);

  it('end with a line and a 1 where one of them ends again and again', async () => {
    const seen = new Set(program.children().values());
    let ended = false;
    const ending = program.end().finally(() => (ended = true));
    while (!ended) {
      const children = program.children();
      const pid = children.get('suanpan api-2');
      if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
      children.forEach((one) => seen.add(one));
      // The event loop has to hear of the end.
      await count('orders');
    }
    const { code, said } = await ending;
    expect(code).toBe(1);
    expect(said.trimEnd().split('\n').at(-1)).toMatch(/^api-2 ends again and again: /);
    expect([...seen].filter(isAlive)).toEqual([]);
    await begin();
  }, 120_000);

  it('end with 0 and say nothing where they are told to stop while they still start', async () => {
    const starting = compiled.start(settings());
    await until(() => Promise.resolve(starting.children().has('suanpan worker')));
    starting.signal('SIGTERM');
    const { code, said } = await starting.end();
    expect([code, without(said)]).toEqual([0, '']);
  }, 60_000);

  describe('say in one line, with a 1, what is wrong with', () => {
    it('PORT', async () => {
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      const { port } = other.address() as AddressInfo;
      const { code, said } = await compiled.start({ ...settings(), PORT: String(port) }).end();
      expect([code, without(said)]).toEqual([1, `PORT: ${port} is in use: stop what listens there, or choose another\n`]);
      await new Promise((resolve) => other.close(resolve));
    });

    it.each([
      ['WEB_CONCURRENCY', { WEB_CONCURRENCY: '0' }, /^WEB_CONCURRENCY: must be a whole number from 1 to 64\n$/],
      [
        'DATABASE_URL',
        { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
        /^DATABASE_URL: the database cannot be used \(ECONNREFUSED.*\n$/,
      ],
      ['DATABASE_POOL_SIZE', { DATABASE_POOL_SIZE: '500' }, /^DATABASE_POOL_SIZE: all processes together may want 1505 connections.*\n$/],
      ['HOST', { HOST: '203.0.113.1' }, /^HOST: 203\.0\.113\.1 is no address of this machine\n$/],
    ])('%s', async (_, wrong, line) => {
      const { code, said } = await compiled.start({ ...settings(), ...wrong }).end();
      expect([code, without(said)]).toEqual([1, expect.stringMatching(line)]);
    });

    it('BOOTSTRAP_API_KEY', async () => {
      const empty = await createDatabase();
      const { code, said } = await compiled.start({ ...settings(), DATABASE_URL: empty.url, BOOTSTRAP_API_KEY: '' }).end();
      expect([code, said]).toEqual([1, expect.stringMatching(/^BOOTSTRAP_API_KEY: is missing, .*\n$/)]);
      await empty.drop();
    });
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Without the line that warns of a production that has no gateway. */
function without(said: string): string {
  return said.replace(/^no gateway is set up.*\n/m, '');
}
