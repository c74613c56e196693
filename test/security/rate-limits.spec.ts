import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { AppModule } from '../../src/app.module.js';
import { MINUTE, SECOND } from '../../src/kernel/clock.js';
import { countedAddress } from '../../src/platform/http/client-address.js';
import { createHttpApplication } from '../../src/platform/http/http-application.js';
import { RateLimitSettings } from '../../src/platform/rate-limits/rate-limit-settings.js';
import { RateLimitStore } from '../../src/platform/rate-limits/rate-limit.store.js';
import { RateLimits } from '../../src/platform/rate-limits/rate-limits.js';
import { expectProblem, keyWith, speak, stateOf } from '../api/support.js';
import { ApiClient, type Answer } from '../support/api-client.js';
import { ManualClock } from '../support/manual-clock.js';
import { statementsSentDuring } from '../support/statements.js';
import { useWorld } from '../support/world.js';

const QUOTA = 200;
const WRONG = 10;
const settings = new RateLimitSettings(QUOTA, WRONG);

/** The statements that touched a table while `act` ran. */
async function statementsOn(table: string, act: () => Promise<unknown>): Promise<number> {
  const { statements } = await statementsSentDuring(act);
  return statements.filter(({ text }) => text.includes(table)).length;
}

const statuses = (answers: readonly Answer[]) => answers.map(({ status }) => status);

describe('How often a client may ask', () => {
  const world = useWorld([], { platform: { rateLimits: settings } });
  let replica: NestFastifyApplication;
  let replicaUrl: string;
  beforeAll(async () => {
    const module = AppModule.forRoot({
      platform: { database: { url: world.database.url, poolSize: 5 }, clock: world.clock, rateLimits: settings },
      payment: { publicUrl: 'http://127.0.0.1', secretsKeys: [world.secretsKey] },
      autoCompleteAfterDays: 10,
    });
    replica = await createHttpApplication(module, { logger: false, trustedProxies: ['127.0.0.1'] });
    await replica.listen(0, '127.0.0.1');
    replicaUrl = await replica.getUrl();
  });
  // Each begins with a minute of its own, whatever the second in which the tests began.
  beforeEach(() => world.clock.advance(MINUTE - (world.clock.now().getTime() % MINUTE)));
  afterAll(() => replica.close());

  const ask = (times: number, api: ApiClient = world.api) => Promise.all(Array.from({ length: times }, () => api.get('/v1/products')));
  const wrongly = (times: number, headers: Record<string, string> = {}, url = world.api.url) =>
    Promise.all(
      Array.from({ length: times }, (_, number) =>
        speak(url, { path: '/v1/products', headers: { authorization: `Bearer sk_test_guess${number}`, ...headers } }),
      ),
    );

  it('is told with every answer, and one more is turned away until the minute is over', async () => {
    const secondsLeft = () => 60 - ((world.clock.now().getTime() / SECOND) % 60);
    const first = await world.api.get('/v1/products');
    expect(first.headers.get('ratelimit-policy')).toBe(`"api-key";q=${QUOTA};w=60`);
    expect(first.headers.get('ratelimit')).toBe(`"api-key";r=${QUOTA - 1};t=${Math.ceil(secondsLeft())}`);
    expect(new Set(statuses(await ask(QUOTA - 1)))).toEqual(new Set([200]));
    const before = await stateOf(world);
    world.clock.advance(SECOND);

    const refused = await world.api.post('/v1/products', { sku: 'X', name: 'x', price: 1 }, { headers: { 'accept-language': 'zh' } });

    expectProblem(refused, 429, 'too_many_requests');
    expect(refused.body.title).toBe('请求过于频繁');
    expect(refused.headers.get('retry-after')).toBe(String(Math.ceil(secondsLeft())));
    expect(refused.headers.get('ratelimit')).toBe(`"api-key";r=0;t=${Math.ceil(secondsLeft())}`);
    expect(await stateOf(world)).toEqual(before);
    world.clock.advance(Math.ceil(secondsLeft()) * SECOND);
    expect(statuses(await ask(1))).toEqual([200]);
  });

  it('is each key’s own', async () => {
    const other = new ApiClient(world.api.url, (await keyWith(world.api, ['products:read'])).secret);
    await ask(QUOTA + 1);

    expect(statuses(await ask(1))).toEqual([429]);
    expect(statuses(await ask(1, other))).toEqual([200]);
  });

  it('is counted over all replicas: together they never let one through too many, and hardly any too few', async () => {
    const beside = new ApiClient(replicaUrl, world.api.apiKey);

    const answers = (await Promise.all([ask(QUOTA), ask(QUOTA, beside)])).flat();

    const through = answers.filter(({ status }) => status === 200).length;
    expect(new Set(statuses(answers))).toEqual(new Set([200, 429]));
    expect(through).toBeLessThanOrEqual(QUOTA);
    expect(through).toBeGreaterThanOrEqual(QUOTA - QUOTA / 12);
    expect(statuses(await ask(1))).toEqual([429]);
    expect(statuses(await ask(1, beside))).toEqual([429]);
  });

  it('costs the database some dozens of statements a minute, however many requests there are', async () => {
    expect(await statementsOn('rate_limits', () => ask(QUOTA / 40))).toBe(1);
    world.clock.advance(MINUTE);
    expect(await statementsOn('rate_limits', () => ask(QUOTA))).toBeLessThan(70);
    expect(await statementsOn('rate_limits', () => ask(QUOTA))).toBe(0);
  });

  it('holds nobody up while it cannot be counted', async () => {
    await world.db.query('ALTER TABLE rate_limits RENAME TO elsewhere');
    try {
      expect(new Set(statuses(await ask(3)))).toEqual(new Set([200]));
    } finally {
      await world.db.query('ALTER TABLE elsewhere RENAME TO rate_limits');
    }
  });

  it('is counted by the window of whoever is ahead', async () => {
    const [ahead, behind] = [new ManualClock(), new ManualClock()];
    ahead.advance(MINUTE);
    const [one, two] = [ahead, behind].map((clock) => new RateLimits(world.app.get(RateLimitStore), clock));
    const take = async (limits: RateLimits | undefined, times: number) => {
      let allowed = 0;
      for (let n = 0; n < times; n += 1) if ((await limits?.take('clocks', QUOTA))?.allowed) allowed += 1;
      return allowed;
    };

    const allowed = (await take(one, QUOTA / 2)) + (await take(two, QUOTA));

    expect(allowed).toBeLessThanOrEqual(QUOTA);
    expect(allowed).toBeGreaterThanOrEqual(QUOTA - QUOTA / 12);
  });

  it('is forgotten when nobody can ask for it any more', async () => {
    await ask(1);
    world.clock.advance(11 * MINUTE);
    await world.settle();
    expect(await world.db.query('SELECT * FROM rate_limits')).toEqual([]);
  });

  describe('with a key that is none', () => {
    it('is seldom: an address that guesses is not listened to until the minute is over', async () => {
      expect(new Set(statuses(await wrongly(WRONG)))).toEqual(new Set([401]));

      const [refused] = await wrongly(1);

      expect(refused && { status: refused.status, after: refused.headers.get('retry-after') }).toEqual({
        status: 429,
        after: expect.stringMatching(/^[1-9]\d?$/) as string,
      });
      // Not even looked up, so a right guess looks like a wrong one.
      expect(await statementsOn('api_keys', () => wrongly(20))).toBe(0);
      const unheardOf = new ApiClient(world.api.url, (await keyWith(world.api, ['products:read'])).secret);
      expect(statuses(await ask(1, unheardOf))).toEqual([429]);
      world.clock.advance(MINUTE);
      expect(statuses(await ask(1, unheardOf))).toEqual([200]);
    });

    it('shuts nobody out whose key was good before', async () => {
      await ask(1);
      await wrongly(WRONG + 1);

      expect(statuses(await ask(1))).toEqual([200]);
      expect(statuses(await wrongly(1))).toEqual([429]);
    });

    it('is counted by the address of the connection, whatever the client says of it', async () => {
      for (let n = 0; n < WRONG; n += 1) await wrongly(1, { 'x-forwarded-for': `203.0.113.${n}`, forwarded: `for=203.0.113.${n}` });
      expect(statuses(await wrongly(1, { 'x-forwarded-for': '203.0.113.99' }))).toEqual([429]);
    });

    it('is counted by whom a proxy names, where that is trusted', async () => {
      await wrongly(WRONG, { 'x-forwarded-for': '203.0.113.1' }, replicaUrl);

      expect(statuses(await wrongly(1, { 'x-forwarded-for': '203.0.113.1' }, replicaUrl))).toEqual([429]);
      // What stands before the proxy's own word is the client's.
      expect(statuses(await wrongly(1, { 'x-forwarded-for': '203.0.113.7, 203.0.113.1' }, replicaUrl))).toEqual([429]);
      expect(statuses(await wrongly(1, { 'x-forwarded-for': '203.0.113.2' }, replicaUrl))).toEqual([401]);
    });

    it.each([
      ['203.0.113.7', '203.0.113.7'],
      ['::ffff:203.0.113.7', '203.0.113.7'],
      ['2400:3200:1:2:3:4:5:6', '2400:3200:1:2::/64'],
      ['2400:3200:1:2::1', '2400:3200:1:2::/64'],
      ['2400:3200::1', '2400:3200:0:0::/64'],
      ['fe80::1%eth0', 'fe80:0:0:0::/64'],
      ['::1', '0:0:0:0::/64'],
      ['unix', 'unix'],
    ])('counts %s as %s', (ip, counted) => {
      expect(countedAddress(ip)).toBe(counted);
    });
  });
});
