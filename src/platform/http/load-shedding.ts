import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { Admission, type Overload } from './admission.js';
import { BODY_LIMIT } from './body-parser.js';
import { memoryWatch } from './memory.js';
import type { Metrics } from './metrics.js';
import { RestingConnections } from './resting-connections.js';
import { PROBLEMS, preferredLanguage, titleOf } from './problem-catalog.js';
import { routeOf } from './route-of.js';
import type { HeaderLines } from './security-headers.js';

/**
 * Those who come again find room as soon as the queue has moved: a much longer rest would leave us idle. A shorter one takes more from those
 * who were let in, for of two thousand who ask again as soon as they may, that many more a second are turned away. In seconds.
 */
const RETRY_AFTER = 3;

const DETAIL = 'More is under way than can be answered in time. Nothing was done: send it again after the seconds in Retry-After.';

/** In milliseconds. A line for each of thousands would cost more than to answer some of them; they are counted in the figures. */
const BETWEEN_LINES = 10_000;

const ADMITTED = Symbol('admitted');
const TURNED_AWAY = Symbol('turned away');

interface CountedRequest extends FastifyRequest {
  /** Its address, while it is let in and not answered yet. */
  [ADMITTED]?: string | undefined;
  [TURNED_AWAY]?: true;
}

export function wasTurnedAway(request: CountedRequest): boolean {
  return request[TURNED_AWAY] ?? false;
}

/**
 * Turns requests away that could not be answered in time, with 503 and `Retry-After`, before their body is read. What is
 * outside of /v1 is always let in: health, metrics and documentation.
 */
export function shedLoad(fastify: FastifyInstance, mostInFlight: number, metrics: Metrics, headers: HeaderLines): void {
  const admission = new Admission(mostInFlight, () => performance.now(), memoryWatch());
  const resting = new RestingConnections(RETRY_AFTER * 1_000);
  const logger = new Logger('Overload');
  let saidAt = -Infinity;
  const say = (reason: Overload, route: string | undefined) => {
    if (performance.now() - saidAt < BETWEEN_LINES) return;
    saidAt = performance.now();
    logger.warn({ msg: 'requests are turned away', reason, route });
  };
  const turnAway = (request: CountedRequest, reply: FastifyReply, overload: Overload) => {
    request[TURNED_AWAY] = true;
    metrics.shed.inc({ reason: overload });
    say(overload, routeOf(request));
    refuse(request, reply, headers);
    reply.raw.once('finish', () => resting.rest(request.raw.socket));
  };

  fastify.addHook('onRequest', (request, reply, done) => {
    const address = addressOf(request);
    const overload = address === undefined ? undefined : admission.objection(address);
    if (overload) turnAway(request, reply, overload);
    else done();
  });

  // It counts from here on. Whoever sends a body slowly, or never, must not keep others out.
  fastify.addHook('preValidation', (request: CountedRequest, reply, done) => {
    const address = addressOf(request);
    if (address === undefined) return done();
    const overload = admission.objection(address);
    if (overload) return turnAway(request, reply, overload);
    admission.enter(address);
    request[ADMITTED] = address;
    metrics.inFlight.inc();
    done();
  });

  // Also where the client has hung up: until here, the work goes on.
  fastify.addHook('onSend', (request: CountedRequest, _reply, payload, done) => {
    const address = request[ADMITTED];
    if (address !== undefined) {
      request[ADMITTED] = undefined;
      admission.leave(address);
      metrics.inFlight.dec();
    }
    done(null, payload);
  });
}

/** Undefined where a request is not counted: what is not of the API, or is nowhere. */
function addressOf(request: FastifyRequest): string | undefined {
  const route = routeOf(request);
  return route?.startsWith('/v1/') ? `${request.method} ${route}` : undefined;
}

/** By hand, since what costs little here is what is left for those who were let in. */
function refuse(request: FastifyRequest, reply: FastifyReply, headers: HeaderLines): void {
  const language = request.headers['accept-language'];
  const problem = {
    type: 'urn:suanpan:problem:overloaded',
    title: titleOf('overloaded', language),
    status: PROBLEMS.overloaded.status,
    detail: DETAIL,
    instance: request.url.split('?')[0],
    code: 'overloaded',
  };
  const text = JSON.stringify(problem);
  reply.hijack();
  reply.raw
    .writeHead(PROBLEMS.overloaded.status, {
      'content-type': 'application/problem+json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      'content-language': preferredLanguage(language),
      ...headers,
      'retry-after': String(RETRY_AFTER),
      'x-request-id': request.id,
      ...(hasLongBody(request) ? { connection: 'close' } : {}),
    })
    .end(text);
}

/** What is still on its way has to be read to its end before the next request on the same connection. */
function hasLongBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > BODY_LIMIT;
}
