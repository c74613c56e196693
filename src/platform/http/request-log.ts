import { Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { wasTurnedAway } from './load-shedding.js';
import { routeOf } from './route-of.js';
import type { AuthenticatedRequest } from './security.js';

/** A line for each answer. */
export function logRequests(fastify: FastifyInstance): void {
  const logger = new Logger('Requests');

  fastify.addHook('onResponse', (request, reply, done) => {
    const { statusCode } = reply;
    const answered = () => ({
      msg: 'request',
      correlationId: request.id,
      method: request.method,
      route: routeOf(request) ?? 'none',
      ...pathOf(request),
      status: statusCode,
      ms: Math.round(reply.elapsedTime),
      merchantId: (request as Partial<AuthenticatedRequest>).caller?.merchantId,
    });
    // Whoever looks every few seconds whether we live is not what anybody looks for; of who is turned away, one stands for many.
    if (!routeOf(request)?.startsWith('/v1/') || wasTurnedAway(request)) logger.debug(answered);
    else if (statusCode >= 500) logger.warn(answered());
    else logger.log(answered());
    done();
  });
}

/** Where the route does not say all of it. Without the query, which anybody may have put anything in. */
function pathOf(request: FastifyRequest): { readonly path?: string } {
  return routeOf(request)?.includes(':') ? { path: request.url.split('?')[0] ?? '' } : {};
}
