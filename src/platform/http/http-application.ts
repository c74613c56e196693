import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { DynamicModule, LoggerService } from '@nestjs/common';
import fastify from 'fastify';
import { SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

import { newId } from '../../kernel/ids.js';
import { scrub } from '../secrets/scrub.js';
import { BODY_LIMIT, keepUnreadableContentType, registerBodyParser } from './body-parser.js';
import { shedLoad } from './load-shedding.js';
import { logRequests } from './request-log.js';
import { Metrics } from './metrics.js';
import { ProblemFilter } from './problem.filter.js';
import { answerUnreadable, answerUnroutable } from './raw-problems.js';
import { writeBySchema } from './response-schemas.js';
import { securityHeaders, sendSecurityHeaders } from './security-headers.js';
import { TIME_LIMITS, serverLimits, type TimeLimits } from './time-limits.js';
import { RequestValidationPipe } from './validation.pipe.js';

const REQUEST_ID = /^[\w.:-]{1,100}$/;

export interface HttpOptions {
  readonly logger: LoggerService | false;
  /** Left out, nobody is turned away, however long it takes. */
  readonly maxRequestsInFlight?: number;
  /** Clients reach us over TLS, whoever ends it for us. */
  readonly overTls?: boolean;
  readonly timeLimits?: TimeLimits;
  /** Addresses and networks of proxies whose `X-Forwarded-For` is believed; none where left out. */
  readonly trustedProxies?: readonly string[];
}

/** The HTTP side of the program, ready to listen. */
export async function createHttpApplication(module: Type | DynamicModule, options: HttpOptions): Promise<NestFastifyApplication> {
  const headers = securityHeaders(options.overTls ?? false);
  const server = fastify({
    ...serverLimits(options.timeLimits ?? TIME_LIMITS),
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    bodyLimit: BODY_LIMIT,
    forceCloseConnections: 'idle',
    // Who is connected already when we are told to stop is still answered, and told that it was the last time.
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) && scrub(given) === given ? given : newId();
    },
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: answerUnroutable(headers),
    clientErrorHandler: answerUnreadable(headers),
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(server as never), {
    logger: options.logger,
    bodyParser: false,
    abortOnError: false,
  });
  registerBodyParser(server);
  if (options.maxRequestsInFlight !== undefined) shedLoad(server, options.maxRequestsInFlight, app.get(Metrics), headers);
  server.addHook('onRequest', keepUnreadableContentType);
  sendSecurityHeaders(server, headers);
  let closing = false;
  server.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  server.addHook('onSend', (_request, reply, payload, done) => {
    // Whoever is answered while the server closes would keep it open with the next request, or with none.
    if (closing) void reply.header('connection', 'close');
    done(null, payload);
  });
  app.get(Metrics).observe(server);
  logRequests(server);
  app.useGlobalFilters(new ProblemFilter());
  app.useGlobalPipes(new RequestValidationPipe());
  return app;
}

/**
 * Serves Swagger UI at /docs and the document at /docs/openapi.json, and has answers written as it says. `patch` fills in
 * examples that exist.
 */
export function serveDocumentation(
  app: NestFastifyApplication,
  document: OpenAPIObject,
  patch?: (document: OpenAPIObject) => Promise<OpenAPIObject>,
): void {
  writeBySchema(app, document);
  SwaggerModule.setup('docs', app, document, {
    jsonDocumentUrl: 'docs/openapi.json',
    raw: ['json'],
    customSiteTitle: 'Suanpan API',
    // A key that a browser keeps is for development alone.
    swaggerOptions: { persistAuthorization: patch !== undefined, tryItOutEnabled: true, displayRequestDuration: true },
    ...(patch ? { patchDocumentOnRequest: (_request: unknown, _reply: unknown, served: OpenAPIObject) => patch(served) } : {}),
  });
}
