import fc from 'fast-check';

import { stateOf } from '../api/support.js';
import { useWorld, WAYS, type AttemptBody, type OrderBody } from '../support/world.js';
import { headerOf, isAcknowledged, Letterbox, post, withHeader, type Letter } from './genuine.js';
import { isTheSame, mutationsOf, ofFields, ofHeaders, type Mutation } from './mutations.js';

interface Callback {
  readonly verdict: string;
  readonly effect: string;
  readonly reason: string | null;
}

type Forgery = readonly [title: string, how: Record<string, unknown>, verdict: string];

const SIGNED_HEADERS = ['wechatpay-timestamp', 'wechatpay-nonce', 'wechatpay-signature', 'wechatpay-serial'];

/** What is particular to each gateway's notices. */
interface Sender {
  readonly gateway: keyof typeof WAYS;
  readonly forgeries: readonly Forgery[];
  /** Changes of what is beside the bytes of the body. */
  readonly beside: (letter: Letter, another: Letter) => fc.Arbitrary<Mutation>;
  /** Changes of nothing that is signed, believed or kept: the same message in other clothes. */
  readonly harmless: readonly (readonly [title: string, change: (letter: Letter) => Letter])[];
}

const pairs = ({ body }: Letter) => body.toString('latin1').split('&');
const withPairs = (letter: Letter, now: readonly string[]): Letter => ({ ...letter, body: Buffer.from(now.join('&'), 'latin1') });

const OF_ANY: Sender['harmless'] = [
  [
    'its headers in another order',
    (letter) => ({ ...letter, headers: [['accept', '*/*'], ...letter.headers].reverse() as Letter['headers'] }),
  ],
  ['its headers in capitals', (letter) => ({ ...letter, headers: letter.headers.map(([name, value]) => [name.toUpperCase(), value]) })],
  ['a header more', (letter) => withHeader(letter, 'x-forwarded-for', '203.0.113.7')],
  ['a content type that lies', (letter) => withHeader(letter, 'content-type', 'text/plain')],
  ['no content type', (letter) => withHeader(letter, 'content-type', undefined)],
];

const OF_FORMS: Sender['harmless'] = [
  ['its fields in another order', (letter) => withPairs(letter, pairs(letter).reverse())],
  ['a field more that says nothing', (letter) => withPairs(letter, [...pairs(letter), 'extra='])],
  [
    'percent signs in small letters',
    (letter) => withPairs(letter, [letter.body.toString('latin1').replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())]),
  ],
];

const SENDERS: readonly Sender[] = [
  {
    gateway: 'alipay',
    forgeries: [
      ['the key of a stranger', { forge: 'other_key' }, 'bad_signature'],
      ['no signature', { forge: 'no_signature' }, 'bad_signature'],
      ['an empty signature', { forge: 'empty_signature' }, 'bad_signature'],
      ['another sign_type, of a weaker kind', { forge: 'sign_type_rsa' }, 'bad_signature'],
      ['another sign_type, in name', { tamper: { sign_type: 'RSA' } }, 'bad_signature'],
      ['a sign_type that is none', { tamper: { sign_type: 'none' } }, 'bad_signature'],
      ['another amount, changed on the way', { tamper: { total_amount: '0.01' } }, 'bad_signature'],
      ['another app', { fields: { app_id: '2021000000000009' } }, 'wrong_app'],
      ['another seller', { fields: { seller_id: '2088000000000009' } }, 'wrong_merchant'],
    ],
    // sign_type is not signed, and is RSA2 where it is left out.
    beside: (letter) => ofFields(letter, ['sign_type']),
    harmless: [
      ...OF_FORMS,
      [
        'no sign_type, which then is RSA2',
        (letter) =>
          withPairs(
            letter,
            pairs(letter).filter((pair) => !pair.startsWith('sign_type=')),
          ),
      ],
    ],
  },
  {
    gateway: 'wechatpay',
    forgeries: [
      ['the key of a stranger', { forge: 'other_key' }, 'bad_signature'],
      ['no signature', { forge: 'no_signature' }, 'bad_signature'],
      ['an empty signature', { forge: 'empty_signature' }, 'bad_signature'],
      ['another signature type', { forge: 'sign_type' }, 'bad_signature'],
      ['a timestamp of ten minutes ago', { forge: 'expired_timestamp' }, 'expired'],
      ['a serial number that nobody knows', { forge: 'unknown_serial' }, 'unknown_key'],
      ['the signature of a probe', { forge: 'signtest' }, 'bad_signature'],
      ['a content that was encrypted for somebody else', { forge: 'other_api_key' }, 'undecryptable'],
      ['another body', { tamper: { body: '{}' } }, 'bad_signature'],
      ['another timestamp', { tamper: { 'headers.Wechatpay-Timestamp': '1' } }, 'expired'],
      ['another nonce', { tamper: { 'headers.Wechatpay-Nonce': 'another' } }, 'bad_signature'],
      ['another merchant', { fields: { mchid: '1900000009' } }, 'wrong_merchant'],
      ['another app', { fields: { appid: 'wx0000000000000009' } }, 'wrong_app'],
    ],
    beside: (letter, another) => ofHeaders(letter, SIGNED_HEADERS, another),
    harmless: [],
  },
  {
    gateway: 'unionpay',
    forgeries: [
      ['the key of a stranger', { forge: 'other_key' }, 'bad_signature'],
      ['no signature', { forge: 'no_signature' }, 'bad_signature'],
      ['an empty signature', { forge: 'empty_signature' }, 'bad_signature'],
      ['another signMethod, of a shared key', { forge: 'sign_type' }, 'bad_signature'],
      ['the version of before, with SHA-1', { forge: 'sign_type_rsa' }, 'bad_signature'],
      ['a certificate that leads to nobody we trust', { forge: 'other_cert' }, 'untrusted_certificate'],
      ['the certificate of another merchant', { forge: 'wrong_cn' }, 'untrusted_certificate'],
      ['a certificate that is past', { forge: 'expired_cert' }, 'untrusted_certificate'],
      ['no certificate', { tamper: { signPubKeyCert: null } }, 'bad_signature'],
      ['another amount, changed on the way', { tamper: { txnAmt: '1' } }, 'bad_signature'],
      ['another merchant', { fields: { merId: '777290000000002' } }, 'wrong_merchant'],
    ],
    beside: (letter) => ofFields(letter, []),
    harmless: OF_FORMS,
  },
];

/** Of each gateway. A run that fails says with which seed it can be run again. */
const MUTATIONS = 400;

describe.each(SENDERS)('A notice of $gateway', ({ gateway, forgeries, beside, harmless }) => {
  const world = useWorld();
  let box: Letterbox;
  let order: OrderBody;
  let attempt: AttemptBody;
  let orders = 0;

  beforeAll(async () => void (box = await Letterbox.open()));
  afterAll(() => box.close());
  // Paid at the gateway, and nobody has told us.
  beforeEach(async () => void ({ order, attempt } = await paidUnheard()));

  async function paidUnheard() {
    orders += 1;
    const placed = await world.placeOrder({ sku: `HOSTILE-${orders}` });
    const started = await world.startPayment(placed, WAYS[gateway]);
    await world.payer.noticesAre('drop');
    await world.payer.pays(started);
    await world.payer.noticesAre('deliver');
    return { order: placed, attempt: started };
  }

  const newest = async (most: number): Promise<Callback[]> =>
    (await world.api.get<{ data: Callback[] }>(`/v1/callbacks?limit=${most}`)).body.data;
  const state = () => stateOf(world, ['callbacks']);

  async function expectGenuineToWorkOnce(letter: Letter): Promise<void> {
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment', amountPaid: 0 });
    for (const effect of ['applied', 'already_applied']) {
      expect(isAcknowledged(gateway, await post(world, gateway, letter))).toBe(true);
      expect(await newest(1)).toMatchObject([{ verdict: 'verified', effect }]);
    }
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', amountPaid: order.amountDue });
    const paid = (await world.timeline(order)).filter(({ type }) => type === 'payment.succeeded');
    expect(paid).toHaveLength(1);
  }

  it(`is refused in each of ${MUTATIONS} mutations, and works once as it is`, async () => {
    const letter = await box.letterAbout(world, attempt);
    const another = await box.letterAbout(world, (await paidUnheard()).attempt);
    const before = await state();
    let refused = 0;

    await fc.assert(
      fc.asyncProperty(mutationsOf(letter, beside(letter, another)), async ({ mutated }) => {
        // The same message in other letters is no mutation: those are listed below.
        fc.pre(!isTheSame(mutated, letter));
        const answer = await post(world, gateway, mutated);
        expect(answer.status).toBeLessThan(500);
        expect(isAcknowledged(gateway, answer)).toBe(false);
        refused += 1;
      }),
      { numRuns: MUTATIONS },
    );

    expect(refused).toBeGreaterThanOrEqual(MUTATIONS);
    const kept = await world.db.query<{ verdict: string; effect: string }[]>(
      `SELECT DISTINCT verdict, effect FROM callbacks WHERE verdict = 'verified' OR effect <> 'none' OR reason IS NULL`,
    );
    expect(kept).toEqual([]);
    expect(await state()).toEqual(before);
    await expectGenuineToWorkOnce(letter);
  });

  it.each(forgeries)('is refused with %s', async (_, how, verdict) => {
    const letter = await box.letterAbout(world, attempt);
    // A genuine notice that is for somebody else is a thing that a person should see.
    const seen = verdict.startsWith('wrong_') ? ['callbacks', 'discrepancies', 'events'] : ['callbacks'];
    const before = await stateOf(world, seen);

    const { notices } = await world.payer.notifies(attempt, how);

    expect(notices[0]?.status).toBeLessThan(500);
    const status = notices[0]?.status ?? 0;
    expect(isAcknowledged(gateway, { status, headers: new Headers(), body: notices[0]?.body ?? '' })).toBe(false);
    expect(await newest(1)).toMatchObject([{ verdict, effect: 'none', reason: expect.stringMatching(/./) as string }]);
    expect(await stateOf(world, seen)).toEqual(before);
    await expectGenuineToWorkOnce(letter);
  });

  it('has one effect when it comes fifteen times at once', async () => {
    const letter = await box.letterAbout(world, attempt);
    const answers = await Promise.all(Array.from({ length: 15 }, () => post(world, gateway, letter)));
    expect(answers.every((answer) => isAcknowledged(gateway, answer))).toBe(true);
    const effects = (await newest(15)).map(({ effect }) => effect).sort();
    expect(effects).toEqual([...Array.from({ length: 14 }, () => 'already_applied'), 'applied']);
    expect((await world.timeline(order)).filter(({ type }) => type === 'payment.succeeded')).toHaveLength(1);
    expect(await world.order(order)).toMatchObject({ amountPaid: order.amountDue });
  });

  it('of another order pays that order and not this one, however often it is sent here', async () => {
    const other = await paidUnheard();
    const letter = await box.letterAbout(world, other.attempt);
    for (const topic of ['payments', 'refunds', 'payments']) {
      expect(isAcknowledged(gateway, await post(world, gateway, letter, topic))).toBe(true);
    }
    expect((await newest(3)).map(({ effect }) => effect)).toEqual(['already_applied', 'already_applied', 'applied']);
    expect(await world.order(other.order)).toMatchObject({ status: 'awaiting_shipment' });
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment', amountPaid: 0 });
    expect(await world.attempt(attempt)).toMatchObject({ status: 'pending', usedAs: null });
  });

  it('is refused at the address of another gateway', async () => {
    const letter = await box.letterAbout(world, attempt);
    const before = await state();
    for (const other of Object.keys(WAYS).filter((name) => name !== gateway)) {
      const answer = await post(world, other, letter);
      expect(answer.status).toBeLessThan(500);
      expect(isAcknowledged(other, answer)).toBe(false);
    }
    for (const { verdict, effect } of await newest(2)) {
      expect(['malformed', 'bad_signature']).toContain(verdict);
      expect(effect).toBe('none');
    }
    expect(await state()).toEqual(before);
    await expectGenuineToWorkOnce(letter);
  });

  it('names an order of ours, and is genuine, and still pays nothing where the gateway speaks of another trade', async () => {
    const letter = await box.letterAbout(world, attempt);
    const number = { alipay: 'out_trade_no', wechatpay: 'out_trade_no', unionpay: 'orderId' }[gateway];
    const before = await state();
    for (const none of [`${attempt.outTradeNo.slice(0, -2)}99`, '0'.repeat(27)]) {
      const { notices } = await world.payer.notifies(attempt, { fields: { [number]: none } });
      expect(isAcknowledged(gateway, { status: notices[0]?.status ?? 0, headers: new Headers(), body: notices[0]?.body ?? '' })).toBe(
        false,
      );
      expect(await newest(1)).toMatchObject([{ effect: 'none', reason: expect.stringMatching(/./) as string }]);
    }
    expect(await state()).toEqual(before);
    await expectGenuineToWorkOnce(letter);
  });

  it.each([...OF_ANY, ...harmless])('is the same notice with %s', async (_, change) => {
    const letter = await box.letterAbout(world, attempt);
    const dressed = change(letter);
    expect(dressed).not.toEqual(letter);
    expect(isAcknowledged(gateway, await post(world, gateway, dressed))).toBe(true);
    expect(await newest(1)).toMatchObject([{ verdict: 'verified', effect: 'applied' }]);
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', amountPaid: order.amountDue });
  });

  if (gateway !== 'wechatpay') return;

  it('is refused once its five minutes are over, and works again when it is sent anew', async () => {
    const letter = await box.letterAbout(world, attempt);
    const before = await state();
    world.clock.advance(301_000);
    expect(isAcknowledged(gateway, await post(world, gateway, letter))).toBe(false);
    expect(await newest(1)).toMatchObject([{ verdict: 'expired', effect: 'none' }]);
    expect(await state()).toEqual(before);
    await expectGenuineToWorkOnce(await box.letterAbout(world, attempt));
  });

  it('is refused in the envelope of another', async () => {
    const letter = await box.letterAbout(world, attempt);
    const another = await box.letterAbout(world, (await paidUnheard()).attempt);
    const before = await state();
    const crossed = SIGNED_HEADERS.reduce((mixed, name) => withHeader(mixed, name, headerOf(another, name)), letter);
    expect(isAcknowledged(gateway, await post(world, gateway, crossed))).toBe(false);
    expect(await state()).toEqual(before);
    await expectGenuineToWorkOnce(letter);
  });
});
