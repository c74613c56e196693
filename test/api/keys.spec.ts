import { setTimeout as pause } from 'node:timers/promises';

import { SCOPES } from '../../src/contracts/scopes.js';
import { Merchants } from '../../src/merchant/merchants.js';
import { newApiKey } from '../../src/merchant/api-key.js';
import { newId } from '../../src/kernel/ids.js';
import { useWorld } from '../support/world.js';
import { NOBODY } from './support.js';

const origin = { correlationId: newId(), causationId: null, actor: 'test' };
const BEYOND = 'ffffffff-ffff-7fff-bfff-ffffffffffff';

describe('The keys of merchants', () => {
  const world = useWorld();
  let merchants: Merchants;
  let first: string;
  beforeAll(async () => {
    merchants = world.app.get(Merchants);
    first = (await merchants.first()) ?? '';
  });
  const ofFirst = () => first as never;

  it('are each their own merchant, however many ask at once', async () => {
    const other = await merchants.open(origin, 'Other');
    const one = await merchants.issueKey(origin, ofFirst(), { name: 'one', mode: 'live', scopes: ['orders:read'] });
    expect(one.secret).toMatch(/^sk_live_/);
    expect(other.secret).toMatch(/^sk_test_/);
    const asked = [one.secret, other.secret, 'sk_test_nobody', one.secret];
    const known = await Promise.all(asked.map((secret) => merchants.identify(secret)));
    const mine = { merchantId: first, apiKeyId: one.apiKey.id, scopes: ['orders:read'] };
    expect(known).toEqual([
      mine,
      { merchantId: other.merchant.id, apiKeyId: other.apiKey.id, scopes: other.apiKey.scopes },
      undefined,
      mine,
    ]);
  });

  it('of a new merchant may do everything but run the system', async () => {
    const { merchant, apiKey } = await merchants.open(origin, 'Tea House');
    expect(merchant.name).toBe('Tea House');
    expect(apiKey).toMatchObject({ merchantId: merchant.id, name: 'first', revokedAt: null });
    expect([...apiKey.scopes].sort()).toEqual(SCOPES.filter((scope) => scope !== 'admin').sort());
    expect(apiKey.createdAt).toEqual(world.clock.now());
    expect(merchant.createdAt).toEqual(world.clock.now());
    expect(await merchants.exists(merchant.id)).toBe(true);
    expect(await merchants.exists(NOBODY as never)).toBe(false);
  });

  it('are kept without their secret', async () => {
    const { apiKey, secret } = await merchants.issueKey(origin, ofFirst(), { name: 'kept', mode: 'test', scopes: ['keys:read'] });
    const [row] = await world.db.query<Record<string, unknown>[]>('SELECT * FROM api_keys WHERE id = $1', [apiKey.id]);
    expect(row).toMatchObject({ name: 'kept', hint: `sk_test_…${secret.slice(-4)}`, scopes: ['keys:read'] });
    expect(JSON.stringify(row)).not.toContain(secret.slice(8));
  });

  it('end for good, and only by their own merchant', async () => {
    const { apiKey, secret } = await merchants.issueKey(origin, ofFirst(), { name: 'ends', mode: 'test', scopes: ['orders:read'] });
    const other = await merchants.open(origin, 'Thief');
    await expect(merchants.revokeKey(origin, other.merchant.id, apiKey.id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await merchants.identify(secret)).toBeDefined();
    await merchants.revokeKey(origin, ofFirst(), apiKey.id);
    expect(await merchants.identify(secret)).toBeUndefined();
    const endedAt = async () => (await merchants.listKeys(ofFirst(), 1, BEYOND)).find(({ id }) => id === apiKey.id)?.revokedAt;
    const ended = await endedAt();
    expect(ended).toEqual(world.clock.now());
    world.clock.advance(1_000);
    await merchants.revokeKey(origin, ofFirst(), apiKey.id);
    expect(await endedAt()).toEqual(ended);
    await expect(merchants.revokeKey(origin, ofFirst(), NOBODY)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('are listed newest first, one more than asked for, and from where the page before ended', async () => {
    const { merchant, apiKey } = await merchants.open(origin, 'Lister');
    const made = [apiKey.id];
    for (const name of ['a', 'b', 'c']) {
      made.unshift((await merchants.issueKey(origin, merchant.id, { name, mode: 'test', scopes: ['orders:read'] })).apiKey.id);
    }
    const idsOf = async (limit: number, before?: string) => (await merchants.listKeys(merchant.id, limit, before)).map(({ id }) => id);
    expect(await idsOf(2)).toEqual(made.slice(0, 3));
    expect(await idsOf(10)).toEqual(made);
    expect(await idsOf(10, made[1])).toEqual(made.slice(2));
  });

  it('of the settings belong to the first merchant, and are added once', async () => {
    await merchants.open(origin, 'Later');
    const secret = newApiKey('test');
    const keys = async () => Number((await world.db.query<{ n: string }[]>('SELECT count(*) AS n FROM api_keys'))[0]?.n);
    const before = await keys();
    await Promise.all([merchants.bootstrap(secret), merchants.bootstrap(secret)]);
    await merchants.bootstrap(secret);
    expect(await keys()).toBe(before + 1);
    expect(await merchants.identify(secret)).toMatchObject({ merchantId: first, scopes: [...SCOPES] });
  });
});

describe('The first merchant of an empty database', () => {
  const world = useWorld();

  it('is made once with its first key, however many processes start', async () => {
    await world.db.query('TRUNCATE api_keys, merchants, gateway_accounts CASCADE');
    const merchants = world.app.get(Merchants);
    expect(await merchants.first()).toBeUndefined();
    const secrets = [newApiKey('live'), newApiKey('live'), newApiKey('live')];
    // Whoever may go on waits here, and all who wait are let go at once.
    const holder = world.db.createQueryRunner();
    await holder.startTransaction();
    await holder.query('LOCK TABLE merchants IN ACCESS EXCLUSIVE MODE');
    const starts = secrets.map((secret) => merchants.bootstrap(secret));
    const waiting = `SELECT count(*)::int AS count FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    const count = async () => (await world.db.query<{ count: number }[]>(waiting))[0]?.count;
    while ((await count()) !== secrets.length) await pause(10);
    await holder.commitTransaction();
    await holder.release();
    await Promise.all(starts);
    expect(await world.db.query('SELECT name, created_at FROM merchants')).toEqual([
      { name: 'First merchant', created_at: world.clock.now() },
    ]);
    const callers = await Promise.all(secrets.map((secret) => merchants.identify(secret)));
    expect(new Set(callers.map((caller) => caller?.merchantId))).toEqual(new Set([await merchants.first()]));
  });
});
