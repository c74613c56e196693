import { HOUR, SECOND } from '../../src/kernel/clock.js';
import { NOBODY, expectProblem, keyWith, stateOf } from '../api/support.js';
import { ApiClient } from '../support/api-client.js';
import { useWorld } from '../support/world.js';

interface Issued extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly secret: string;
}

interface Listed {
  readonly id: string;
  readonly expiresAt: string | null;
  readonly revokedAt: string | null;
}

describe('An API key that is rotated', () => {
  const world = useWorld();
  const rotate = (id: string, body?: object, api = world.api) => api.post<Issued>(`/v1/api-keys/${id}/rotate`, body);
  const good = async (secret: string) => (await new ApiClient(world.api.url, secret).get('/v1/products')).status === 200;
  const listed = async (id: string) =>
    (await world.api.get<{ data: Listed[] }>('/v1/api-keys')).body.data.find((key) => key.id === id) ?? { expiresAt: '', revokedAt: '' };

  it('leaves both good until the overlap is over, and then the new one alone', async () => {
    const former = await keyWith(world.api, ['products:read', 'orders:read']);

    const { status, body } = await rotate(former.id, { overlapSeconds: 3_600 });

    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'products:read orders:read',
      scopes: ['products:read', 'orders:read'],
      expiresAt: null,
      revokedAt: null,
    });
    expect(body.secret).toMatch(/^sk_test_\w{48}$/);
    expect(body.secret).not.toBe(former.secret);
    const endsAt = new Date(world.clock.now().getTime() + HOUR).toISOString();
    expect(await listed(former.id)).toMatchObject({ expiresAt: endsAt, revokedAt: null });
    expect([await good(former.secret), await good(body.secret)]).toEqual([true, true]);
    world.clock.advance(HOUR - SECOND);
    expect([await good(former.secret), await good(body.secret)]).toEqual([true, true]);
    world.clock.advance(SECOND);
    expect([await good(former.secret), await good(body.secret)]).toEqual([false, true]);
  });

  it('ends the former at once where there is to be no overlap, and a day later where nothing is said', async () => {
    const [leaked, usual] = [await keyWith(world.api, ['products:read']), await keyWith(world.api, ['products:read'])];

    expect(await good((await rotate(leaked.id, { overlapSeconds: 0 })).body.secret)).toBe(true);
    expect((await rotate(usual.id)).status).toBe(201);

    expect([await good(leaked.secret), await good(usual.secret)]).toEqual([false, true]);
    world.clock.advance(24 * HOUR);
    expect(await good(usual.secret)).toBe(false);
  });

  it('can still be ended at once, while it overlaps', async () => {
    const former = await keyWith(world.api, ['products:read']);
    await rotate(former.id);
    expect((await world.api.send('DELETE', `/v1/api-keys/${former.id}`)).status).toBe(204);
    expect(await good(former.secret)).toBe(false);
  });

  it('is rotated once, and not after its end, however many ask at once', async () => {
    const [twice, ended] = [await keyWith(world.api, ['products:read']), await keyWith(world.api, ['products:read'])];
    await world.api.send('DELETE', `/v1/api-keys/${ended.id}`);

    const answers = await Promise.all([rotate(twice.id), rotate(twice.id), rotate(twice.id)]);

    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    for (const id of [twice.id, ended.id]) expectProblem(await rotate(id), 409, 'illegal_transition');
  });

  it('gives nobody the key of somebody who may do more, nor of another merchant', async () => {
    const strong = await keyWith(world.api, ['keys:write', 'refunds:write']);
    const weak = new ApiClient(world.api.url, (await keyWith(world.api, ['keys:write', 'refunds:read'])).secret);
    const stranger = await world.anotherMerchant();
    const before = await stateOf(world);

    expectProblem(await rotate(strong.id, {}, weak), 403, 'insufficient_scope');
    expectProblem(await rotate(strong.id, {}, stranger), 404, 'not_found');
    expectProblem(await rotate(NOBODY), 404, 'not_found');
    for (const overlapSeconds of [-1, 2_592_001, 1.5, '60', null]) {
      expectProblem(await rotate(strong.id, { overlapSeconds }), 400, 'invalid_request');
    }

    expect(await stateOf(world)).toEqual(before);
    expect(await good(strong.secret)).toBe(false);
    expect((await new ApiClient(world.api.url, strong.secret).post('/v1/api-keys', { name: 'k', scopes: ['keys:write'] })).status).toBe(
      201,
    );
  });
});
