import { SetMetadata, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';

import { ApiKeys, type Caller } from '../../src/contracts/api-keys.port.js';
import type { RefusedAccess } from '../../src/platform/audit/refused-access.js';
import { ApiKeyGuard } from '../../src/platform/http/api-key.guard.js';
import { Metrics } from '../../src/platform/http/metrics.js';
import { RateLimiting } from '../../src/platform/http/rate-limiting.js';
import { CallerParam, Open, RequireScope, ROUTE_SCOPE, type AuthenticatedRequest } from '../../src/platform/http/security.js';
import type { WrongKeys } from '../../src/platform/http/wrong-keys.js';
import { RateLimitSettings } from '../../src/platform/rate-limits/rate-limit-settings.js';
import type { RateLimits } from '../../src/platform/rate-limits/rate-limits.js';

const SHOP: Caller = { merchantId: 'm-1', apiKeyId: 'k-1', scopes: ['orders:read', 'payments:read'] };

/** Whoever answers for the merchant module: one key, and what it was asked for. */
class OneKey extends ApiKeys {
  readonly asked: string[] = [];

  override identify(secret: string): Promise<Caller | undefined> {
    this.asked.push(secret);
    return Promise.resolve(secret === 'sk_test_1' ? SHOP : undefined);
  }
}

class Routes {
  @RequireScope('orders:read')
  read(this: void): void {}

  @RequireScope('orders:write')
  write(this: void): void {}

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
  // Nobody is limited here, and who is refused is told to nobody.
  const limiting = new RateLimiting({} as RateLimits, {} as WrongKeys, new RateLimitSettings(undefined, undefined), new Metrics());
  const guard = new ApiKeyGuard(new Reflector(), keys, limiting, { note: () => undefined } as unknown as RefusedAccess);
  const routes = new Routes();

  async function knock(handler: () => void, authorization: string | undefined, of: new () => object = Routes) {
    const request = { headers: { authorization }, routeOptions: { url: '/v1/orders' } } as unknown as AuthenticatedRequest;
    const context = {
      getHandler: () => handler,
      getClass: () => of,
      switchToHttp: () => ({ getRequest: () => request, getResponse: () => ({}) }),
    };
    const result = await guard.canActivate(context as unknown as ExecutionContext).then(
      (open) => ({ open }),
      (error: { code?: string; detail?: string }) => ({ code: error.code, detail: error.detail }),
    );
    return { ...result, caller: request.caller };
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
