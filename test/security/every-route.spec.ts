import { Controller, Get, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { AppModule } from '../../src/app.module.js';
import { createHttpApplication, serveDocumentation } from '../../src/platform/http/http-application.js';
import { openApiDocument } from '../../src/platform/http/openapi.js';
import { NOBODY, expectProblem, keyWith, speak } from '../api/support.js';
import { ApiClient } from '../support/api-client.js';
import { useWorld } from '../support/world.js';

const OPEN = new Set(['GET /health/live', 'GET /health/ready', 'GET /metrics', 'POST /v1/callbacks/:gateway/:topic']);

/** Somebody forgot to say who may come in. */
@Controller('v1/forgotten')
class ForgottenController {
  @Get()
  read(): object {
    return { data: 'secret' };
  }

  @Post()
  write(): object {
    return { data: 'secret' };
  }
}

class WithForgotten {}

interface Route {
  readonly method: string;
  readonly url: string;
}

/** One address in every way that a router, a proxy or a guard could take for another one. */
function spellingsOf(path: string): string[] {
  const last = path.slice(-1);
  const segment = path.lastIndexOf('/') + 1;
  return [
    ...[path, `${path}/`, `${path}//`, `/${path}`, `//${path}`, path.replaceAll('/', '//'), `/.${path}`, `/x/..${path}`],
    ...[path.replace('/v1/', '/v1/./'), path.replace('/v1/', '/v1/x/../'), `/docs/..${path}`, `/health/live/../..${path}`],
    ...[`/docs/%2e%2e${path}`, `/health/live%2f..%2f..${path}`, path.replace('/v1/', '/v1%2f'), path.replace('/v1/', '/v1%5c')],
    ...[path.replace('v1', '%76%31'), path.replace('v1', '%2576%2531'), `${path.slice(0, -1)}%${last.charCodeAt(0).toString(16)}`],
    ...[`${path.slice(0, segment)}%${path.charCodeAt(segment).toString(16)}${path.slice(segment + 1)}`],
    ...[path.toUpperCase(), path.replace('v1', 'V1'), path.replace(/[a-z](?=[^/]*$)/, (letter) => letter.toUpperCase())],
    ...[
      `${path};a=b`,
      `${path}%00`,
      `${path}%20`,
      `${path}%0d%0a`,
      `${path}?`,
      `${path}?/docs`,
      `${path}#docs`,
      `${path}\\`,
      `${path}.json`,
    ],
    ...[`http://localhost${path}`, `http://localhost/docs/..${path}`],
  ];
}

describe('Every route that the program has', () => {
  const world = useWorld();
  const routes: Route[] = [];
  /** Spellings that lead to the guard of a route, where a key decides. */
  const reached: { readonly method: string; readonly path: string; readonly route: string }[] = [];
  let app: NestFastifyApplication;
  let url = '';
  beforeAll(async () => {
    const module = AppModule.forRoot({
      platform: { database: { url: world.database.url, poolSize: 5 }, clock: world.clock },
      payment: { publicUrl: 'http://127.0.0.1', secretsKeys: [world.secretsKey] },
      autoCompleteAfterDays: 10,
    });
    app = await createHttpApplication(
      { module: WithForgotten, imports: [module], controllers: [ForgottenController] },
      { logger: false, maxRequestsInFlight: 1_000 },
    );
    // What the router itself is told: a route that no document knows is one as well.
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRoute', ({ method, url: path }) => void [method].flat().forEach((one) => routes.push({ method: one, url: path })));
    serveDocumentation(app, openApiDocument(app, 'http://127.0.0.1'));
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(() => app.close());

  const pathOf = (route: string) =>
    route.replace(':gateway', 'alipay').replace(':topic', 'payments').replace(':sku', 'SKU').replace(/:id/g, NOBODY);
  const closed = () =>
    routes.filter(({ method, url: path }) => !path.startsWith('/docs') && !OPEN.has(`${method === 'HEAD' ? 'GET' : method} ${path}`));

  it('is closed without a key, unless it is declared open, however it is spelt and by HEAD too', async () => {
    expect(closed().length).toBeGreaterThan(60);
    const answered: unknown[] = [];
    for (const { method, url: route } of closed()) {
      const plain = await speak(url, { method, path: pathOf(route) });
      if (plain.status !== 401) answered.push({ method, route, status: plain.status });
      await Promise.all(
        spellingsOf(pathOf(route)).map(async (path) => {
          const { status } = await speak(url, { method, path });
          if (status === 401) reached.push({ method, path, route });
          else if (status !== 400 && status !== 404) answered.push({ method, path, status });
        }),
      );
    }
    expect(answered).toEqual([]);
    expect(reached.length).toBeGreaterThan(200);
  });

  it('is closed to a key without its scope, however it is spelt and by HEAD too', async () => {
    const scopes = ['products:read', 'orders:read'];
    const keys = await Promise.all(scopes.map(async (scope) => [scope, (await keyWith(world.api, [scope])).secret] as const));
    const answered: unknown[] = [];
    for (const { method, path, route } of reached) {
      const area = /^\/v1\/orders(?!.*(?:payments|refunds))/.test(route) ? 'orders:read' : 'products:read';
      const [, secret = ''] = keys.find(([scope]) => scope !== area) ?? [];
      const { status } = await speak(url, { method, path, headers: { authorization: `Bearer ${secret}` } });
      if (status !== 403) answered.push({ method, path, status });
    }
    expect(answered).toEqual([]);
  });

  it('lets nobody in where it was forgotten to say whom', async () => {
    const admin = new ApiClient(url, world.api.apiKey);
    for (const method of ['GET', 'POST']) {
      expectProblem(await speak(url, { method, path: '/v1/forgotten' }), 401, 'unauthorized');
      expectProblem(await admin.send(method, '/v1/forgotten'), 403, 'insufficient_scope');
    }
  });

  it('is one of those that are meant to be open, and no other is', () => {
    const all = routes.map(({ method, url: path }) => `${method} ${path}`);
    expect(all).toEqual(expect.arrayContaining([...OPEN]));
    const outside = all.filter((name) => !/ \/(?:v1|docs|health|metrics)(?:\/|\*|$)/.test(name));
    expect(outside).toEqual([]);
  });
});
