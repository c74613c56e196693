import { FAULT_KINDS } from '../../simulator/faults.js';
import { useSimulator, type Json } from './support.js';
import { UnionPayMerchant, type Answer } from './unionpay-merchant.js';

describe('Faults between a merchant and UnionPay', () => {
  const world = useSimulator();
  const merchant = new UnionPayMerchant(world);

  async function refundUnder(fault: Json): Promise<{ answer: Answer | null; done: boolean; requests: Json[] }> {
    const { queryId, orderId } = await merchant.paidOrder();
    const refund = { orderId: merchant.number(), txnTime: merchant.time(), txnAmt: '1' };
    await plant({ method: 'refund', ...fault });
    const answer = await merchant.refund(queryId, refund).catch(() => null);
    const found = (await merchant.query(refund)).fields;
    const { refunds, requests } = await world.log(orderId);
    expect(found.respCode).toBe(refunds.length === 1 ? '00' : '34');
    return { answer, done: refunds.length === 1, requests: requests.filter(({ method }) => method === 'refund') };
  }

  async function plant(fault: Json): Promise<void> {
    const planted = await world.control('POST', '/control/faults', { gateway: 'unionpay', ...fault });
    if (planted.httpStatus !== 200) throw new Error(planted.json.message);
  }

  it.each<[string, boolean, number | null, string | null]>([
    ['delay', true, 200, 'valid'],
    ['http_500', false, 500, 'missing'],
    ['http_502', false, 502, 'missing'],
    ['garbage', false, 200, 'missing'],
    ['reset', false, null, null],
    ['succeed_then_reset', true, null, null],
    ['succeed_then_500', true, 500, 'missing'],
    ['wrong_signature', true, 200, 'signature'],
    ['unsigned', true, 200, 'missing'],
  ])('%s: the refund is done: %s', async (kind, done, httpStatus, trusted) => {
    const result = await refundUnder({ kind, ms: 10 });
    expect(result.done).toBe(done);
    expect(result.answer && [result.answer.httpStatus, result.answer.trusted]).toEqual(httpStatus === null ? null : [httpStatus, trusted]);
    expect(result.requests).toMatchObject([{ fault: kind, code: done ? '00' : null, gateway: 'unionpay' }]);
  });

  it.each<[string, boolean, string | undefined, string]>([
    ['system_error', false, undefined, '06'],
    ['system_error', false, '02', '02'],
    ['system_error_done', true, undefined, '06'],
    ['system_error_done', true, '05', '05'],
    ['declined', false, '61', '61'],
  ])('%s: the refund is done: %s (%s)', async (kind, done, subCode, respCode) => {
    const result = await refundUnder({ kind, subCode });
    expect(result.answer).toMatchObject({ httpStatus: 200, trusted: 'valid', fields: { respCode } });
    expect(result.done).toBe(done);
    expect(result.requests).toMatchObject([{ code: respCode, fault: kind }]);
  });

  it('timeout: no answer until the merchant gives up, and nothing done', async () => {
    const { queryId } = await merchant.paidOrder();
    await plant({ kind: 'timeout', method: 'cancel' });
    const fields = merchant.signed(merchant.giveBackFields('31', queryId, {}));
    const gaveUp = new AbortController();
    const url = `${merchant.account.gatewayUrl}/gateway/api/backTransReq.do`;
    const call = fetch(url, { method: 'POST', body: new URLSearchParams(fields), signal: gaveUp.signal });
    while (!(await world.log()).requests.some(({ fault }) => fault === 'timeout'));
    gaveUp.abort(new Error('gave up'));
    await expect(call).rejects.toThrow('gave up');
    expect((await world.log()).refunds).toEqual([]);
    expect((await merchant.call('cancel', fields)).fields).toMatchObject({ respCode: '00' });
  });

  it('a payment in progress, and one with a defect: whatever a query is to say of the transaction', async () => {
    const form = await merchant.openOrder();
    for (const code of ['03', '04', '05', '61', 'A6']) {
      await plant({ kind: 'declined', method: 'query', subCode: `00/${code}` });
      const answer = await merchant.query(form);
      expect(answer).toMatchObject({ trusted: 'valid', fields: { respCode: '00', origRespCode: code, orderId: form.orderId } });
    }
    expect((await merchant.query(form)).fields).toMatchObject({ respCode: '34' });
  });

  it('a form that the gateway fails to take, by a page', async () => {
    const form = merchant.consumeFields();
    await plant({ kind: 'system_error', method: 'consume' });
    expect(await (await merchant.submit(form)).text()).toContain('<code>06</code>');
    expect((await merchant.submit(form)).status).toBe(302);
  });

  it('only of the call, and only at the gateway, that they were planted for', async () => {
    const paid = await merchant.paidOrder();
    await plant({ kind: 'http_500', method: 'refund' });
    await world.control('POST', '/control/faults', { kind: 'http_500', gateway: 'alipay' });
    expect((await merchant.query(paid)).httpStatus).toBe(200);
    expect((await merchant.refund(paid.queryId)).httpStatus).toBe(500);
    expect((await merchant.refund(paid.queryId)).fields).toMatchObject({ respCode: '00' });
  });

  it('an outage: nobody is answered until it is over', async () => {
    const paid = await merchant.paidOrder();
    await world.control('POST', '/control/outage', { gateway: 'unionpay', on: true });
    await expect(merchant.query(paid)).rejects.toThrow();
    await expect(merchant.submit(merchant.consumeFields())).rejects.toThrow();
    await world.control('POST', '/control/outage', { gateway: 'unionpay', on: false });
    expect((await merchant.query(paid)).fields).toMatchObject({ origRespCode: '00' });
  });

  it('are all of the kinds there are', () => {
    const tried = ['delay', 'http_500', 'http_502', 'garbage', 'reset', 'succeed_then_reset', 'succeed_then_500', 'wrong_signature'];
    expect([...tried, 'unsigned', 'system_error', 'system_error_done', 'declined', 'timeout'].sort()).toEqual([...FAULT_KINDS].sort());
  });
});
