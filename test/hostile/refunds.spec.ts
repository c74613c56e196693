import { HOUR, MINUTE, SECOND, beijingTime } from '../../src/kernel/clock.js';
import { useWorld, WAYS, type OrderBody, type RefundBody } from '../support/world.js';

describe('A refund', () => {
  const world = useWorld();
  let orders = 0;

  // A morning in Beijing: a cancel at UnionPay is a matter of the hour.
  beforeAll(() => {
    const [hour = 0, minute = 0] = beijingTime(world.clock.now()).slice(11, 16).split(':').map(Number);
    world.clock.advance(((24 + 9 - hour) % 24) * HOUR + (60 - minute) * MINUTE);
  });
  beforeEach(() => world.payer.refundsEnd());
  afterEach(() => world.payer.isMended());

  const paid = (gateway: keyof typeof WAYS) => {
    orders += 1;
    return world.paidOrder({ sku: `REFUND-${orders}`, way: WAYS[gateway] });
  };
  const refund = async ({ id }: { id: string }) =>
    (await world.api.get<RefundBody & { failureReason: string | null }>(`/v1/refunds/${id}`)).body;
  const booked = async (order: { attempt: { outTradeNo: string } }) => (await world.payer.books(order.attempt)).refunds;

  async function asked(order: OrderBody, amount: number): Promise<RefundBody> {
    const answer = await world.refund(order, { amount });
    expect(answer.status).toBe(201);
    await world.settle();
    return answer.body;
  }

  async function until(status: string, one: { id: string }): Promise<void> {
    for (let tries = 0; tries < 20 && (await refund(one)).status !== status; tries += 1) await world.passTime(15 * SECOND);
    expect(await refund(one)).toMatchObject({ status });
  }

  it.each(['alipay', 'wechatpay', 'unionpay'] as const)('of a part and then of the rest arrives at %s', async (gateway) => {
    const order = await paid(gateway);
    await until('succeeded', await asked(order, 5_000));
    world.clock.advance(MINUTE);
    await until('succeeded', await asked(order, 10_000));
    expect(await world.order(order)).toMatchObject({ paymentStatus: 'refunded', amountRefunded: 15_000 });
    expect(await world.payer.trade(order.attempt)).toMatchObject({ state: 'refunded', refundedAmount: 15_000 });
    expect(await world.refund(order, {})).toMatchObject({ status: 409, body: { code: 'refund_exceeds_paid' } });
  });

  describe.each(['wechatpay', 'unionpay'] as const)('at %s', (gateway) => {
    it('that is settled late is waited for, and its notice is enough', async () => {
      const order = await paid(gateway);
      await world.payer.refundsEnd({ hold: true });
      const one = await asked(order, 5_000);
      await world.passTime(3 * HOUR);
      expect(await refund(one)).toMatchObject({ status: 'processing' });
      expect(await world.order(order)).toMatchObject({ amountRefunded: 0 });

      const { notices } = await world.payer.settlesRefunds();
      await world.settle();

      expect(notices).toMatchObject([{ status: 200, state: 'delivered' }]);
      expect(await refund(one)).toMatchObject({ status: 'succeeded' });
      expect(await world.order(order)).toMatchObject({ amountRefunded: 5_000 });
      expect(await booked(order)).toHaveLength(1);
    });

    it('that is settled late and announced by nobody is found', async () => {
      const order = await paid(gateway);
      await world.payer.refundsEnd({ hold: true });
      const one = await asked(order, 5_000);
      await world.payer.noticesAre('drop');
      await world.payer.settlesRefunds();
      await world.payer.noticesAre('deliver');
      await world.passTime(30 * SECOND);
      expect(await refund(one)).toMatchObject({ status: 'succeeded' });
    });

    it('that the gateway ends without success fails, and is sent anew by hand under another number', async () => {
      const order = await paid(gateway);
      await world.payer.refundsEnd({ outcome: gateway === 'wechatpay' ? 'closed' : 'failed' });
      const one = await asked(order, 5_000);
      await until('failed', one);
      expect(await refund(one)).toMatchObject({ failureReason: expect.stringMatching(/./) as string });
      expect(await world.order(order)).toMatchObject({ amountRefunded: 0 });
      await world.payer.refundsEnd();

      expect(await world.api.post(`/v1/refunds/${one.id}/retry`)).toMatchObject({ status: 200, body: { status: 'requested' } });
      await world.settle();
      await until('succeeded', one);

      const numbers = await booked(order);
      expect(numbers.map(({ state }) => state).sort()).toEqual([gateway === 'wechatpay' ? 'closed' : 'failed', 'succeeded']);
      expect(new Set(numbers.map(({ outRequestNo }) => outRequestNo)).size).toBe(2);
      expect(await world.order(order)).toMatchObject({ amountRefunded: 5_000 });
      expect(await world.payer.trade(order.attempt)).toMatchObject({ refundedAmount: 5_000 });
    });

    it.each(['timeout', 'http_500', 'reset', 'succeed_then_reset', 'succeed_then_500', 'wrong_signature', 'garbage', 'system_error_done'])(
      'whose answer is of the kind %s is sent once all the same',
      async (kind) => {
        const order = await paid(gateway);
        await world.payer.breaks({ gateway, kind, times: 2 });
        const one = await asked(order, 5_000);
        await world.payer.isMended();
        await until('succeeded', one);
        expect(await booked(order)).toHaveLength(1);
        expect(await world.payer.trade(order.attempt)).toMatchObject({ refundedAmount: 5_000 });
      },
    );
  });

  it('that the payer cannot take stays under way at WeChat Pay until a person has put it right, under the same number', async () => {
    const order = await paid('wechatpay');
    await world.payer.refundsEnd({ outcome: 'abnormal' });
    const one = await asked(order, 5_000);
    await world.passTime(30 * SECOND);
    await world.passTime(30 * SECOND);
    expect(await refund(one)).toMatchObject({ status: 'processing', failureReason: expect.stringMatching(/ABNORMAL/) as string });
    const [number] = await booked(order);

    await world.payer.settlesRefunds({ outRequestNo: number?.outRequestNo ?? '', outcome: 'succeeded' });
    await until('succeeded', one);

    expect(await booked(order)).toMatchObject([{ outRequestNo: number?.outRequestNo, state: 'succeeded' }]);
    expect(await world.order(order)).toMatchObject({ amountRefunded: 5_000 });
  });

  it('that the merchant has no money for waits, and goes out under the same number once there is some', async () => {
    const order = await paid('wechatpay');
    await world.payer.breaks({ gateway: 'wechatpay', kind: 'declined', method: 'refund', subCode: 'NOT_ENOUGH', times: 0 });
    const one = await asked(order, 5_000);
    await world.passTime(10 * MINUTE);
    expect(await refund(one)).toMatchObject({ status: 'processing', failureReason: expect.stringMatching(/NOT_ENOUGH/) as string });
    expect(await booked(order)).toEqual([]);
    await world.payer.isMended();
    await until('succeeded', one);
    expect(await booked(order)).toHaveLength(1);
  });

  it('of the whole is a cancel at UnionPay on the day of the payment, and a refund on the next', async () => {
    const [today, yesterday] = [await paid('unionpay'), await paid('unionpay')];
    await until('succeeded', await asked(today, 15_000));
    expect(await booked(today)).toMatchObject([{ details: { txnType: '31' } }]);
    world.clock.advance(24 * HOUR);
    await until('succeeded', await asked(yesterday, 15_000));
    expect(await booked(yesterday)).toMatchObject([{ details: { txnType: '04' } }]);
    expect(await world.order(yesterday)).toMatchObject({ paymentStatus: 'refunded' });
  });

  it('goes out as a refund where UnionPay refuses the cancel, and once', async () => {
    const order = await paid('unionpay');
    await world.payer.breaks({ gateway: 'unionpay', kind: 'declined', method: 'cancel', subCode: '35' });
    await until('succeeded', await asked(order, 15_000));
    expect(await booked(order)).toMatchObject([{ details: { txnType: '04' }, state: 'succeeded' }]);
    expect(await world.payer.trade(order.attempt)).toMatchObject({ refundedAmount: 15_000 });
  });

  it('goes out as a refund where the cancel has failed at the bank', async () => {
    const order = await paid('unionpay');
    await world.payer.refundsEnd({ outcome: 'failed', hold: true });
    const one = await asked(order, 15_000);
    expect(await booked(order)).toMatchObject([{ details: { txnType: '31' } }]);
    await world.payer.settlesRefunds();
    await world.payer.refundsEnd();
    await until('succeeded', one);
    expect((await booked(order)).map(({ details, state }) => `${details.txnType} ${state}`)).toEqual(['31 failed', '04 succeeded']);
    expect(await world.payer.trade(order.attempt)).toMatchObject({ refundedAmount: 15_000 });
  });

  it('that was a cancel whose answer was lost before midnight is found after it, and no refund is sent beside it', async () => {
    const order = await paid('unionpay');
    await world.payer.breaks({ gateway: 'unionpay', kind: 'succeed_then_reset', method: 'cancel' });
    await world.payer.breaks({ gateway: 'unionpay', kind: 'http_502', times: 0 });
    const one = await asked(order, 15_000);
    expect(await refund(one)).toMatchObject({ status: 'unknown' });
    await world.passTime(20 * HOUR);
    await world.payer.isMended();
    await until('succeeded', one);
    expect(await booked(order)).toMatchObject([{ details: { txnType: '31' }, state: 'succeeded' }]);
  });

  it('that somebody else made in the portal leaves too little: ours is refused by the gateway, and fails', async () => {
    for (const gateway of ['alipay', 'wechatpay', 'unionpay'] as const) {
      const order = await paid(gateway);
      await world.payer.refundsInPortal(order.attempt, 10_000);
      const one = await asked(order, 10_000);
      await until('failed', one);
      expect(await world.payer.trade(order.attempt)).toMatchObject({ refundedAmount: 10_000 });
      expect(await world.order(order)).toMatchObject({ amountRefunded: 0 });
    }
  });
});
