import { SetMetadata, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

import { ApiKeys, type Caller } from '../../src/contracts/api-keys.port.js';
import type { RefusedAccess } from '../../src/platform/audit/refused-access.js';
import { ApiKeyGuard } from '../../src/platform/http/api-key.guard.js';
import { Metrics } from '../../src/platform/http/metrics.js';
import { RequestProblem } from '../../src/platform/http/problem.js';
import { RateLimiting } from '../../src/platform/http/rate-limiting.js';
import {
  AdmittedByCommand,
  CallerParam,
  Open,
  RequireScope,
  ROUTE_SCOPE,
  type AuthenticatedRequest,
} from '../../src/platform/http/security.js';
import type { WrongKeys } from '../../src/platform/http/wrong-keys.js';
import { RateLimitSettings } from '../../src/platform/rate-limits/rate-limit-settings.js';
import type { RateLimits } from '../../src/platform/rate-limits/rate-limits.js';

type Refusal = Parameters<RefusedAccess['note']>[0];

const SHOP: Caller = { merchantId: 'm-1', apiKeyId: 'k-1', scopes: ['orders:read', 'payments:read'] };

/** Whoever answers for the merchant module: one key, and what it was asked for. */
class OneKey extends ApiKeys {
  readonly asked: string[] = [];

  override identify(secret: string): Promise<Caller | undefined> {
    this.asked.push(secret);
    return Promise.resolve(secret === 'sk_test_1' ? SHOP : undefined);
  }

  override remembered(secret: string): Caller | undefined {
    return this.asked.includes(secret) && secret === 'sk_test_1' ? SHOP : undefined;
  }

  override ended(): Promise<ReadonlySet<string>> {
    return Promise.reject(new Error('the door does not ask this'));
  }

  override presumeGood(): void {
    throw new Error('the door presumes nothing');
  }
}

class Routes {
  @RequireScope('orders:read')
  read(this: void): void {}

  @RequireScope('orders:write')
  write(this: void): void {}

  @RequireScope('orders:read')
  @AdmittedByCommand()
  command(this: void): void {}

  @RequireScope('orders:write')
  @AdmittedByCommand()
  otherCommand(this: void): void {}

  @Open()
  open(this: void): void {}

  undeclared(this: void): void {}
}

@SetMetadata(ROUTE_SCOPE, 'orders:read')
class ReadOnlyRoutes {
  inherits(this: void): void {}

  @RequireScope('orders:write')
  narrower(this: void): void {}
}

class Asking {
  whoCalls(@CallerParam() caller: Caller): Caller {
    return caller;
  }
}

describe('The one door', () => {
  const keys = new OneKey();
  const noted: Refusal[] = [];
  // Nobody is limited here.
  const limiting = new RateLimiting({} as RateLimits, {} as WrongKeys, new RateLimitSettings(undefined, undefined), new Metrics());
  const guard = new ApiKeyGuard(new Reflector(), keys, limiting, {
    note: (refusal: Refusal) => void noted.push(refusal),
  } as unknown as RefusedAccess);
  const routes = new Routes();

  async function knock(handler: () => void, authorization: string | undefined, of: new () => object = Routes) {
    const about = { method: 'POST', routeOptions: { url: '/v1/orders' }, ip: '192.0.2.1', id: 'request-1' };
    const request = { ...about, headers: { authorization } } as unknown as AuthenticatedRequest;
    const context = {
      getHandler: () => handler,
      getClass: () => of,
      switchToHttp: () => ({ getRequest: () => request, getResponse: () => ({}) }),
    };
    const result = await guard.canActivate(context as unknown as ExecutionContext).then(
      (open) => ({ open }),
      (error: { code?: string; detail?: string }) => ({ code: error.code, detail: error.detail }),
    );
    return { ...result, caller: request.caller, ...(request.remembered && { remembered: request.remembered }) };
  }

  it('opens to a key with the scope, and says whose it is', async () => {
    expect(await knock(routes.read, 'Bearer sk_test_1')).toEqual({ open: true, caller: SHOP });
  });

  it.each(['bearer sk_test_1', 'BEARER sk_test_1', 'Bearer   sk_test_1'])('reads `%s` like any other', async (authorization) => {
    expect(await knock(routes.read, authorization)).toEqual({ open: true, caller: SHOP });
  });

  it('says which scope is missing, and lets nobody in', async () => {
    const { code, detail, caller } = (await knock(routes.write, 'Bearer sk_test_1')) as Record<string, unknown>;
    expect({ code, caller }).toEqual({ code: 'insufficient_scope', caller: SHOP });
    expect(detail).toContain('orders:write');
  });

  it('is closed where a route declares nothing', async () => {
    const { code, detail } = (await knock(routes.undeclared, 'Bearer sk_test_1')) as Record<string, unknown>;
    expect(code).toBe('insufficient_scope');
    expect(detail).toContain('of nobody');
  });

  it('asks for no key where a route is open, and so knows nobody', async () => {
    expect(await knock(routes.open, undefined)).toEqual({ open: true, caller: undefined });
  });

  it('goes by the route before its controller', async () => {
    const { inherits, narrower } = new ReadOnlyRoutes();
    expect(await knock(inherits, 'Bearer sk_test_1', ReadOnlyRoutes)).toMatchObject({ open: true });
    expect(await knock(narrower, 'Bearer sk_test_1', ReadOnlyRoutes)).toMatchObject({ code: 'insufficient_scope' });
  });

  it('asks each time, but lets a command ask whose key was good before', async () => {
    keys.asked.splice(0);
    expect(await knock(routes.command, 'Bearer sk_test_1')).toEqual({ open: true, caller: SHOP });
    expect(await knock(routes.read, 'Bearer sk_test_1')).toEqual({ open: true, caller: SHOP });
    expect(keys.asked).toEqual(['sk_test_1', 'sk_test_1']);

    const known = await knock(routes.command, 'Bearer sk_test_1');

    expect(known).toMatchObject({ open: true, caller: SHOP, remembered: { apiKeyId: 'k-1' } });
    expect(keys.asked).toEqual(['sk_test_1', 'sk_test_1']);
    expect(await knock(routes.otherCommand, 'Bearer sk_test_1')).toMatchObject({ code: 'insufficient_scope' });
    expect(await knock(routes.command, 'Bearer sk_test_2')).toMatchObject({ code: 'unauthorized', caller: undefined });
    noted.splice(0);
    known.remembered?.onEnded();
    const where = { route: 'POST /v1/orders', address: '192.0.2.1', requestId: 'request-1' };
    expect(noted).toEqual([{ reason: 'unauthorized', ...where, caller: SHOP }]);
  });

  it('tells a route who called, and no route runs without a caller', () => {
    const [argument] = Object.values(
      Reflect.getMetadata('__routeArguments__', Asking, 'whoCalls') as Record<string, { factory: (data: unknown, of: unknown) => unknown }>,
    );
    const called = (caller?: Caller) => argument?.factory(undefined, { switchToHttp: () => ({ getRequest: () => ({ caller }) }) });
    expect(called(SHOP)).toBe(SHOP);
    expect(() => called()).toThrow(/caller of a guarded route/);
  });

  it('knows no other key', async () => {
    expect(await knock(routes.read, 'Bearer sk_test_2')).toMatchObject({ code: 'unauthorized', caller: undefined });
  });

  it('asks about a key of up to 200 characters', async () => {
    keys.asked.splice(0);
    await knock(routes.read, `Bearer ${'a'.repeat(200)}`);
    await knock(routes.read, 'Bearer b');
    expect(keys.asked).toEqual(['a'.repeat(200), 'b']);
  });

  it.each([
    ['nothing', undefined],
    ['nothing at all', ''],
    ['the key alone', 'sk_test_1'],
    ['another scheme', 'Basic sk_test_1'],
    ['something before it', 'x Bearer sk_test_1'],
    ['something after it', 'Bearer sk_test_1 x'],
    ['no space', 'Bearersk_test_1'],
    ['no key', 'Bearer '],
    ['too long a key', `Bearer ${'a'.repeat(201)}`],
    ['what no key has in it', 'Bearer sk_test_\u00e9'],
  ])('does not even ask about %s', async (_, authorization) => {
    keys.asked.splice(0);
    const { detail, ...refused } = (await knock(routes.read, authorization)) as Record<string, unknown>;
    expect(refused).toEqual({ code: 'unauthorized', caller: undefined });
    expect(detail).toContain('Send your API key');
    expect(keys.asked).toHaveLength(0);
  });
});

describe('Whoever knocks', () => {
  const said: string[] = [];
  let tooMany: 'listening' | 'wrong' | 'good' | undefined;
  const hear = (what: 'listening' | 'wrong' | 'good', words: string) => {
    said.push(words);
    if (tooMany === what) throw new RequestProblem('too_many_requests', 'too many');
  };
  const later = async (act: () => void) => {
    await Promise.resolve();
    act();
  };
  const limiting = {
    listen: (_request: unknown, secret: string | undefined) => hear('listening', `listens to ${secret ?? 'nobody'}`),
    wasWrong: () => later(() => hear('wrong', 'was wrong')),
    wasGood: ({ apiKeyId }: Caller) => later(() => hear('good', `${apiKeyId} was good`)),
  } as unknown as RateLimiting;
  const refused = {
    note: ({ reason, route, address, requestId, caller }: Refusal) =>
      said.push(`${reason} at ${route} from ${address} as ${requestId}: ${caller?.apiKeyId ?? 'nobody'}`),
  } as unknown as RefusedAccess;
  const failing = { identify: () => Promise.reject(new Error('the database is away')) } as unknown as ApiKeys;
  beforeEach(() => {
    said.length = 0;
    tooMany = undefined;
  });

  interface Knock {
    readonly keys?: ApiKeys;
    readonly routeOptions?: { readonly url?: string };
  }

  async function knock(authorization: string | undefined, { keys = new OneKey(), routeOptions = { url: '/v1/orders' } }: Knock = {}) {
    const guard = new ApiKeyGuard(new Reflector(), keys, limiting, refused);
    const request = { method: 'GET', ip: '192.0.2.1', id: 'r-1', headers: { authorization }, routeOptions };
    const context = {
      getHandler: () => new Routes().write,
      getClass: () => Routes,
      switchToHttp: () => ({ getRequest: () => request, getResponse: () => ({}) }),
    };
    const { code, detail, message } = await guard.canActivate(context as unknown as ExecutionContext).then(
      () => ({ code: 'none', detail: '', message: '' }),
      (error: RequestProblem) => error,
    );
    return { code, detail: detail ?? message };
  }

  it('without a key, or with one that is none, is counted and written down, and told which it was', async () => {
    expect(await knock(undefined)).toMatchObject({ code: 'unauthorized', detail: expect.stringContaining('Send your API key') as string });
    expect(await knock('Bearer sk_test_2')).toMatchObject({ code: 'unauthorized', detail: expect.stringContaining('not known') as string });
    expect(said).toEqual([
      ...['listens to nobody', 'was wrong', 'unauthorized at GET /v1/orders from 192.0.2.1 as r-1: nobody'],
      ...['listens to sk_test_2', 'was wrong', 'unauthorized at GET /v1/orders from 192.0.2.1 as r-1: nobody'],
    ]);
  });

  it('with a key that may not is counted, and written down by the name of the key', async () => {
    expect(await knock('Bearer sk_test_1', { routeOptions: {} })).toMatchObject({ code: 'insufficient_scope' });
    expect(said).toEqual(['listens to sk_test_1', 'k-1 was good', 'insufficient_scope at GET  from 192.0.2.1 as r-1: k-1']);
  });

  it.each([
    ['listening', 'Bearer sk_test_2', 'nobody'],
    ['wrong', 'Bearer sk_test_2', 'nobody'],
    ['good', 'Bearer sk_test_1', 'k-1'],
  ] as const)('too often is told so, and nothing else: %s', async (what, authorization, who) => {
    tooMany = what;
    expect(await knock(authorization)).toMatchObject({ code: 'too_many_requests' });
    expect(said.at(-1)).toBe(`too_many_requests at GET /v1/orders from 192.0.2.1 as r-1: ${who}`);
  });

  it('while nobody can say whose key it is has not been refused', async () => {
    expect(await knock('Bearer sk_test_1', { keys: failing })).toMatchObject({ detail: 'the database is away' });
    expect(said).toEqual(['listens to sk_test_1']);
  });
});
