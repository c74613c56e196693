import { SetMetadata, createParamDecorator, applyDecorators, type ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

import { required } from '../../kernel/assert.js';
import type { Caller } from '../../contracts/api-keys.port.js';
import type { Scope } from '../../contracts/scopes.js';
import type { RememberedKey } from '../commands/commands.js';
import { Problems } from './openapi-problems.js';

export const ROUTE_SCOPE = Symbol('route-scope');
export const OPEN_ROUTE = Symbol('open-route');
export const ADMITTED_BY_COMMAND = Symbol('admitted-by-command');

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

/**
 * The route's handler does nothing but what `Commands` run, or asks them before it says anything: whether a key that was good before
 * still is, is looked up by the transaction that commits what it wanted, and not before.
 */
export const AdmittedByCommand = () => SetMetadata(ADMITTED_BY_COMMAND, true);

export interface AuthenticatedRequest extends FastifyRequest {
  caller?: Caller;
  /** The key was good before, and is to be looked up by the command. */
  remembered?: RememberedKey;
}

/** Whose key was shown. */
export const CallerParam = createParamDecorator((_: unknown, context: ExecutionContext): Caller => {
  return required(context.switchToHttp().getRequest<AuthenticatedRequest>().caller, 'the caller of a guarded route');
});
