import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';

import { ApiKeys } from '../../contracts/api-keys.port.js';
import type { Scope } from '../../contracts/scopes.js';
import { RefusedAccess } from '../audit/refused-access.js';
import { RequestProblem } from './problem.js';
import { RateLimiting } from './rate-limiting.js';
import { OPEN_ROUTE, ROUTE_SCOPE, type AuthenticatedRequest } from './security.js';

const BEARER = /^Bearer +([\x21-\x7e]{1,200})$/i;

/** The one door: every route is closed unless it is declared open, or the caller's key has the scope it declares. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly apiKeys: ApiKeys,
    private readonly limiting: RateLimiting,
    private readonly refused: RefusedAccess,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const places = [context.getHandler(), context.getClass()];
    if (this.reflector.getAllAndOverride<boolean | undefined>(OPEN_ROUTE, places)) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<AuthenticatedRequest>();
    try {
      await this.admit(request, http.getResponse<FastifyReply>(), this.reflector.getAllAndOverride<Scope | undefined>(ROUTE_SCOPE, places));
    } catch (error) {
      if (error instanceof RequestProblem) {
        const route = `${request.method} ${request.routeOptions.url ?? ''}`;
        this.refused.note({ reason: error.code, route, address: request.ip, requestId: request.id, caller: request.caller });
      }
      throw error;
    }
    return true;
  }

  private async admit(request: AuthenticatedRequest, reply: FastifyReply, scope: Scope | undefined): Promise<void> {
    const secret = BEARER.exec(request.headers.authorization ?? '')?.[1];
    this.limiting.listen(request, secret);
    const caller = secret === undefined ? undefined : await this.apiKeys.identify(secret);
    if (secret === undefined || !caller) {
      await this.limiting.wasWrong(request);
      const why = secret === undefined ? 'Send your API key as `Authorization: Bearer sk_…`.' : 'This API key is not known, or has ended.';
      throw new RequestProblem('unauthorized', why);
    }
    request.caller = caller;
    await this.limiting.wasGood(caller, secret, reply);
    if (scope === undefined || !caller.scopes.includes(scope)) {
      throw new RequestProblem('insufficient_scope', `This needs an API key with the scope ${scope ?? 'of nobody'}.`);
    }
  }
}
