import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import fastify from 'fastify';

import { AppModule } from '../../src/app.module.js';
import { createHttpApplication, serveDocumentation } from '../../src/platform/http/http-application.js';
import { openApiDocument } from '../../src/platform/http/openapi.js';
import { writeBySchema } from '../../src/platform/http/response-schemas.js';
import { useWorld } from '../support/world.js';

const DOCUMENT = {
  components: {
    schemas: {
      Part: { type: 'object', properties: { sku: { type: 'string', description: 'The SKU.', example: 'TEA' } } },
      Whole: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          note: { type: 'string', nullable: true },
          parts: { type: 'array', items: { $ref: '#/components/schemas/Part' } },
          first: { nullable: true, allOf: [{ $ref: '#/components/schemas/Part' }] },
          free: { type: 'object', additionalProperties: true },
          action: { nullable: true, oneOf: [{ $ref: '#/components/schemas/Part' }, { type: 'object' }] },
        },
      },
    },
  },
  paths: {
    '/wholes/{id}': {
      get: {
        responses: {
          200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Whole' } } } },
          404: { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Part' } } } },
        },
      },
    },
  },
} as unknown as OpenAPIObject;

describe('Answers', () => {
  const world = useWorld();

  async function written(answer: object, status = 200): Promise<unknown> {
    const server = fastify();
    writeBySchema({ getHttpAdapter: () => ({ getInstance: () => server }) } as unknown as NestFastifyApplication, DOCUMENT);
    server.get('/wholes/:id', (_request, reply) => reply.status(status).send(answer));
    const { payload } = await server.inject('/wholes/1');
    await server.close();
    return JSON.parse(payload);
  }

  const whole = {
    id: '算盘 "1"',
    note: null,
    parts: [{ sku: 'A' }, { sku: 'B' }],
    first: null,
    free: { any: { thing: [1, null] } },
    action: { type: 'form', fields: { a: 'b' } },
  };

  it('are what they were', async () => {
    expect(await written(whole)).toEqual(whole);
    expect(await written({ ...whole, first: { sku: 'A' }, action: null })).toEqual({ ...whole, first: { sku: 'A' }, action: null });
  });

  it('hold nothing that the document does not name', async () => {
    expect(await written({ ...whole, secret: 's', parts: [{ sku: 'A', secret: 's' }] })).toEqual({ ...whole, parts: [{ sku: 'A' }] });
  });

  it('are left alone where they are problems', async () => {
    expect(await written({ code: 'not_found', shortages: [1] }, 404)).toEqual({ code: 'not_found', shortages: [1] });
  });

  it('of every address that answers in JSON are written so', async () => {
    const module = AppModule.forRoot({
      platform: { database: { url: world.database.url, poolSize: 5 }, clock: world.clock },
      payment: { publicUrl: 'http://127.0.0.1', secretsKeys: [world.secretsKey] },
      autoCompleteAfterDays: 10,
    });
    const app = await createHttpApplication(module, { logger: false });
    const document = openApiDocument(app, 'http://127.0.0.1');
    const { paths } = document;
    serveDocumentation(app, document);
    const written = new Set<string>();
    app
      .getHttpAdapter()
      .getInstance()
      .addHook('onRoute', ({ method, url, schema }) => {
        for (const status of Object.keys(schema?.response ?? {})) written.add(`${String(method)} ${url} ${status}`);
      });
    await app.init();
    await app.close();

    const described = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, { responses?: Record<string, { content?: Record<string, { schema?: object }> }> }>).flatMap(
        ([method, { responses = {} }]) =>
          Object.entries(responses).flatMap(([status, { content = {} }]) =>
            status.startsWith('2') && content['application/json']?.schema
              ? [`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')} ${status}`]
              : [],
          ),
      ),
    );
    expect(described.length).toBeGreaterThan(30);
    expect(described.filter((one) => !written.has(one))).toEqual([]);
  });
});
