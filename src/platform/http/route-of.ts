import type { FastifyRequest } from 'fastify';

const ROUTE = Symbol('route');

/** The route as it was declared, `/v1/orders/:id`; undefined where the path is nowhere. Fastify puts it together anew each time that it is asked. */
export function routeOf(request: FastifyRequest & { [ROUTE]?: string | null }): string | undefined {
  if (request[ROUTE] === undefined) request[ROUTE] = request.routeOptions.url ?? null;
  return request[ROUTE] ?? undefined;
}
