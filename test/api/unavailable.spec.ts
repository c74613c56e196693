import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { QueryRunnerAlreadyReleasedError } from 'typeorm';

import { AppModule } from '../../src/app.module.js';
import { isUnavailable } from '../../src/platform/database/database-errors.js';
import { createHttpApplication } from '../../src/platform/http/http-application.js';
import { ApiClient } from '../support/api-client.js';
import { Road } from '../support/road.js';
import { useWorld } from '../support/world.js';
import { expectProblem, stateOf } from './support.js';

describe('While the database is away', () => {
  const world = useWorld();
  let road: Road;
  let app: NestFastifyApplication;
  let api: ApiClient;

  beforeAll(async () => {
    road = new Road(new URL(world.database.url));
    const module = AppModule.forRoot({
      platform: { database: { url: (await road.opens()).href, poolSize: 5 }, clock: world.clock },
      payment: { publicUrl: 'http://127.0.0.1', secretsKeys: [world.secretsKey] },
      autoCompleteAfterDays: 10,
    });
    app = await createHttpApplication(module, { logger: false });
    await app.listen(0, '127.0.0.1');
    api = new ApiClient(await app.getUrl(), world.api.apiKey);
  });
  afterAll(async () => {
    await app.close();
    await road.isCut();
  });

  it.each([
    ['has crashed', () => road.isCut()],
    ['hangs up', () => Promise.resolve(road.hangsUp())],
  ])('every request is a 503 that says when to come again, and works once it is back: it %s', async (how, goes) => {
    const sku = how.replace(' ', '-');
    await world.addProduct({ sku });
    const order = { customerId: 'c', items: [{ sku, quantity: 1 }] };
    expect((await api.get(`/v1/inventory/${sku}`)).status).toBe(200);
    const before = await stateOf(world);

    await goes();
    try {
      const answers = [
        await api.get('/v1/orders', { 'accept-language': 'zh-CN' }),
        ...(await Promise.all([
          api.get(`/v1/inventory/${sku}`),
          api.post('/v1/orders', order),
          api.post('/v1/orders', order, { idempotencyKey: how }),
          api.post(`/v1/inventory/${sku}/adjustments`, { delta: 1, reason: 'r' }),
          api.get('/health/ready'),
        ])),
      ];
      for (const answer of answers) {
        expectProblem(answer, 503, 'unavailable');
        expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      }
      expect(answers.at(-1)?.body).toMatchObject({ checks: { database: 'down' }, advice: [expect.stringMatching(/DatabaseDown/)] });
      expect(answers[0]?.body.title).toMatch(/\p{Script=Han}/u);
      expect((await api.get('/health/live')).status).toBe(200);
      const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
      expect((await api.post<unknown>('/v1/callbacks/alipay/payments', 'a=1', form)).body).toBe('fail');
    } finally {
      await road.opens();
    }

    expect((await api.get('/health/ready')).status).toBe(200);
    expect(await stateOf(world)).toEqual(before);
    expect((await api.post('/v1/orders', order, { idempotencyKey: how })).status).toBe(201);
    expect(await world.stock(sku)).toMatchObject({ reserved: 1 });
  });

  it.each([
    ['disk_full', 'its disk is full'],
    ['out_of_memory', 'it has no memory left'],
    ['read_only_sql_transaction', 'it is a standby that is not promoted yet'],
    ['query_canceled', 'a statement took longer than any may'],
  ])('so it is where it answers and cannot write, with %s: %s', async (condition) => {
    const sku = condition.toUpperCase();
    await world.addProduct({ sku });
    const order = { customerId: 'c', items: [{ sku, quantity: 1 }] };
    await world.db.query(`
      CREATE FUNCTION cannot_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'it cannot' USING ERRCODE = '${condition}'; END $$;
      CREATE TRIGGER cannot_write BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION cannot_write()`);
    try {
      for (const idempotencyKey of [undefined, condition]) {
        const answer = await api.post('/v1/orders', order, idempotencyKey === undefined ? {} : { idempotencyKey });
        expectProblem(answer, 503, 'unavailable');
        expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      }
    } finally {
      await world.db.query('DROP FUNCTION cannot_write CASCADE');
    }
    expect((await api.post('/v1/orders', order, { idempotencyKey: condition })).status).toBe(201);
    expect(await world.stock(sku)).toMatchObject({ reserved: 1 });
  });
});

it('A connection that is lost between two statements is found gone by the next one, which is no defect of ours either', () => {
  expect(isUnavailable(new QueryRunnerAlreadyReleasedError())).toBe(true);
});
