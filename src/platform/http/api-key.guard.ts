import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';

import { ApiKeys, type Caller } from '../../contracts/api-keys.port.js';
import type { Scope } from '../../contracts/scopes.js';
import { RefusedAccess } from '../audit/refused-access.js';
import { keyEnded } from '../commands/commands.js';
import { RequestProblem } from './problem.js';
import { RateLimiting } from './rate-limiting.js';
import { routeOf } from './route-of.js';
import { ADMITTED_BY_COMMAND, OPEN_ROUTE, ROUTE_SCOPE, type AuthenticatedRequest } from './security.js';

const BEARER = /^Bearer +([\x21-\x7e]{1,200})$/i;

/** What is declared of a route that needs a key. */
interface GuardedRoute {
  /** None: nobody is let in. */
  readonly scope: Scope | undefined;
  /** Whether a key that was good before still is, its command looks up. */
  readonly byCommand: boolean | undefined;
}

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
      await this.admit(request, http.getResponse<FastifyReply>(), {
        scope: this.reflector.getAllAndOverride<Scope | undefined>(ROUTE_SCOPE, places),
        byCommand: this.reflector.getAllAndOverride<boolean | undefined>(ADMITTED_BY_COMMAND, places),
      });
    } catch (error) {
      if (error instanceof RequestProblem) this.note(request, error.code);
      throw error;
    }
    return true;
  }

  private async admit(request: AuthenticatedRequest, reply: FastifyReply, route: GuardedRoute): Promise<void> {
    const { scope, byCommand } = route;
    const secret = BEARER.exec(request.headers.authorization ?? '')?.[1];
    this.limiting.listen(request, secret);
    const caller = secret === undefined ? undefined : await this.callerOf(secret, request, byCommand);
    if (secret === undefined || !caller) {
      await this.limiting.wasWrong(request);
      throw new RequestProblem(
        'unauthorized',
        secret === undefined ? 'Send your API key as `Authorization: Bearer sk_…`.' : keyEnded().detail,
      );
    }
    request.caller = caller;
    await this.limiting.wasGood(caller, secret, reply);
    if (scope === undefined || !caller.scopes.includes(scope)) {
      throw new RequestProblem('insufficient_scope', `This needs an API key with the scope ${scope ?? 'of nobody'}.`);
    }
  }

  /** Undefined where the key is nobody's. What is only remembered of it, the command looks up. */
  private async callerOf(secret: string, request: AuthenticatedRequest, byCommand: boolean | undefined): Promise<Caller | undefined> {
    const remembered = byCommand ? this.apiKeys.remembered(secret) : undefined;
    if (!remembered) return this.apiKeys.identify(secret);
    request.remembered = { apiKeyId: remembered.apiKeyId, onEnded: () => this.note(request, 'unauthorized') };
    return remembered;
  }

  private note(request: AuthenticatedRequest, reason: string): void {
    const route = `${request.method} ${routeOf(request) ?? ''}`;
    const { ip: address, id: requestId, caller } = request;
    this.refused.note({ reason, route, address, requestId, caller });
  }
}
