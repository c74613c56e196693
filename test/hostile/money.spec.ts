import { SECOND } from '../../src/kernel/clock.js';
import { stateOf } from '../api/support.js';
import { useWorld, WAYS, type AttemptBody, type OrderBody, type Way, type World } from '../support/world.js';
import { isAcknowledged } from './genuine.js';

interface Discrepancy {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly paymentId: string | null;
  readonly outTradeNo: string | null;
  readonly times: number;
  readonly callbackId: string | null;
  readonly found: { amount: number; currency: string } | null;
  readonly resolution: string | null;
}

const GATEWAYS = Object.keys(WAYS) as (keyof typeof WAYS)[];

let orders = 0;
const started = async (world: World, way: Way): Promise<{ order: OrderBody; attempt: AttemptBody }> => {
  orders += 1;
  const order = await world.placeOrder({ sku: `MONEY-${orders}` });
  return { order, attempt: await world.startPayment(order, way) };
};

/** Refunds that a gateway accepts first end a moment later, and a notice of it, or the next question, finds out. */
async function untilRefunded(world: World, order: OrderBody): Promise<void> {
  for (let tries = 0; tries < 10; tries += 1) {
    await world.passTime(15 * SECOND);
    if ((await world.refunds(order)).every(({ status }) => status === 'succeeded')) return;
  }
}

const kept = async (world: World, attempt: AttemptBody): Promise<number> => {
  const trade = await world.payer.trade(attempt);
  return (trade?.paidAmount ?? 0) - (trade?.refundedAmount ?? 0);
};

const openOnes = async (world: World): Promise<Discrepancy[]> =>
  (await world.api.get<{ data: Discrepancy[] }>('/v1/discrepancies?status=open&limit=100')).body.data;

const aboutIt = async (world: World, { outTradeNo }: AttemptBody): Promise<Discrepancy[]> =>
  (await openOnes(world)).filter((one) => one.outTradeNo === outTradeNo);

const inboxOf = async (world: World, { outTradeNo }: AttemptBody): Promise<number> =>
  (await world.api.get<{ data: unknown[] }>(`/v1/callbacks?outTradeNo=${outTradeNo}`)).body.data.length;

describe.each(GATEWAYS)('Money at %s', (gateway) => {
  const world = useWorld();
  const way = WAYS[gateway];

  const isRefused = (notices: readonly { status: number | null; body: string | null }[]): boolean =>
    notices.every(({ status, body }) => !isAcknowledged(gateway, { status: status ?? 0, headers: new Headers(), body: body ?? '' }));

  it('that comes after the order was cancelled goes back by itself, once', async () => {
    const { order, attempt } = await started(world, way);
    await world.api.post(`/v1/orders/${order.id}/cancel`, { reason: 'no more' });
    await world.settle();
    expect(await world.order(order)).toMatchObject({ status: 'cancelled' });

    const { notices } = await world.payer.pays(attempt, { late: true, times: 3, concurrent: true });
    await untilRefunded(world, order);

    expect(isRefused(notices)).toBe(false);
    expect(await world.order(order)).toMatchObject({ status: 'cancelled', amountPaid: 0, amountRefunded: 0 });
    expect(await world.attempt(attempt)).toMatchObject({ status: 'succeeded', usedAs: 'late' });
    expect(await world.refunds(order)).toMatchObject([{ kind: 'late', status: 'succeeded', amount: order.amountDue }]);
    expect((await world.payer.books(attempt)).refunds).toHaveLength(1);
    expect(await kept(world, attempt)).toBe(0);
  });

  it('of another amount is not applied, is shown to a person, and is counted when it is said again', async () => {
    const { order, attempt } = await started(world, way);

    const { notices } = await world.payer.pays(attempt, { amount: 1 });

    expect(isRefused(notices)).toBe(true);
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment', amountPaid: 0 });
    // A notice that is refused is sent again, and UnionPay's second try comes at once: the count is taken when both are through.
    await world.payer.retriesNotices();
    const tries = await inboxOf(world, attempt);
    expect(tries).toBeGreaterThanOrEqual(2);
    expect(await aboutIt(world, attempt)).toMatchObject([
      {
        kind: 'amount_mismatch',
        status: 'open',
        times: tries,
        found: { amount: 1, currency: 'CNY' },
        callbackId: expect.any(String) as string,
      },
    ]);
    const again = await world.payer.notifies(attempt, { times: 4 });
    expect(isRefused(again.notices)).toBe(true);
    expect(await inboxOf(world, attempt)).toBe(tries + 4);
    expect(await aboutIt(world, attempt)).toMatchObject([{ times: tries + 4 }]);
    expect((await world.timeline(order)).filter(({ type }) => type === 'payment.discrepancy_opened')).toHaveLength(1);

    // Our own question finds the same, and changes nothing either.
    await world.passTime(10 * SECOND);
    expect(await world.attempt(attempt)).toMatchObject({ status: 'unknown', usedAs: null });
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment', amountPaid: 0 });
    const [open] = await aboutIt(world, attempt);
    expect(open?.times).toBeGreaterThan(tries + 4);
  });

  it('of another amount that nobody announced is found by the janitor, and resolved by a person', async () => {
    const { order, attempt } = await started(world, way);
    await world.payer.pays(attempt, { amount: order.amountDue + 1, notify: false });

    await world.passTime(10 * SECOND);

    const [open] = await aboutIt(world, attempt);
    expect(open).toMatchObject({
      kind: 'amount_mismatch',
      paymentId: attempt.id,
      callbackId: null,
      found: { amount: order.amountDue + 1, currency: 'CNY' },
    });
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment', amountPaid: 0 });
    // It does not go away by itself, however long it takes.
    await world.passTime(3 * 3_600 * SECOND);
    expect((await aboutIt(world, attempt)).map(({ id }) => id)).toEqual([open?.id]);

    const resolved = await world.api.post(`/v1/discrepancies/${open?.id}/resolve`, {
      resolution: 'given back by hand',
      closePayment: true,
    });

    expect(resolved).toMatchObject({ status: 200, body: { status: 'resolved', resolution: 'given back by hand' } });
    expect(await aboutIt(world, attempt)).toEqual([]);
    expect(await world.attempt(attempt)).toMatchObject({ status: 'closed', usedAs: null });
    const again = await world.api.post(`/v1/discrepancies/${open?.id}/resolve`, { resolution: 'again' });
    expect(again).toMatchObject({ status: 409, body: { code: 'illegal_transition' } });
    await world.passTime(3_600 * SECOND);
    expect(await world.order(order)).toMatchObject({ status: 'cancelled', amountPaid: 0 });
    expect(await aboutIt(world, attempt)).toEqual([]);
  });

  // An order that WeChat Pay has closed for us takes no money any more; the others may still be opened until their time is over.
  if (gateway !== 'wechatpay') {
    it('that comes late and is announced by nobody is found, and goes back', async () => {
      const { order, attempt } = await started(world, way);
      await world.api.post(`/v1/orders/${order.id}/cancel`, { reason: 'no more' });
      await world.settle();
      await world.payer.pays(attempt, { late: true, notify: false });
      await world.passTime(40 * 60 * SECOND);

      await untilRefunded(world, order);

      expect(await world.attempt(attempt)).toMatchObject({ usedAs: 'late' });
      expect(await kept(world, attempt)).toBe(0);
    });
  }

  const strangers = {
    alipay: [
      ['wrong_app', { app_id: '2021000000000009' }],
      ['wrong_merchant', { seller_id: '2088000000000009' }],
    ],
    wechatpay: [
      ['wrong_app', { appid: 'wx0000000000000009' }],
      ['wrong_merchant', { mchid: '1900000009' }],
      ['currency_mismatch', { 'amount.currency': 'USD' }],
    ],
    unionpay: [
      ['wrong_merchant', { merId: '777290000000002' }],
      ['currency_mismatch', { currencyCode: '840' }],
    ],
  } as const;

  it.each<readonly [string, Readonly<Record<string, string>>]>([...strangers[gateway]])(
    'that a genuine notice says is a %s is not applied, and is shown to a person once',
    async (kind, fields) => {
      const { order, attempt } = await started(world, way);
      await world.payer.noticesAre('drop');
      await world.payer.pays(attempt);
      await world.payer.noticesAre('deliver');
      const beside = ['callbacks', 'discrepancies', 'events'];
      const before = await stateOf(world, beside);

      const { notices } = await world.payer.notifies(attempt, { fields, times: 3 });

      expect(isRefused(notices)).toBe(true);
      expect(await stateOf(world, beside)).toEqual(before);
      const found = await aboutIt(world, attempt);
      expect(found).toMatchObject([{ kind, times: 3 }]);
      expect(await world.order(order)).toMatchObject({ status: 'pending_payment', amountPaid: 0 });
      // The genuine one is not held up by it.
      expect(isRefused((await world.payer.notifies(attempt)).notices)).toBe(false);
      expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment' });
    },
  );

  it('is not shown to another merchant', async () => {
    const another = await world.anotherMerchant();
    const { attempt } = await started(world, way);
    await world.payer.pays(attempt, { amount: 1 });
    const [open] = await aboutIt(world, attempt);
    expect((await another.get<{ data: unknown[] }>('/v1/discrepancies')).body.data).toEqual([]);
    expect(await another.get(`/v1/discrepancies/${open?.id}`)).toMatchObject({ status: 404 });
    expect(await another.post(`/v1/discrepancies/${open?.id}/resolve`, { resolution: 'mine' })).toMatchObject({ status: 404 });
  });
});

describe('Money at two gateways', () => {
  const world = useWorld();
  const changes = GATEWAYS.flatMap((first) => GATEWAYS.filter((second) => second !== first).map((second) => [first, second] as const));

  it.each(changes)('started on %s and changed to %s, both paid: the surplus goes back by itself, once', async (first, second) => {
    const { order, attempt: one } = await started(world, WAYS[first]);
    const other = await world.startPayment(order, WAYS[second]);
    await world.payer.noticesAre('hold');
    await world.payer.pays(one);
    await world.payer.pays(other);
    await world.payer.noticesAre('deliver');
    await world.payer.releasesNotices('reversed');

    await untilRefunded(world, order);

    expect(await world.attempt(other)).toMatchObject({ status: 'succeeded', usedAs: 'payment' });
    expect(await world.attempt(one)).toMatchObject({ status: 'succeeded', usedAs: 'surplus' });
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', amountPaid: order.amountDue, amountRefunded: 0 });
    expect(await world.refunds(order)).toMatchObject([{ kind: 'surplus', status: 'succeeded', amount: order.amountDue }]);
    expect([await kept(world, one), await kept(world, other)]).toEqual([0, order.amountDue]);
    expect((await world.payer.books(one)).refunds).toHaveLength(1);
    expect((await world.payer.books(other)).refunds).toEqual([]);
    // Everything is said again, and nothing more happens.
    for (const attempt of [one, other]) await world.payer.notifies(attempt, { times: 3, concurrent: true });
    await world.passTime(60 * SECOND);
    expect(await world.refunds(order)).toHaveLength(1);
    expect([await kept(world, one), await kept(world, other)]).toEqual([0, order.amountDue]);
  });

  it('closes what was started on the other gateway once one is paid', async () => {
    const { order, attempt: code } = await started(world, WAYS.wechatpay);
    const page = await world.startPayment(order, WAYS.alipay);
    await world.payer.pays(page);
    await world.settle();
    expect(await world.attempt(code)).toMatchObject({ status: 'closed' });
    expect(await world.payer.trade(code)).toMatchObject({ state: 'closed', paidAmount: 0 });
  });

  it('that came for another account than the attempt was started at pays nothing, and is shown to a person', async () => {
    const { certificateMode, gatewayUrl } = world.simulator.alipay;
    const added = await world.api.post<{ id: string }>('/v1/admin/gateway-accounts', {
      gateway: 'alipay',
      name: 'second shop',
      settings: {
        gatewayUrl,
        appId: certificateMode.appId,
        sellerId: certificateMode.sellerId,
        privateKey: certificateMode.appPrivateKey,
        appCertificate: certificateMode.appCertificate,
        alipayCertificate: certificateMode.alipayCertificate,
        rootCertificates: certificateMode.rootCertificate,
      },
    });
    expect(added.status).toBe(201);
    const { order, attempt } = await started(world, WAYS.alipay);
    const { attempt: ofOther } = await started(world, { ...WAYS.alipay, accountId: added.body.id });
    await world.payer.pays(ofOther);
    expect(await world.attempt(ofOther)).toMatchObject({ status: 'succeeded' });

    // Genuine, of our second account, and about a trade that the first one has.
    const { notices } = await world.payer.notifies(ofOther, { fields: { out_trade_no: attempt.outTradeNo } });

    expect(notices).toMatchObject([{ body: 'fail' }]);
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment', amountPaid: 0 });
    expect(await aboutIt(world, attempt)).toMatchObject([{ kind: 'wrong_merchant' }]);
  });
});

describe('Money that somebody gave back at the gateway before we heard of it', () => {
  const world = useWorld();

  it('pays nothing, and is shown to a person', async () => {
    const { order, attempt } = await started(world, WAYS.alipay);
    await world.payer.pays(attempt, { notify: false });
    await world.payer.refundsInPortal(attempt, order.amountDue);

    await world.passTime(10 * SECOND);

    expect(await world.attempt(attempt)).toMatchObject({ status: 'closed', usedAs: null });
    expect(await world.order(order)).toMatchObject({ status: 'pending_payment', amountPaid: 0 });
    expect(await aboutIt(world, attempt)).toMatchObject([
      { kind: 'returned_elsewhere', found: { amount: order.amountDue, currency: 'CNY' } },
    ]);
    // The order can still be paid.
    const another = await world.startPayment(order);
    await world.payer.pays(another);
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment' });
  });

  it.each(GATEWAYS)('in part at %s has paid the order all the same', async (gateway) => {
    const { order, attempt } = await started(world, WAYS[gateway]);
    await world.payer.pays(attempt, { notify: false });
    await world.payer.refundsInPortal(attempt, 100);
    await world.passTime(10 * SECOND);
    expect(await world.order(order)).toMatchObject({ status: 'awaiting_shipment', amountPaid: order.amountDue });
  });
});
