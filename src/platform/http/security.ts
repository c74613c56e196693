import { SetMetadata, createParamDecorator, applyDecorators, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

import { required } from '../../kernel/assert.js';
import type { Caller } from '../../contracts/api-keys.port.js';
import type { Scope } from '../../contracts/scopes.js';
import { Problems } from './openapi-problems.js';

export const ROUTE_SCOPE = Symbol('route-scope');
export const OPEN_ROUTE = Symbol('open-route');

/** The scope that a caller's key must have. A route that declares neither this nor `@Open()` lets nobody in. */
export function RequireScope(scope: Scope) {
  return applyDecorators(
    SetMetadata(ROUTE_SCOPE, scope),
    ApiBearerAuth(),
    Problems('unauthorized', 'insufficient_scope', 'too_many_requests', 'overloaded', 'unavailable'),
  );
}

/** A route that needs no key: callbacks, health, documentation. */
export const Open = () => SetMetadata(OPEN_ROUTE, true);

export interface AuthenticatedRequest extends FastifyRequest {
  caller?: Caller;
}

/** Whose key was shown. */
export const CallerParam = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  return required(context.switchToHttp().getRequest<AuthenticatedRequest>().caller, 'the caller of a guarded route');
});
