import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';

import { generateSimulatorKeys } from '../../simulator/server.js';
import { PaymentSucceeded } from '../../src/contracts/payment-succeeded.js';
import { HOUR } from '../../src/kernel/clock.js';
import { rawCallbackOf } from '../../src/payment/callback-record.js';
import type { CallbackEntity } from '../../src/payment/callback.entity.js';
import { InTransaction } from '../../src/platform/events/listeners.js';
import { Vault } from '../../src/platform/secrets/vault.js';
import { stateOf } from '../api/support.js';
import { useWorld, WAYS, type AttemptBody, type OrderBody } from '../support/world.js';
import { isAcknowledged } from './genuine.js';

interface Callback {
  readonly id: string;
  readonly verdict: string;
  readonly effect: string;
  readonly reason: string | null;
  readonly replayOf: string | null;
}

/** A defect of our own, for as long as it is switched on. */
@Injectable()
class Defect {
  static isThere = false;

  @InTransaction(PaymentSucceeded)
  fail(): Promise<void> {
    return Defect.isThere ? Promise.reject(new Error('a defect of our own')) : Promise.resolve();
  }
}

type Settings = Readonly<Record<string, string>>;

/** Settings that are well formed and wrong, what they make of a genuine notice, and what is right. */
const MISTAKES: readonly (readonly [
  gateway: keyof typeof WAYS,
  title: string,
  verdict: string,
  wrong: () => Promise<Settings>,
  right: readonly string[],
])[] = [
  [
    'alipay',
    "another key for Alipay's",
    'bad_signature',
    () => {
      const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      return Promise.resolve({ alipayPublicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() });
    },
    ['alipayPublicKey'],
  ],
  ['alipay', 'another seller', 'wrong_merchant', () => Promise.resolve({ sellerId: '2088000000000009' }), ['sellerId']],
  ['wechatpay', 'another API v3 key', 'undecryptable', () => Promise.resolve({ apiV3Key: randomBytes(16).toString('hex') }), ['apiV3Key']],
  ['wechatpay', 'another id of the public key', 'unknown_key', () => Promise.resolve({ publicKeyId: 'PUB_KEY_ID_1' }), ['publicKeyId']],
  [
    'unionpay',
    'the certificates of another authority',
    'untrusted_certificate',
    async () => {
      const { rootCertificate, middleCertificate } = (await generateSimulatorKeys()).unionpay;
      return { rootCertificate, middleCertificate };
    },
    ['rootCertificate', 'middleCertificate'],
  ],
];

describe('Callbacks that come at once', () => {
  const world = useWorld();

  it('are kept each as it came, to the last byte', async () => {
    // Of all lengths, so that a byte too many in one would be missing in the next.
    const bodies = Array.from({ length: 40 }, (_, length) => 'x'.repeat(length) + String.fromCharCode(97 + (length % 26)));
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    await Promise.all(bodies.map((body) => world.api.post<unknown>('/v1/callbacks/alipay/payments', body, form)));

    const { body: page } = await world.api.get<{ data: Callback[] }>('/v1/callbacks?limit=100');
    const kept = await Promise.all(page.data.map(({ id }) => world.api.get<{ body: string }>(`/v1/callbacks/${id}`)));
    expect(kept.map(({ body }) => body.body).sort()).toEqual([...bodies].sort());
    const sealed = await world.db.query<CallbackEntity[]>('SELECT id, sealed, headers, body, received_at AS "receivedAt" FROM callbacks');
    expect(sealed.map((row) => rawCallbackOf(world.app.get(Vault), row).body.toString()).sort()).toEqual([...bodies].sort());
  });
});

describe('A callback that is replayed', () => {
  const world = useWorld([Defect]);
  let orders = 0;
  afterEach(() => void (Defect.isThere = false));

  async function paidUnheard(gateway: keyof typeof WAYS): Promise<{ order: OrderBody; attempt: AttemptBody }> {
    orders += 1;
    const order = await world.placeOrder({ sku: `REPLAY-${orders}` });
    const attempt = await world.startPayment(order, WAYS[gateway]);
    await world.payer.pays(attempt, { notify: false });
    return { order, attempt };
  }

  const newest = async (): Promise<Callback> => {
    const [callback] = (await world.api.get<{ data: Callback[] }>('/v1/callbacks?limit=1')).body.data;
    if (!callback) throw new Error('the inbox is empty');
    return callback;
  };
  const replay = (id: string, query = '') => world.api.post<Record<string, unknown>>(`/v1/callbacks/${id}/replay${query}`);

  async function change(gateway: string, settings: Settings): Promise<Settings> {
    const accounts = await world.api.get<{ data: { id: string; gateway: string; settings: Settings }[] }>('/v1/admin/gateway-accounts');
    const account = accounts.body.data.find((one) => one.gateway === gateway);
    const changed = await world.api.send('PATCH', `/v1/admin/gateway-accounts/${account?.id}`, { body: { settings } });
    expect(changed).toMatchObject({ status: 200 });
    return account?.settings ?? {};
  }

  const configured = (gateway: keyof typeof WAYS, names: readonly string[]): Settings => {
    const all = { ...world.simulator[gateway] } as unknown as Settings;
    return Object.fromEntries(names.map((name) => [name, all[name] ?? '']));
  };

  async function expectPaidOnce(order: OrderBody): Promise<void> {
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', amountPaid: order.amountDue });
    expect((await world.timeline(order)).filter(({ type }) => type === 'payment.succeeded')).toHaveLength(1);
  }

  it.each(MISTAKES)('at %s, refused because of %s, works once that is put right', async (gateway, _, verdict, wrong, right) => {
    const { order, attempt } = await paidUnheard(gateway);
    await change(gateway, await wrong());

    const { notices } = await world.payer.notifies(attempt);
    expect(isAcknowledged(gateway, { status: notices[0]?.status ?? 0, headers: new Headers(), body: notices[0]?.body ?? '' })).toBe(false);
    const refused = await newest();
    expect(refused).toMatchObject({ verdict, effect: 'none' });
    // A replay with the same mistake finds the same.
    expect(await replay(refused.id)).toMatchObject({ status: 200, body: { verdict, effect: 'none', answer: 'refused' } });
    await change(gateway, configured(gateway, right));
    // The time it came counts, and not the time it is replayed.
    world.clock.advance(HOUR / 4);
    const before = await stateOf(world);

    const rehearsed = await replay(refused.id, '?dryRun=true');

    expect(rehearsed).toMatchObject({
      status: 200,
      body: { id: null, replayOf: refused.id, dryRun: true, verdict: 'verified', effect: 'applied', answer: 'acknowledged' },
    });
    expect(await stateOf(world)).toEqual(before);
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment' });

    const replayed = await replay(refused.id);

    expect(replayed).toMatchObject({
      status: 200,
      body: { dryRun: false, verdict: 'verified', effect: 'applied', answer: 'acknowledged' },
    });
    expect(await newest()).toMatchObject({ id: replayed.body.id, replayOf: refused.id, verdict: 'verified', effect: 'applied' });
    await expectPaidOnce(order);
    expect(await replay(refused.id)).toMatchObject({ body: { verdict: 'verified', effect: 'already_applied' } });
    expect(await replay(String(replayed.body.id))).toMatchObject({ body: { effect: 'already_applied' } });
    await expectPaidOnce(order);
    // What was refused stays as it was: the inbox is a record.
    expect((await world.api.get(`/v1/callbacks/${refused.id}`)).body).toMatchObject({ verdict, effect: 'none', replayOf: null });
  });

  it.each(Object.keys(WAYS) as (keyof typeof WAYS)[])('at %s, whose effect has failed, works once the defect is gone', async (gateway) => {
    const { order, attempt } = await paidUnheard(gateway);
    Defect.isThere = true;
    const { notices } = await world.payer.notifies(attempt);
    expect(notices[0]?.status).toBeLessThan(500);
    expect(isAcknowledged(gateway, { status: notices[0]?.status ?? 0, headers: new Headers(), body: notices[0]?.body ?? '' })).toBe(false);
    const failed = await newest();
    expect(failed).toMatchObject({ effect: 'failed' });
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment', amountPaid: 0 });
    const before = await stateOf(world);
    // While the defect is there a rehearsal finds it, and changes nothing.
    expect((await replay(failed.id, '?dryRun=true')).status).toBe(500);
    expect(await stateOf(world)).toEqual(before);
    Defect.isThere = false;

    expect(await replay(failed.id, '?dryRun=true')).toMatchObject({ body: { effect: 'applied', answer: 'acknowledged' } });
    expect(await stateOf(world)).toEqual(before);
    expect(await replay(failed.id)).toMatchObject({ status: 200, body: { effect: 'applied' } });
    await expectPaidOnce(order);
    expect(await replay(failed.id)).toMatchObject({ status: 200, body: { effect: 'already_applied' } });
    await expectPaidOnce(order);
  });

  it('twenty times at once has one effect', async () => {
    const { order, attempt } = await paidUnheard('wechatpay');
    Defect.isThere = true;
    await world.payer.notifies(attempt);
    Defect.isThere = false;
    const { id } = await newest();

    const answers = await Promise.all(Array.from({ length: 20 }, () => replay(id)));

    const effects = answers.map(({ body }) => body.effect).sort();
    expect(effects).toEqual([...Array.from({ length: 19 }, () => 'already_applied'), 'applied']);
    await expectPaidOnce(order);
  });

  it('under one key is replayed once, and the answer is the same', async () => {
    const { attempt } = await paidUnheard('unionpay');
    await world.payer.notifies(attempt);
    const { id } = await newest();
    const send = () => world.api.post(`/v1/callbacks/${id}/replay`, undefined, { idempotencyKey: 'replay-once' });
    const [first, second] = [await send(), await send()];
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
  });

  it('and was a forgery is one still', async () => {
    const { order, attempt } = await paidUnheard('alipay');
    await world.payer.notifies(attempt, { forge: 'other_key' });
    const { id } = await newest();
    expect(await replay(id)).toMatchObject({ body: { verdict: 'bad_signature', effect: 'none', answer: 'refused' } });
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment' });
  });

  it('is nobody else’s to replay, and none where there is none', async () => {
    const { attempt } = await paidUnheard('alipay');
    await world.payer.notifies(attempt);
    const { id } = await newest();
    const another = await world.anotherMerchant();
    expect(await another.post(`/v1/callbacks/${id}/replay`)).toMatchObject({ status: 404 });
    expect(await replay('01999999-0000-7000-8000-000000000000')).toMatchObject({ status: 404 });
    expect(await replay(id, '?dryRun=maybe')).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });
});
