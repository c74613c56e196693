import { CONTRACTS } from './contracts.js';
import { useCounter } from './counter.js';
import { AFTER, BEFORE, PAUSE, SIGNATURE } from './lost-answers.js';

describe.each(CONTRACTS)('$title', (contract) => {
  const { gateway, called } = contract;
  const counter = useCounter(contract);
  const [slowest = ''] = Object.keys(called);

  async function everythingBreaks(kind: string): Promise<void> {
    await counter.payer.breaks({ gateway, kind, times: 0 });
  }

  async function mended(): Promise<void> {
    await counter.payer.isMended();
    counter.clock.advance(PAUSE);
  }

  describe.each([...BEFORE, ...AFTER])('when every answer is of the kind %s,', (kind) => {
    /** Whoever calls while it is broken. */
    const caller = () => (kind === 'timeout' ? counter.hasty : counter.gateway);

    it('every call is unknown, and once it is mended what was there is found', async () => {
      const [open, paid, given] = [await counter.opened(), await counter.paid(), await counter.paid()];
      const done = counter.refundOf(given, 1_000);
      await counter.gateway.refund(done);
      await counter.ended(() => counter.gateway.queryRefund(done));
      await everythingBreaks(kind);

      const asked = await Promise.all([
        caller().query(open),
        caller().query(paid),
        caller().query({ ...paid, gatewayRef: undefined }),
        caller().close(paid),
        caller().queryRefund(done),
        caller().queryRefund(counter.refundOf(given, 1)),
      ]);
      const unheard = asked.pop();
      expect(asked.map((outcome) => outcome.kind)).toEqual(asked.map(() => 'unknown'));
      for (const outcome of asked) expect(outcome).toMatchObject({ cause: expect.stringMatching(/./) as string });

      expect(unheard?.kind).toBe(SIGNATURE.includes(kind) && !contract.signsRefusals ? 'never_happened' : 'unknown');

      await mended();
      expect(await counter.gateway.query(open)).toEqual({ kind: contract.opened });
      expect(await counter.gateway.query(paid)).toMatchObject({ kind: 'succeeded', settled: paid.amount });
      expect(await counter.gateway.queryRefund(done)).toMatchObject({ kind: 'succeeded', settled: done.amount });
      expect(await counter.trade(paid)).toMatchObject({ state: 'paid', refundedAmount: 0 });
    });

    it('a refund is unknown, and sent again it is one refund', async () => {
      const paid = await counter.paid();
      const refund = counter.refundOf(paid, 1_000);
      await everythingBreaks(kind);
      expect(await caller().refund(refund)).toMatchObject({ kind: 'unknown' });
      if (AFTER.includes(kind)) expect(await caller().refund(refund)).toMatchObject({ kind: 'unknown' });
      await mended();
      const known = await counter.ended(() => counter.gateway.queryRefund(refund));
      expect(known.kind).toBe(AFTER.includes(kind) ? 'succeeded' : 'never_happened');
      expect(await counter.booked(paid)).toHaveLength(AFTER.includes(kind) ? 1 : 0);

      expect(['succeeded', 'pending']).toContain((await counter.gateway.refund(refund)).kind);

      expect(await counter.ended(() => counter.gateway.queryRefund(refund))).toMatchObject({ kind: 'succeeded', settled: refund.amount });
      expect(await counter.booked(paid)).toHaveLength(1);
      expect(await counter.trade(paid)).toMatchObject({ refundedAmount: 1_000 });
    });

    if (contract.close === 'closed') {
      it('a close is unknown, and then closed', async () => {
        const open = await counter.opened();
        await everythingBreaks(kind);
        expect(await caller().close(open)).toMatchObject({ kind: 'unknown' });
        await mended();
        expect(await counter.trade(open)).toMatchObject({ state: AFTER.includes(kind) ? 'closed' : 'unpaid' });

        expect(await counter.gateway.close(open)).toEqual({ kind: 'closed' });

        expect(await counter.trade(open)).toMatchObject({ state: 'closed', paidAmount: 0 });
      });
    }

    if (slowest !== '') {
      it('a start is unknown, and started again it is one trade, which is paid once', async () => {
        const order = counter.order(slowest);
        await everythingBreaks(kind);
        expect(await caller().pay(order)).toMatchObject({ kind: 'unknown' });
        await mended();

        const again = await counter.send(order);

        expect(AFTER.includes(kind) ? contract.startedAgain : ['action']).toContain(again.outcome.kind);
        await counter.payer.pays(again);
        expect(await counter.gateway.query(order)).toMatchObject({ kind: 'succeeded', settled: order.amount });
        expect((await counter.payer.books(order)).trades).toMatchObject([{ state: 'paid', paidAmount: order.amount.amount }]);
      });
    }
  });

  it('waits for an answer that is late, but not for ever', async () => {
    const paid = await counter.paid();
    await counter.payer.breaks({ gateway, kind: 'delay', ms: 100 });
    expect(await counter.gateway.query(paid)).toMatchObject({ kind: 'succeeded' });
    await counter.payer.breaks({ gateway, kind: 'timeout' });
    expect(await counter.hasty.query(paid)).toMatchObject({ kind: 'unknown', cause: expect.stringContaining('TimeoutError') as string });
  });

  it('is unknown while it is down, and as it was afterwards', async () => {
    const paid = await counter.paid();
    await counter.payer.outage(true, gateway);
    expect(await counter.gateway.query(paid)).toMatchObject({ kind: 'unknown' });
    expect(await counter.gateway.refund(counter.refundOf(paid, 1))).toMatchObject({ kind: 'unknown' });
    await counter.payer.outage(false, gateway);
    expect(await counter.gateway.query(paid)).toMatchObject({ kind: 'succeeded' });
    expect(await counter.booked(paid)).toEqual([]);
  });
});
