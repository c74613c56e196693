import { CONTRACTS } from './contracts.js';
import { useCounter } from './counter.js';
import { AFTER, BEFORE, PAUSE } from './lost-answers.js';

describe.each(CONTRACTS)('$title, when one answer is lost,', (contract) => {
  const { gateway, calls } = contract;
  const counter = useCounter(contract);
  const caller = (kind: string) => (kind === 'timeout' ? counter.hasty : counter.gateway);

  it.each([...BEFORE, ...AFTER])('says nothing final of a refund where only the refund itself is answered by %s', async (kind) => {
    const paid = await counter.paid();
    const refund = counter.refundOf(paid, 1_000);
    for (const method of calls.refunds) await counter.payer.breaks({ gateway, kind, method });

    const outcome = await caller(kind).refund(refund);

    // Where the adapter asks at once, it may know more than the answer said.
    const possible = AFTER.includes(kind) ? ['unknown', 'pending', 'succeeded'] : ['unknown', 'never_happened'];
    expect(possible).toContain(outcome.kind);
    await counter.payer.isMended();
    counter.clock.advance(PAUSE);
    await counter.gateway.refund(refund);
    expect(await counter.ended(() => counter.gateway.queryRefund(refund))).toMatchObject({ kind: 'succeeded', settled: refund.amount });
    expect(await counter.booked(paid)).toHaveLength(1);
  });

  it.each([...BEFORE, ...AFTER])('finds a payment behind a close that is answered by %s', async (kind) => {
    const paid = await counter.paid();
    await counter.payer.breaks({ gateway, kind, method: calls.close });
    expect(['unknown', 'succeeded']).toContain((await caller(kind).close(paid)).kind);
    await counter.payer.isMended();
    counter.clock.advance(PAUSE);
    expect(await counter.gateway.close(paid)).toMatchObject({ kind: 'succeeded', settled: paid.amount });
  });
});
