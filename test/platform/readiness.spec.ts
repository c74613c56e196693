import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { AppModule } from '../../src/app.module.js';
import { migrations } from '../../src/migrations/index.js';
import { createHttpApplication } from '../../src/platform/http/http-application.js';
import { judgeMigrations } from '../../src/platform/readiness/schema-state.js';
import { expectProblem } from '../api/support.js';
import { ApiClient } from '../support/api-client.js';
import { Road } from '../support/road.js';
import { useWorld } from '../support/world.js';

const KNOWN = migrations.map(({ name }) => name);

describe('Whether it can serve', () => {
  const world = useWorld();
  let road: Road;
  let app: NestFastifyApplication;
  let api: ApiClient;

  beforeAll(async () => {
    road = new Road(new URL(world.database.url));
    const module = AppModule.forRoot({
      platform: { database: { url: (await road.opens()).href, poolSize: 5 }, clock: world.clock, migrations: KNOWN },
      payment: { publicUrl: 'http://127.0.0.1', secretsKeys: [world.secretsKey] },
      autoCompleteAfterDays: 10,
    });
    app = await createHttpApplication(module, { logger: false });
    await app.listen(0, '127.0.0.1');
    api = new ApiClient(await app.getUrl(), world.api.apiKey);
  });
  afterAll(async () => {
    await road.isCut();
    await app.close();
  });

  const ready = () => api.get('/health/ready');
  const figure = async (name: string) =>
    new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\S+)$`, 'm').exec((await api.get<string>('/metrics')).body)?.[1];
  const everythingFits = { status: 'ok', checks: { database: 'ok', migrations: 'ok', worker: 'ok', workerLag: 0 }, advice: [] };

  it('is ok where everything is', async () => {
    expect(await ready()).toMatchObject({ status: 200, body: everythingFits });
    expect(await figure('suanpan_database_up')).toBe('1');
  });

  it('is not where a migration is missing, and says which step helps', async () => {
    const [gone] = await world.db.query<unknown[]>(`DELETE FROM migrations WHERE name ~ '^Growth' RETURNING timestamp, name`);
    const answer = await ready();
    await world.db.query(
      'INSERT INTO migrations (timestamp, name) SELECT timestamp, name FROM json_populate_record(NULL::migrations, $1)',
      [JSON.stringify((gone as unknown[])[0])],
    );
    expectProblem(answer, 503, 'unavailable');
    expect(answer.body).toMatchObject({
      checks: { database: 'ok', migrations: 'pending' },
      detail: expect.stringMatching(/migration:run/) as string,
    });
    expect((await api.get('/health/live')).status).toBe(200);
    expect(await ready()).toMatchObject({ status: 200, body: everythingFits });
  });

  it('is degraded, and goes on, where a later version has migrated', async () => {
    await world.db.query(`INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'Later9999999999999')`);
    const answer = await ready();
    await world.db.query(`DELETE FROM migrations WHERE name ~ '^Later'`);
    expect(answer).toMatchObject({ status: 200, body: { status: 'degraded', checks: { migrations: 'newer' } } });
  });

  it('is degraded, and goes on, where the worker lags: all replicas at once would be out of rotation otherwise', async () => {
    await world.db.query(
      `SELECT graphile_worker.add_job('payment.send_refund', '{}'::json, run_at => now() - interval '90 seconds', job_key => 'late')`,
    );
    const answer = await ready();
    expect(answer).toMatchObject({ status: 200, body: { status: 'degraded', checks: { worker: 'lagging' } } });
    expect(answer.body.advice).toEqual([expect.stringMatching(/WorkerLag/)]);
    expect(Number(await figure('suanpan_worker_lag_seconds'))).toBeGreaterThanOrEqual(90);
    await world.db.query(`SELECT graphile_worker.remove_job('late')`);
    expect((await ready()).body).toEqual(everythingFits);
  });

  it('is asked for by many at once with one question to the database', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, ready));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });

  it('is not, and says so in time, where the database says nothing any more', async () => {
    road.goesSilent();
    const asked = performance.now();
    const answer = await ready();
    expectProblem(answer, 503, 'unavailable');
    expect(answer.body).toMatchObject({ checks: { database: 'down', migrations: 'unknown', worker: 'unknown', workerLag: null } });
    expect(performance.now() - asked).toBeLessThan(4_000);
    expect(await figure('suanpan_database_up')).toBe('0');
    expect((await api.get('/health/live')).status).toBe(200);
  });
});

describe('What the migrations of a database say of it', () => {
  const known = ['Init1000000000000', 'Invariants2000000000000'];
  it.each([
    ['all that are known', known, 'ok'],
    ['none', [], 'pending'],
    ['the invariants where they stood before', ['Init1000000000000', 'Invariants1500000000000'], 'pending'],
    ['and where they stand now as well', [...known, 'Invariants1500000000000'], 'ok'],
    ['a later one', [...known, 'Later3000000000000'], 'newer'],
    ['the invariants where a later version put them', ['Init1000000000000', 'Invariants3000000000000'], 'newer'],
  ])('%s: %s', (_, there, state) => {
    expect(judgeMigrations(known, there).state).toBe(state);
  });
});
