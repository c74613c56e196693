import { HOUR, MINUTE } from '../../src/kernel/clock.js';
import { money } from '../../src/kernel/money.js';
import type { Outcome } from '../../src/payment/gateway/gateway.js';
import { CONTRACTS } from './contracts.js';
import { useCounter } from './counter.js';

describe.each(CONTRACTS)('$title', (contract) => {
  const counter = useCounter(contract);
  const isAtOnce = contract.refund === 'succeeded';

  it('gives the whole back', async () => {
    const paid = await counter.paid();
    const refund = counter.refundOf(paid);

    expect(await counter.gateway.refund(refund)).toMatchObject({ kind: contract.refund });

    expect(await counter.ended(() => counter.gateway.queryRefund(refund))).toMatchObject({ kind: 'succeeded', settled: refund.amount });
    expect(await counter.trade(paid)).toMatchObject({ state: 'refunded', refundedAmount: 8_888 });
    expect(await counter.gateway.query(paid)).toMatchObject({
      kind: contract.whollyRefunded,
      gatewayRef: paid.gatewayRef,
      settled: paid.amount,
    });
  });

  it('gives it back in parts, and no more than there is', async () => {
    const paid = await counter.paid();
    const parts = [counter.refundOf(paid, 5_000), counter.refundOf(paid, 3_888)];
    for (const part of parts) {
      expect(await counter.gateway.refund(part)).toMatchObject({ kind: contract.refund });
      expect(await counter.ended(() => counter.gateway.queryRefund(part))).toMatchObject({ kind: 'succeeded', settled: part.amount });
      counter.clock.advance(MINUTE);
    }
    expect(await counter.trade(paid)).toMatchObject({ refundedAmount: 8_888 });

    const tooMuch = counter.refundOf(paid, 1);
    expect(await counter.gateway.refund(tooMuch)).toMatchObject({ kind: 'declined', reason: expect.stringMatching(/./) as string });
    expect(await counter.gateway.queryRefund(tooMuch)).toEqual({ kind: 'never_happened' });
    expect(await counter.booked(paid)).toHaveLength(2);
  });

  it('refuses a part that is more than what is left, and the trade stays as it was', async () => {
    const paid = await counter.paid();
    const part = counter.refundOf(paid, 8_000);
    await counter.gateway.refund(part);
    await counter.ended(() => counter.gateway.queryRefund(part));
    expect(await counter.gateway.query(paid)).toMatchObject({ kind: 'succeeded', settled: paid.amount });

    expect(await counter.gateway.refund(counter.refundOf(paid, 889))).toMatchObject({ kind: 'declined' });

    expect(await counter.trade(paid)).toMatchObject({ state: 'paid', refundedAmount: 8_000 });
  });

  it('moves money once, however often the same refund is sent', async () => {
    const paid = await counter.paid();
    const refund = counter.refundOf(paid, 1_000);
    const first = await counter.gateway.refund(refund);
    expect(first).toMatchObject({ kind: contract.refund });
    await counter.ended(() => counter.gateway.queryRefund(refund));

    const again = await Promise.all(Array.from({ length: 5 }, () => counter.gateway.refund(refund)));

    expect(again.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'succeeded'));
    expect(await counter.trade(paid)).toMatchObject({ refundedAmount: 1_000 });
    expect(await counter.booked(paid)).toMatchObject([{ outRequestNo: expect.stringContaining(refund.refundNo) as string, amount: 1_000 }]);
  });

  it('moves money once where the same refund is sent five times at once', async () => {
    const paid = await counter.paid();
    const refund = counter.refundOf(paid, 1_000);
    const all = await Promise.all(Array.from({ length: 5 }, () => counter.gateway.refund(refund)));
    for (const { kind } of all) expect(['succeeded', 'pending']).toContain(kind);
    expect(await counter.ended(() => counter.gateway.queryRefund(refund))).toMatchObject({ kind: 'succeeded', settled: money(1_000) });
    expect(await counter.booked(paid)).toHaveLength(1);
  });

  it('does not take a number for another amount', async () => {
    const paid = await counter.paid();
    const refund = counter.refundOf(paid, 1_000);
    await counter.gateway.refund(refund);
    await counter.ended(() => counter.gateway.queryRefund(refund));

    const other = await counter.gateway.refund({ ...refund, amount: money(2_000) });

    // What moved is said as it moved, for the caller to compare, and nothing else has.
    expect(other).toMatchObject({ kind: 'succeeded', settled: money(1_000) });
    expect(await counter.trade(paid)).toMatchObject({ refundedAmount: 1_000 });
  });

  it('knows nothing of a refund that was never sent', async () => {
    const paid = await counter.paid();
    expect(await counter.gateway.queryRefund(counter.refundOf(paid))).toEqual({ kind: 'never_happened' });
  });

  it('tells of the refund by a notice that names it', async () => {
    const paid = await counter.paid();
    const refund = counter.refundOf(paid, 1_000);
    await counter.payer.noticesAre('deliver', { refunds: true });
    await counter.gateway.refund(refund);
    await counter.ended(() => counter.gateway.queryRefund(refund));

    const [, notice] = await counter.hears(2);

    expect(notice).toMatchObject({ kind: 'notice', says: 'about_refund', refundNo: refund.refundNo });
    // It is delivered once the gateway has heard our answer.
    const states = async () => (await counter.payer.books(paid)).notices.map(({ state }) => state);
    while ((await states()).includes('pending'));
    expect(await states()).toEqual(['delivered', 'delivered']);
  });

  if (isAtOnce) return;

  it('waits for a refund that is settled late', async () => {
    const paid = await counter.paid();
    await counter.payer.refundsEnd({ settleAfterMs: 20 * MINUTE });
    const refund = counter.refundOf(paid, 1_000);
    expect(await counter.gateway.refund(refund)).toEqual({ kind: 'pending' });
    counter.clock.advance(20 * MINUTE - 1_000);
    expect(await counter.gateway.queryRefund(refund)).toEqual({ kind: 'pending' });
    expect(await counter.gateway.refund(refund)).toEqual({ kind: 'pending' });
    expect(await counter.trade(paid)).toMatchObject({ refundedAmount: 0 });

    counter.clock.advance(1_000);

    expect(await counter.gateway.queryRefund(refund)).toMatchObject({ kind: 'succeeded', settled: refund.amount });
    expect(await counter.trade(paid)).toMatchObject({ refundedAmount: 1_000 });
    expect(await counter.booked(paid)).toHaveLength(1);
  });

  it('counts what is under way against what is left', async () => {
    const paid = await counter.paid();
    await counter.payer.refundsEnd({ hold: true });
    expect(await counter.gateway.refund(counter.refundOf(paid, 8_000))).toEqual({ kind: 'pending' });
    expect(await counter.gateway.refund(counter.refundOf(paid, 1_000))).toMatchObject({ kind: 'declined' });
    await counter.payer.settlesRefunds();
    expect(await counter.trade(paid)).toMatchObject({ refundedAmount: 8_000 });
  });
});

describe.each(CONTRACTS.filter(({ gateway }) => gateway === 'wechatpay'))('$title, when a refund ends badly,', (contract) => {
  const counter = useCounter(contract);

  it('says that it is closed, and takes another number', async () => {
    const paid = await counter.paid();
    await counter.payer.refundsEnd({ outcome: 'closed', hold: true });
    const refund = counter.refundOf(paid, 1_000);
    expect(await counter.gateway.refund(refund)).toEqual({ kind: 'pending' });
    await counter.payer.settlesRefunds();
    expect(await counter.gateway.queryRefund(refund)).toEqual({ kind: 'closed' });
    expect(await counter.gateway.refund(refund)).toEqual({ kind: 'closed' });
    expect(counter.latest()).toMatchObject({ says: 'about_refund', refundNo: refund.refundNo });

    await counter.payer.refundsEnd({ hold: true });
    const another = counter.refundOf(paid, 1_000);
    await counter.gateway.refund(another);
    await counter.payer.settlesRefunds();
    expect(await counter.gateway.queryRefund(another)).toMatchObject({ kind: 'succeeded' });
    expect(await counter.trade(paid)).toMatchObject({ refundedAmount: 1_000 });
  });

  it('waits for a person where the payer cannot take it, and it succeeds under the same number', async () => {
    const paid = await counter.paid();
    await counter.payer.refundsEnd({ outcome: 'abnormal', hold: true });
    const refund = counter.refundOf(paid, 1_000);
    await counter.gateway.refund(refund);
    await counter.payer.settlesRefunds();
    expect(await counter.gateway.queryRefund(refund)).toMatchObject({
      kind: 'not_now',
      reason: expect.stringMatching(/ABNORMAL/) as string,
    });
    expect(await counter.gateway.refund(refund)).toMatchObject({ kind: 'not_now' });

    await counter.payer.settlesRefunds({ outRequestNo: refund.refundNo, outcome: 'succeeded' });

    expect(await counter.gateway.queryRefund(refund)).toMatchObject({ kind: 'succeeded', settled: refund.amount });
    expect(await counter.booked(paid)).toHaveLength(1);
  });

  it('waits for money where the merchant has none, under the same number', async () => {
    const paid = await counter.paid();
    const refund = counter.refundOf(paid, 1_000);
    await counter.payer.breaks({ gateway: 'wechatpay', kind: 'declined', method: 'refund', subCode: 'NOT_ENOUGH' });
    expect(await counter.gateway.refund(refund)).toMatchObject({ kind: 'not_now', reason: expect.stringMatching(/NOT_ENOUGH/) as string });
    expect(await counter.booked(paid)).toEqual([]);
    expect(await counter.gateway.refund(refund)).toEqual({ kind: 'pending' });
  });
});

describe.each(CONTRACTS.filter(({ gateway }) => gateway === 'unionpay'))('$title, on the day of the payment,', (contract) => {
  const counter = useCounter(contract);
  const kinds = async (paid: { outTradeNo: string }) => (await counter.booked(paid)).map(({ details }) => details.txnType);

  it('cancels where the whole goes back, and refunds where a part does', async () => {
    const [whole, part] = [await counter.paid(), await counter.paid()];
    await counter.gateway.refund(counter.refundOf(whole));
    await counter.gateway.refund(counter.refundOf(part, 1));
    expect(await kinds(whole)).toEqual(['31']);
    expect(await kinds(part)).toEqual(['04']);
  });

  it.each([
    ['refuses the cancel', { kind: 'declined', subCode: '32' }],
    ['refuses it as a matter of the card', { kind: 'declined', subCode: '61' }],
  ])('refunds where the gateway %s, once', async (_, fault) => {
    const paid = await counter.paid();
    await counter.payer.breaks({ gateway: 'unionpay', method: 'cancel', ...fault });
    const refund = counter.refundOf(paid);
    const outcomes: Outcome['kind'][] = [];
    for (let tries = 0; tries < 3; tries += 1) outcomes.push((await counter.gateway.refund(refund)).kind);
    // A refusal that a person could lift is tried again; none of the tries moves the money twice.
    expect(['pending', 'not_now']).toContain(outcomes[0]);
    expect(['pending', 'succeeded']).toContain(outcomes[2]);
    expect(await counter.booked(paid)).toHaveLength(1);
  });

  it('refunds where the cancel has failed at the bank, once', async () => {
    const paid = await counter.paid();
    await counter.payer.refundsEnd({ outcome: 'failed', hold: true });
    const refund = counter.refundOf(paid);
    expect(await counter.gateway.refund(refund)).toEqual({ kind: 'pending' });
    await counter.payer.settlesRefunds();
    expect(await counter.gateway.queryRefund(refund)).toEqual({ kind: 'never_happened' });
    await counter.payer.refundsEnd({ hold: true });

    expect(await counter.gateway.refund(refund)).toEqual({ kind: 'pending' });

    await counter.payer.settlesRefunds();
    expect(await counter.gateway.queryRefund(refund)).toMatchObject({ kind: 'succeeded', settled: refund.amount });
    expect(await kinds(paid)).toEqual(['31', '04']);
    expect(await counter.trade(paid)).toMatchObject({ refundedAmount: 8_888 });
  });

  it('finds the cancel of before the end of the day, whose answer was lost, and sends no refund beside it', async () => {
    const paid = await counter.paid();
    const refund = counter.refundOf(paid);
    await counter.payer.breaks({ gateway: 'unionpay', kind: 'succeed_then_reset', method: 'cancel' });
    expect(await counter.gateway.refund(refund)).toMatchObject({ kind: 'unknown' });
    // The settlement day ends at 23:00 in Beijing.
    counter.clock.advance(14 * HOUR);
    expect(await counter.gateway.refund(refund)).toMatchObject({ kind: 'succeeded', settled: refund.amount });
    expect(await kinds(paid)).toEqual(['31']);
    counter.clock.advance(10 * HOUR);
  });

  it('refunds the whole on a later day', async () => {
    const paid = await counter.paid();
    counter.clock.advance(24 * HOUR);
    await counter.gateway.refund(counter.refundOf(paid));
    expect(await kinds(paid)).toEqual(['04']);
  });

  it('says that a refund has failed, and takes another number', async () => {
    const paid = await counter.paid();
    await counter.payer.refundsEnd({ outcome: 'failed', hold: true });
    const refund = counter.refundOf(paid, 1_000);
    await counter.gateway.refund(refund);
    await counter.payer.settlesRefunds();
    expect(await counter.gateway.queryRefund(refund)).toMatchObject({ kind: 'declined' });
    expect(counter.latest()).toMatchObject({ says: 'about_refund', refundNo: refund.refundNo });
    await counter.payer.refundsEnd({ hold: true });
    await counter.gateway.refund(counter.refundOf(paid, 1_000));
    await counter.payer.settlesRefunds();
    expect(await counter.trade(paid)).toMatchObject({ refundedAmount: 1_000 });
  });
});
