import { MINUTE, SECOND } from '../../src/kernel/clock.js';
import { useWorld, WAYS } from '../support/world.js';

describe('A refund at UnionPay whose first sendings did not arrive', () => {
  const world = useWorld();

  it.each([9 * MINUTE, 14 * MINUTE + 15 * SECOND])(
    'is found under the name that it was last sent by, however late that was: %d ms',
    async (outage) => {
      await world.payer.refundsEnd();
      const order = await world.paidOrder({ sku: `NAMES-${outage}`, way: WAYS.unionpay });
      await world.payer.breaks({ gateway: 'unionpay', method: 'refund', kind: 'http_502', times: 0 });
      const { body: refund } = await world.refund(order, { amount: 5_000 });
      await world.settle();
      for (let passed = 0; passed < outage + 30 * SECOND; passed += 5 * SECOND) await world.passTime(5 * SECOND);

      // The next one arrives, and only its answer is lost; for half a minute UnionPay's query lags behind. It settles refunds days later.
      await world.payer.refundsEnd({ hold: true });
      await world.payer.isMended();
      await world.payer.breaks({ gateway: 'unionpay', method: 'refund', kind: 'succeed_then_reset', times: 1 });
      const booked = async () => (await world.payer.books(order.attempt)).refunds;
      for (let looks = 0; looks < 1_200 && (await booked()).length === 0; looks += 1) await world.passTime(2 * SECOND);
      await world.payer.breaks({ gateway: 'unionpay', method: 'query', kind: 'system_error', subCode: '34', times: 0 });
      for (let passed = 0; passed < 30 * SECOND; passed += 2 * SECOND) await world.passTime(2 * SECOND);
      await world.payer.isMended();
      await world.payer.settlesRefunds();
      for (let looks = 0; looks < 80; looks += 1) await world.passTime(15 * SECOND);

      expect(await booked()).toMatchObject([{ amount: 5_000, state: 'succeeded' }]);
      expect((await world.refunds(order)).find(({ id }) => id === refund.id)).toMatchObject({ status: 'succeeded' });
    },
  );
});
