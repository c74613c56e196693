import fastify, { type FastifyInstance } from 'fastify';

import { BODY_LIMIT, registerBodyParser } from '../../src/platform/http/body-parser.js';
import { RequestProblem } from '../../src/platform/http/problem.js';

const DEPTH = 32;
const LENGTH = 256 * 1024;

describe('A body', () => {
  let server: FastifyInstance;
  beforeAll(() => {
    server = fastify({ bodyLimit: BODY_LIMIT });
    registerBodyParser(server);
    server.setErrorHandler((error, _request, reply) =>
      reply.status(error instanceof RequestProblem ? 400 : ((error as { statusCode?: number }).statusCode ?? 500)).send(error),
    );
    server.post('/v1/anything', () => ({ read: true }));
    server.post('/v1/callbacks/:gateway/:topic', ({ body }) => ({ bytes: (body as Buffer).length }));
  });
  afterAll(() => server.close());

  const send = (payload: string, url = '/v1/anything') =>
    server.inject({ method: 'POST', url, headers: { 'content-type': 'application/json' }, payload });
  const lists = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const objects = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth);

  it('may nest so deep, and no deeper', async () => {
    for (const nested of [lists(DEPTH + 1), objects(DEPTH)]) expect((await send(nested)).statusCode).toBe(200);
    for (const nested of [lists(DEPTH + 2), objects(DEPTH + 1), lists(60_000), `{"a":[${objects(DEPTH)}]}`]) {
      const answer = await send(nested);
      expect({ status: answer.statusCode, says: answer.body }).toEqual({
        status: 400,
        says: expect.stringContaining(`must not nest deeper than ${DEPTH} levels`) as string,
      });
    }
  });

  it.each(['/v1/anything', '/v1/callbacks/alipay/payments'])('may be so long, and not a byte longer: %s', async (url) => {
    const text = (length: number) => `"${'x'.repeat(length - 2)}"`;
    expect((await send(text(LENGTH), url)).statusCode).toBe(200);
    expect((await send(text(LENGTH + 1), url)).statusCode).toBe(413);
  });
});
