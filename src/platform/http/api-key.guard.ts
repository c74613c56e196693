import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';

import { ApiKeys } from '../../contracts/api-keys.port.js';
import type { Scope } from '../../contracts/scopes.js';
import { RequestProblem } from './problem.js';
import { RateLimiting } from './rate-limiting.js';
import { OPEN_ROUTE, ROUTE_SCOPE, type AuthenticatedRequest } from './security.js';

const BEARER = /^Bearer +([\x21-\x7e]{1,200})$/i;

const UNKNOWN_KEY = 'This API key is not known, or is not good any more.';

/** The one door: every route is closed unless it is declared open, or the caller's key has the scope it declares. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly apiKeys: ApiKeys,
    private readonly limiting: RateLimiting,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(OPEN_ROUTE, places)) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const secret = BEARER.exec(request.headers.authorization ?? '')?.[1];
    this.limiting.listen(request, secret);
    const caller = secret === undefined ? undefined : await this.apiKeys.identify(secret);
    if (secret === undefined || !caller) {
      await this.limiting.wasWrong(request);
      throw new RequestProblem('unauthorized', secret === undefined ? 'Send your API key as `Authorization: Bearer sk_…`.' : UNKNOWN_KEY);
    }
    await this.limiting.wasGood(caller, secret, context.switchToHttp().getResponse<FastifyReply>());
    const scope = this.reflector.getAllAndOverride<Scope | undefined>(ROUTE_SCOPE, places);
    if (scope === undefined || !caller.scopes.includes(scope)) {
      throw new RequestProblem('insufficient_scope', `This needs an API key with the scope ${scope ?? 'of nobody'}.`);
    }
    request.caller = caller;
    return true;
  }
}
