import { request as httpRequest } from 'node:http';
import { FAULT_KINDS } from '../../simulator/faults.js';
import { useSimulator, type Json } from './support.js';

const REFUND = 'alipay.trade.refund';

describe('Faults between merchant and gateway', () => {
  const world = useSimulator();

  async function refundUnder(fault: Json): Promise<{ outcome: Json; done: boolean; requests: Json[] }> {
    const outTradeNo = await world.paidOrder({ total_amount: '10.00' });
    expect((await world.control('POST', '/control/faults', { method: REFUND, ...fault })).httpStatus).toBe(200);
    const biz = { out_trade_no: outTradeNo, refund_amount: '1.00', out_request_no: 'R1' };
    const outcome = await world.exec(REFUND, biz).catch(({ message }: Error) => ({ thrown: message }));
    const { refunds, requests } = await world.log(outTradeNo);
    return { outcome, done: refunds.length === 1, requests: requests.filter(({ method }) => method === REFUND) };
  }

  it.each([
    ['http_500', false, 'HTTP 请求错误, status: 500'],
    ['http_502', false, 'HTTP 请求错误, status: 502'],
    ['garbage', false, '格式错误'],
    ['reset', false, 'HttpClient Request error'],
    ['succeed_then_reset', true, 'HttpClient Request error'],
    ['succeed_then_500', true, 'HTTP 请求错误, status: 500'],
    ['wrong_signature', true, '验签失败'],
    ['unsigned', true, ''],
  ])('%s: the refund is done: %s', async (kind, done, message) => {
    // The SDK's HTTP client tries once more after a reset, by itself.
    const times = kind.endsWith('reset') ? 2 : 1;
    const result = await refundUnder({ kind, times });
    expect(result.outcome).toEqual({ thrown: expect.stringContaining(message) as unknown });
    expect(result.done).toBe(done);
    expect(result.requests).toMatchObject(Array(times).fill({ outRequestNo: 'R1', fault: kind, code: done ? '10000' : null }));
  });

  it.each([
    ['system_error', false, undefined, { code: '20000', sub_code: 'ACQ.SYSTEM_ERROR' }],
    ['system_error', false, 'aop.unknow-error', { code: '20000', sub_code: 'aop.unknow-error' }],
    ['system_error_done', true, undefined, { code: '20000', sub_code: 'ACQ.SYSTEM_ERROR' }],
    ['declined', false, 'ACQ.SELLER_BALANCE_NOT_ENOUGH', { code: '40004', sub_code: 'ACQ.SELLER_BALANCE_NOT_ENOUGH' }],
  ])('%s: the refund is done: %s (%s)', async (kind, done, subCode, answer) => {
    const result = await refundUnder({ kind, subCode });
    expect(result.outcome).toMatchObject(answer);
    expect(result.done).toBe(done);
    expect(result.requests).toMatchObject([{ code: answer.code, subCode: answer.sub_code, fault: kind }]);
  });

  it('delay: done at once, answered late', async () => {
    const result = await refundUnder({ kind: 'delay', ms: 30 });
    expect(result).toMatchObject({ outcome: { code: '10000' }, done: true });
  });

  it('delay: answered at once when the faults are taken away', async () => {
    const waits = refundUnder({ kind: 'delay', ms: 600_000 });
    while ((await world.log()).requests.every(({ fault }) => fault !== 'delay'));
    await world.control('DELETE', '/control/faults');
    expect(await waits).toMatchObject({ outcome: { code: '10000' }, done: true });
  });

  it('timeout: no answer until the merchant gives up, and nothing done', async () => {
    const outTradeNo = await world.openOrder();
    await world.control('POST', '/control/faults', { kind: 'timeout' });
    const url = `${world.simulator.alipay.gatewayUrl}?method=alipay.trade.close`;
    const gaveUp = new Promise((closed) => {
      const call = httpRequest(url, { method: 'POST' });
      call.on('response', () => closed('answered')).on('close', () => closed('gave up'));
      call.on('error', () => {});
      call.end();
      // The call is in the log as soon as the gateway has decided never to answer it.
      void untilLogged('timeout').then(() => call.destroy());
    });
    expect(await gaveUp).toBe('gave up');
    expect((await world.log(outTradeNo)).trades).toMatchObject([{ status: 'WAIT_BUYER_PAY' }]);
  });

  it('spoil so many calls as they were given, of the method they were given', async () => {
    const outTradeNo = await world.openOrder();
    const query = async (): Promise<unknown> => (await world.exec('alipay.trade.query', { out_trade_no: outTradeNo })).code;
    await world.control('POST', '/control/faults', { kind: 'system_error', method: REFUND });
    await world.control('POST', '/control/faults', { kind: 'system_error', times: 2 });
    expect([await query(), await query(), await query()]).toEqual(['20000', '20000', '10000']);
    await world.control('POST', '/control/faults', { kind: 'declined', subCode: 'ACQ.X', times: 0 });
    expect([await query(), await query(), await query()]).toEqual(['40004', '40004', '40004']);
    expect((await world.control('GET', '/control/faults')).json.faults).toMatchObject([{ kind: 'system_error' }, { kind: 'declined' }]);
    await world.control('DELETE', '/control/faults');
    expect(await query()).toBe('10000');
  });

  it("spoil the payer's page as well", async () => {
    const url = world.pageUrl({ out_trade_no: world.number(), total_amount: '1.00', subject: '茶' });
    await world.control('POST', '/control/faults', { kind: 'http_502', method: 'alipay.trade.page.pay' });
    await world.control('POST', '/control/faults', { kind: 'declined', subCode: 'ACQ.ACCESS_FORBIDDEN' });
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(502);
    expect(await (await fetch(url, { redirect: 'manual' })).text()).toContain('ACQ.ACCESS_FORBIDDEN');
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(302);
  });

  it.each<[Json | unknown[] | string, string]>([
    [{}, 'kind'],
    [{ kind: 'explode' }, 'kind'],
    [{ kind: 'declined' }, 'subCode'],
    [{ kind: 'delay', ms: -1 }, 'ms'],
    [{ kind: 'delay', ms: 1e9 }, 'ms'],
    [{ kind: 'reset', times: 1.5 }, 'times'],
    [{ kind: 'reset', time: 1 }, 'Unknown field'],
    [{ kind: 'reset', method: 7 }, 'method'],
    [[], 'object'],
    ['reset', 'object'],
  ])('are refused where they make no sense: %j', async (body, message) => {
    const answer = await world.control('POST', '/control/faults', body);
    expect([answer.httpStatus, answer.json.message]).toEqual([400, expect.stringContaining(message)]);
    expect((await world.control('GET', '/control/faults')).json.faults).toEqual([]);
  });

  it('are all in the list above', () => {
    expect(FAULT_KINDS).toHaveLength(13);
  });

  async function untilLogged(fault: string): Promise<void> {
    while (!(await world.log()).requests.some((entry) => entry.fault === fault));
  }
});
