import { MINUTE } from '../../src/kernel/clock.js';
import { money } from '../../src/kernel/money.js';
import { CONTRACTS } from './contracts.js';
import { useCounter } from './counter.js';

describe.each(CONTRACTS)('$title', (contract) => {
  const { methods, called } = contract;
  const counter = useCounter(contract);

  it('offers what the suite knows of it', () => {
    expect([...counter.gateway.methods].sort()).toEqual([...methods].sort());
    expect(methods.filter((method) => !counter.gateway.signsOnly(method)).sort()).toEqual(Object.keys(called).sort());
  });

  it.each([...methods])('is paid by %s: the notice says so, and so does the query', async (method) => {
    const started = await counter.start(method);
    expect(started.outcome.kind).toBe('action');
    expect(await counter.calls()).toBeGreaterThanOrEqual(called[method] === undefined ? 0 : 1);

    const { trade, notices } = await counter.payer.pays(started);

    expect(notices).toMatchObject([{ state: 'delivered', status: 200 }]);
    expect(trade).toMatchObject({ state: 'paid', paidAmount: started.amount.amount });
    const { outTradeNo } = started;
    expect(counter.heard).toMatchObject([
      {
        kind: 'notice',
        says: 'paid',
        outTradeNo,
        gatewayRef: trade.tradeNo,
        amount: started.amount,
        at: counter.clock.now().toISOString(),
      },
    ]);
    const found = await counter.gateway.query(started);
    expect(found).toEqual({ kind: 'succeeded', gatewayRef: trade.tradeNo, settled: started.amount, at: counter.clock.now() });
    expect(await counter.gateway.query({ ...started, gatewayRef: trade.tradeNo })).toEqual(found);
  });

  it('says the same of itself each time it is told: fifteen copies are one message', async () => {
    const paid = await counter.paid();
    counter.heard.splice(0);

    await counter.payer.notifies(paid, { times: 15, concurrent: true });

    expect(new Set(counter.heard.map((read) => JSON.stringify(read))).size).toBe(1);
    expect(counter.heard).toHaveLength(15);
    expect(counter.latest()).toMatchObject({ kind: 'notice', says: 'paid', outTradeNo: paid.outTradeNo });
  });

  it('is not paid where the payer refuses, and can be paid after all', async () => {
    const started = await counter.start();
    await counter.payer.refuses(started);
    expect(await counter.gateway.query(started)).toEqual({ kind: 'pending' });
    expect(counter.heard).toEqual([]);

    // The page is still open: at UnionPay the form itself is good for one visit.
    await counter.payer.pays({ ...started, action: null });

    expect(await counter.gateway.query(started)).toMatchObject({ kind: 'succeeded', settled: started.amount });
  });

  it('tells what was paid where that is not what was asked for', async () => {
    const started = await counter.start();
    await counter.payer.pays(started, { amount: 1 });
    expect(counter.latest()).toMatchObject({ kind: 'notice', says: 'paid', amount: money(1) });
    expect(await counter.gateway.query(started)).toMatchObject({ kind: 'succeeded', settled: money(1) });
  });

  it('answers a query in each state', async () => {
    const unsent = counter.order();
    expect(await counter.gateway.query(unsent)).toEqual({ kind: 'never_happened' });

    const started = await counter.start();
    expect(await counter.gateway.query(started)).toEqual({ kind: contract.unopened });

    const opened = await counter.opened();
    expect(await counter.gateway.query(opened)).toEqual({ kind: contract.opened });
    counter.clock.advance(31 * MINUTE);
    expect(await counter.gateway.query(opened)).toEqual({ kind: contract.expired });
    await expect(counter.payer.pays(opened)).rejects.toThrow('the simulator would not');
    expect(await counter.gateway.query(opened)).toEqual({ kind: contract.expired });
  });

  it('is closed once it has expired after the payer had tried', async () => {
    const started = await counter.start();
    await counter.payer.refuses(started);
    counter.clock.advance(31 * MINUTE);
    expect(await counter.gateway.query(started)).toEqual({ kind: 'closed' });
    expect(await counter.gateway.close(started)).toEqual({ kind: 'closed' });
  });

  it('is one trade however often it is started', async () => {
    const order = counter.order();
    const first = await counter.send(order);
    const second = await counter.send(order);
    expect(second.outcome.kind).toBe('action');
    await counter.payer.pays(first);
    expect(await counter.gateway.query(order)).toMatchObject({ kind: 'succeeded', settled: order.amount });
    expect((await counter.payer.books(order)).trades).toHaveLength(1);
  });

  it('is found paid by who starts it again', async () => {
    const paid = await counter.paid();
    const again = await counter.gateway.pay(paid);
    // What is only signed finds out when the payer opens it, and then is refused.
    if (called[paid.method] === undefined) {
      await expect(counter.payer.pays({ ...paid, action: again.kind === 'action' ? again.action : null })).rejects.toThrow();
    } else expect(again).toMatchObject({ kind: 'succeeded', settled: paid.amount });
    expect(await counter.trade(paid)).toMatchObject({ state: 'paid', paidAmount: paid.amount.amount });
  });

  describe('closing', () => {
    it('ends what is open, once and for all', async () => {
      const opened = await counter.opened();
      expect(await counter.gateway.close(opened)).toEqual({ kind: contract.close });
      if (contract.close !== 'closed') {
        // Nothing was closed, so that its own time must end it.
        expect(await counter.trade(opened)).toMatchObject({ state: 'unpaid' });
        counter.clock.advance(31 * MINUTE);
        expect(await counter.gateway.close(opened)).toEqual({ kind: 'closed' });
      }
      expect(await counter.trade(opened)).toMatchObject({ state: 'closed', paidAmount: 0 });
      await expect(counter.payer.pays(opened)).rejects.toThrow('the simulator would not');
      expect((await counter.gateway.query(opened)).kind).toBe(contract.expired);
    });

    it('twice is closing once', async () => {
      const opened = await counter.opened();
      const first = await counter.gateway.close(opened);
      expect(await counter.gateway.close(opened)).toEqual(first);
      expect((await counter.payer.books(opened)).trades).toHaveLength(1);
    });

    it('what is paid finds it paid', async () => {
      const paid = await counter.paid();
      const closed = await counter.gateway.close(paid);
      expect(closed).toMatchObject({ kind: 'succeeded', gatewayRef: paid.gatewayRef, settled: paid.amount });
      expect(await counter.trade(paid)).toMatchObject({ state: 'paid', paidAmount: paid.amount.amount });
    });

    it('what was never sent ends nothing', async () => {
      const unsent = counter.order();
      expect(await counter.gateway.close(unsent)).toEqual({ kind: 'never_happened' });
      expect((await counter.payer.books(unsent)).trades).toEqual([]);
    });
  });
});
