import { Logger } from '@nestjs/common';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { QueryRunner } from 'typeorm';

import { AppModule } from '../../src/app.module.js';
import { createHttpApplication, serveDocumentation } from '../../src/platform/http/http-application.js';
import { PROCESS_MEMORY } from '../../src/platform/http/memory.js';
import { openApiDocument } from '../../src/platform/http/openapi.js';
import { ApiClient } from '../support/api-client.js';
import { useWorld } from '../support/world.js';
import { expectProblem, speak, stateOf } from './support.js';

const MOST = 16;
const FORM = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };

describe('When more is under way than can be answered in time', () => {
  const world = useWorld();
  let app: NestFastifyApplication;
  let api: ApiClient;
  let holder: QueryRunner | undefined;

  beforeAll(async () => {
    const module = AppModule.forRoot({
      platform: { database: { url: world.database.url, poolSize: 5 }, clock: world.clock },
      payment: { publicUrl: 'http://127.0.0.1', secretsKeys: [world.secretsKey] },
      autoCompleteAfterDays: 10,
    });
    app = await createHttpApplication(module, { logger: false, maxRequestsInFlight: MOST });
    serveDocumentation(app, openApiDocument(app, 'http://127.0.0.1'));
    await app.listen(0, '127.0.0.1');
    api = new ApiClient(await app.getUrl(), world.api.apiKey);
  });
  afterEach(() => letsGo());
  afterAll(() => app.close());

  const orderOf = (sku: string) => ({ customerId: 'c', items: [{ sku, quantity: 1 }] });

  /** Orders of this wait from now on, until `letsGo`. */
  async function holds(sku: string): Promise<void> {
    await world.addProduct({ sku, stock: 1_000 });
    holder = world.db.createQueryRunner();
    await holder.startTransaction();
    await holder.query('SELECT 1 FROM stock_levels WHERE sku = $1 FOR UPDATE', [sku]);
  }

  async function letsGo(): Promise<void> {
    await holder?.commitTransaction();
    await holder?.release();
    holder = undefined;
  }

  /** Asks until so many are under way. */
  async function underWay(requests: number): Promise<void> {
    const figure = `\nsuanpan_http_requests_in_flight ${requests}\n`;
    while (!(await api.get<string>('/metrics')).body.includes(figure));
  }

  /** Asks until that is the answer. */
  async function untilAsked(status: number): Promise<void> {
    while ((await api.get('/v1/products')).status !== status);
  }

  const many = (times: number, sku: string, signal?: AbortSignal) =>
    Array.from({ length: times }, () =>
      fetch(`${api.url}/v1/orders`, {
        method: 'POST',
        headers: { authorization: `Bearer ${api.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(orderOf(sku)),
        ...(signal ? { signal } : {}),
      }).then(
        async (response) => (await response.text(), response.status),
        () => 'hung up' as const,
      ),
    );

  it('the next is told at once to come again, nothing was done, and afterwards all are answered', async () => {
    await holds('HELD');
    const placing = many(MOST, 'HELD');
    await underWay(MOST);
    const warn = jest.spyOn(Logger.prototype, 'warn');
    const refused = await api.get('/v1/products');
    expectProblem(refused, 503, 'overloaded');
    expect(refused.headers.get('retry-after')).toBe('3');
    expect(refused.headers.get('x-request-id')).toMatch(/./);
    expect(refused.body.title).toBe('Too much is under way just now');
    expect((await api.get('/v1/products', { 'accept-language': 'zh-CN' })).body.title).toMatch(/\p{Script=Han}/u);

    const before = await stateOf(world);
    const began = performance.now();
    const answers = [
      await api.post('/v1/orders', orderOf('HELD'), { idempotencyKey: 'again' }),
      await api.post('/v1/products', { sku: 'NONE', name: 'n', price: 1 }),
      await api.post('/v1/callbacks/alipay/payments', 'a=1', FORM),
    ];
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [503, 'overloaded']));
    expect(await stateOf(world)).toEqual(before);
    // A line for each would cost what is left for others.
    expect(warn.mock.calls).toEqual([[{ msg: 'requests are turned away', reason: 'in_flight', route: '/v1/products' }]]);
    warn.mockRestore();

    await letsGo();
    expect(await Promise.all(placing)).toEqual(Array.from({ length: MOST }, () => 201));
    const again = await api.post('/v1/orders', orderOf('HELD'), { idempotencyKey: 'again' });
    expect([again.status, again.headers.get('idempotent-replayed')]).toEqual([201, null]);
    expect(await world.stock('HELD')).toMatchObject({ reserved: MOST + 1 });
  });

  it('so it is where memory is short, until there is some again', async () => {
    await world.addProduct({ sku: 'SHORT', stock: 10 });
    // How much there is, V8 says; to fill it would take the other tests with it.
    const said = jest.spyOn(PROCESS_MEMORY, 'share').mockReturnValue(0.86);
    try {
      await untilAsked(503);
      expectProblem(await api.post('/v1/orders', orderOf('SHORT')), 503, 'overloaded');
      expect((await api.get<string>('/metrics')).body).toMatch(/^suanpan_http_requests_shed_total\{reason="memory"\} [1-9]\d*$/m);
      said.mockReturnValue(0.84);
      await untilAsked(200);
      expect((await api.post('/v1/orders', orderOf('SHORT'))).status).toBe(201);
    } finally {
      said.mockRestore();
    }
  });

  it('health, figures and documentation are there, and the figures tell of it', async () => {
    await holds('WATCHED');
    const placing = many(MOST, 'WATCHED');
    await underWay(MOST);
    const paths = ['/health/live', '/health/ready', '/metrics', '/docs', '/docs/openapi.json', '/docs/index.html'];
    const statuses = await Promise.all(paths.map(async (path) => (await api.get(path)).status));
    expect(statuses).toEqual(paths.map(() => 200));
    const { body } = await api.get<string>('/metrics');
    expect(Number(/^suanpan_http_requests_shed_total\{reason="in_flight"\} (\d+)$/m.exec(body)?.[1])).toBeGreaterThan(0);
    expect(body).toMatch(/^suanpan_http_request_seconds_count\{method="GET",route="\/v1\/products",status="503"\} \d+$/m);
    await letsGo();
    await Promise.all(placing);
  });

  it('the body is not waited for, nor is the connection lost', async () => {
    await holds('UNREAD');
    const placing = many(MOST, 'UNREAD');
    await underWay(MOST);
    const { socket, received } = await dial(api.url);
    const post = (length: number) =>
      `POST /v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.apiKey}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
    socket.write(post(20));
    await received(/ 503 [\s\S]*"code":"overloaded"/);
    // The rest of it comes after the answer, and then another request.
    socket.write(' '.repeat(20) + 'GET /health/live HTTP/1.1\r\nhost: x\r\n\r\n');
    await received(/ 200 OK[\s\S]*"status":"ok"/);
    // One that is too long to be waited for costs the connection.
    socket.write(post(10_000_000));
    await received(/ 503 [\s\S]*connection: close/i);
    socket.destroy();
    await letsGo();
    await Promise.all(placing);
  });

  it('who has hung up still counts, since the work goes on, and then no more', async () => {
    await holds('GONE');
    const away = new AbortController();
    const placing = many(MOST, 'GONE', away.signal);
    await underWay(MOST);
    away.abort();
    expect(await Promise.all(placing)).toEqual(Array.from({ length: MOST }, () => 'hung up'));
    expect((await api.get('/v1/products')).status).toBe(503);

    await letsGo();
    await underWay(0);
    expect(await world.stock('GONE')).toMatchObject({ reserved: MOST });
    // As many as ever find room at once.
    expect(await Promise.all(many(MOST, 'GONE'))).toEqual(Array.from({ length: MOST }, () => 201));
  });

  it('who never sends a body keeps nobody out', async () => {
    await world.addProduct({ sku: 'SLOW', stock: 10 });
    const head = `POST /v1/orders HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${api.apiKey}\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{`;
    const sockets = await Promise.all(Array.from({ length: 3 * MOST }, () => dial(api.url)));
    sockets.forEach(({ socket }) => socket.write(head));
    for (let n = 0; n < MOST; n += 1) expect((await api.post('/v1/orders', orderOf('NOT-THERE'))).status).toBe(422);
    sockets.forEach(({ socket }) => socket.destroy());
    expect(await Promise.all(many(MOST / 2, 'SLOW'))).toEqual(Array.from({ length: MOST / 2 }, () => 201));
  });

  it('memory does not grow, however many are turned away', async () => {
    await holds('MEMORY');
    const placing = many(MOST, 'MEMORY');
    await underWay(MOST);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const turnAway = async (times: number) => {
      for (let n = 0; n < times; n += 50) {
        const answers = await Promise.all(Array.from({ length: 50 }, () => api.post('/v1/orders', orderOf('MEMORY'))));
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
      }
    };
    const used = () => {
      collect();
      return process.memoryUsage().heapUsed;
    };
    await turnAway(500);
    const growths: number[] = [];
    for (let rounds = 0; rounds < 4; rounds += 1) {
      const before = used();
      await turnAway(500);
      growths.push(used() - before);
    }
    // The client is in this process, too, and has its ups and downs; what is kept of each request would show every time.
    expect(Math.min(...growths)).toBeLessThan(500 * 400);
    await letsGo();
    await Promise.all(placing);
  });

  it('an address that is answered is not kept waiting by one that is not', async () => {
    const module = AppModule.forRoot({
      platform: { database: { url: world.database.url, poolSize: 5 }, clock: world.clock },
      payment: { publicUrl: 'http://127.0.0.1', secretsKeys: [world.secretsKey] },
      autoCompleteAfterDays: 10,
    });
    // The limit on all of them together is far away.
    const other = await createHttpApplication(module, { logger: false, maxRequestsInFlight: 10_000 });
    await other.listen(0, '127.0.0.1');
    const url = (await other.getUrl()).replace('[::1]', '127.0.0.1');
    try {
      await holds('STUCK');
      const headers = { authorization: `Bearer ${api.apiKey}`, 'content-type': 'application/json' };
      const send = () => speak(url, { method: 'POST', path: '/v1/orders', headers, body: JSON.stringify(orderOf('STUCK')) });
      const waiting = Array.from({ length: 100 }, send);
      const figures = async () => (await speak(url, { path: '/metrics' })).body as unknown as string;
      while (!/^suanpan_http_requests_shed_total\{reason="wait"\} [1-9]/m.test(await figures())) waiting.push(send());
      expectProblem(await send(), 503, 'overloaded');
      expect((await speak(url, { path: '/v1/products', headers })).status).toBe(200);
      await letsGo();
      const statuses = (await Promise.all(waiting)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set([201, 503]));
      expect(await world.stock('STUCK')).toMatchObject({ reserved: statuses.filter((status) => status === 201).length });
    } finally {
      await letsGo();
      await other.close();
    }
  });
});

/** A connection, and a way to wait for what comes over it. What has been waited for is forgotten. */
async function dial(url: string): Promise<{ socket: Socket; received: (text: RegExp) => Promise<void> }> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.on('error', () => undefined);
  let heard = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
  await new Promise((resolve) => socket.once('connect', resolve));
  const received = async (text: RegExp) => {
    while (!text.test(heard)) await new Promise((resolve) => socket.once('data', resolve));
    heard = '';
  };
  return { socket, received };
}
