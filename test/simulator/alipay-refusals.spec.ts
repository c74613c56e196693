import { createSign } from 'node:crypto';
import { useSimulator, textOf, type Json } from './support.js';

const QUERY = 'alipay.trade.query';
const PRECREATE = 'alipay.trade.precreate';

describe('What Alipay refuses', () => {
  const world = useSimulator();
  const order = (fields: Json = {}): Json => ({ out_trade_no: world.number(), total_amount: '88.88', subject: '茶叶', ...fields });

  it('an unknown app, before it looks at the signature, and without one of its own', async () => {
    const answer = await world.raw(QUERY, order(), { app_id: '2021000000000000' }, { sign: 'x' });
    expect(answer).toMatchObject({ httpStatus: 200, node: 'error_response', signature: 'none' });
    expect(answer.fields).toMatchObject({ code: '40002', sub_code: 'isv.invalid-app-id' });
    expect((await world.raw(QUERY, order(), { app_id: undefined })).fields).toMatchObject({
      code: '40001',
      sub_code: 'isv.missing-app-id',
    });
  });

  it.each<[string, Record<string, string | undefined>, string, string]>([
    ['no method', { method: undefined }, '40001', 'isv.missing-method'],
    ['an unknown method', { method: 'alipay.trade.steal' }, '40002', 'isv.invalid-method'],
    ['no signature', { sign: '' }, '40001', 'isv.missing-signature'],
    ['a signature of nothing', { sign: 'AAAA' }, '40002', 'isv.invalid-signature'],
    ['no sign_type', { sign_type: undefined }, '40001', 'isv.missing-signature-type'],
    ['SHA-1', { sign_type: 'RSA' }, '40002', 'isv.invalid-signature-type'],
    ['another charset', { charset: 'GBK' }, '40002', 'isv.invalid-charset'],
    ['no timestamp', { timestamp: undefined }, '40001', 'isv.missing-timestamp'],
    ['an ISO timestamp', { timestamp: '2026-03-01T12:00:00Z' }, '40002', 'isv.invalid-timestamp'],
    ['a day that no calendar has', { timestamp: '2026-02-30 12:00:00' }, '40002', 'isv.invalid-timestamp'],
    ['no version', { version: undefined }, '40001', 'isv.missing-version'],
    ['another version', { version: '2.0' }, '40002', 'isv.invalid-parameter'],
    ['XML', { format: 'XML' }, '40002', 'isv.invalid-format'],
    ['a notify_url that is none', { notify_url: 'javascript:alert(1)' }, '40002', 'isv.invalid-parameter'],
    ['a notify_url that is too long', { notify_url: `http://a/${'x'.repeat(256)}` }, '40002', 'isv.invalid-parameter'],
  ])('%s', async (_what, changes, code, subCode) => {
    const answer = await world.raw(PRECREATE, order(), changes);
    expect(answer.fields).toMatchObject({ code, sub_code: subCode });
    expect(answer).toMatchObject({ httpStatus: 200, signature: 'valid' });
  });

  it.each([
    ['a changed amount', { biz_content: '{"out_trade_no":"T1","total_amount":"0.01","subject":"茶叶"}' }],
    ['an added parameter', { app_auth_token: 'x' }],
  ])('a signature that does not cover %s', async (_what, afterSigning) => {
    const answer = await world.raw(PRECREATE, order(), {}, afterSigning);
    expect(answer.fields).toMatchObject({ code: '40002', sub_code: 'isv.invalid-signature' });
    expect(answer.node).toBe('alipay_trade_precreate_response');
    expect((await world.log()).unopened).toEqual([]);
  });

  it('a signature made without sign_type, or over an empty value', async () => {
    const parameters = { ...(await unsigned()), notify_url: '' };
    const sign = (text: string): string => createSign('RSA-SHA256').update(text).sign(world.simulator.alipay.appPrivateKey, 'base64');
    const post = async (signature: string): Promise<string> => {
      const body = new URLSearchParams({ ...parameters, sign: signature });
      return (await fetch(world.simulator.alipay.gatewayUrl, { method: 'POST', body })).text();
    };
    expect(await post(sign(textOf(parameters, ['sign', 'sign_type'])))).toContain('isv.invalid-signature');
    expect(await post(sign(textOf(parameters).replace('&sign_type', '&notify_url=&sign_type')))).toContain('isv.invalid-signature');
    expect(await post(sign(textOf(parameters)))).toContain('"code":"10000"');
  });

  it.each<[string, Json]>([
    ['three decimals', { total_amount: '88.888' }],
    ['nothing', { total_amount: '0.00' }],
    ['less than nothing', { total_amount: '-1.00' }],
    ['too much', { total_amount: '100000000.01' }],
    ['an exponent', { total_amount: '1e3' }],
    ['hexadecimal', { total_amount: '0x10' }],
    ['a leading zero', { total_amount: '01.00' }],
    ['a comma', { total_amount: '1,000.00' }],
    ['a float that went wrong', { total_amount: 0.1 + 0.2 }],
    ['an object', { total_amount: {} }],
    ['no amount', { total_amount: undefined }],
    ['no number', { out_trade_no: undefined }],
    ['a number with a dash', { out_trade_no: 'A-1' }],
    ['a number of 65 characters', { out_trade_no: 'A'.repeat(65) }],
    ['a number with a line end', { out_trade_no: 'A1\n' }],
    ['no subject', { subject: undefined }],
    ['a subject with =', { subject: 'a=b' }],
    ['a subject of 257 characters', { subject: '茶'.repeat(257) }],
    ['an unknown product', { product_code: 'GIFT' }],
    ['an expiry in another format', { time_expire: '2026-03-02' }],
    ['an expiry that is past', { time_expire: '2026-03-01 11:59:59' }],
    ['an expiry after 15 days', { time_expire: '2026-03-20 00:00:00' }],
    ['a timeout with decimals', { timeout_express: '1.5h' }],
    ['a timeout of nothing', { timeout_express: '0m' }],
  ])('an order with %s', async (_what, fields) => {
    const answer = await world.raw(PRECREATE, { ...order(), ...fields });
    expect(answer.fields).toMatchObject({ code: '40004', sub_code: 'ACQ.INVALID_PARAMETER' });
    expect((await world.log()).unopened).toEqual([]);
  });

  it.each(['0.01', '100000000.00', '1', '1.5', 88.88])('but not the amount %s', async (total_amount) => {
    expect((await world.raw(PRECREATE, order({ total_amount }))).fields).toMatchObject({ code: '10000' });
  });

  it.each(['', '{', 'null', '[]', '"x"', '1e999', '{"__proto__":{"total_amount":"1.00"}}', `${'['.repeat(20_000)}`, '\u0000'])(
    'biz_content that is no order: %j',
    async (biz) => {
      expect(['40002', '40004']).toContain((await world.raw(PRECREATE, biz)).fields.code);
    },
  );

  it('bodies that are no form at all, without falling over', async () => {
    for (const body of ['%', '%ff=%ff&=', '{"a":', '\u0000'.repeat(1000), '&&&&====']) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(world.simulator.alipay.gatewayUrl, { method: 'POST', body, headers });
      expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('isv.missing-app-id')]);
    }
  });

  it('the same number for something else', async () => {
    const first = order();
    expect((await world.raw(PRECREATE, first)).fields).toMatchObject({ code: '10000' });
    expect((await world.raw(PRECREATE, { ...first, total_amount: '88.87' })).fields).toMatchObject({
      sub_code: 'ACQ.CONTEXT_INCONSISTENT',
    });
    expect((await world.raw(PRECREATE, { ...first, subject: '茶具' })).fields).toMatchObject({ sub_code: 'ACQ.CONTEXT_INCONSISTENT' });
    expect((await world.raw(PRECREATE, first)).fields).toMatchObject({ sub_code: 'ACQ.APPLY_PC_MERCHANT_CODE_ERROR' });
  });

  it('an order that is paid, or closed', async () => {
    const page = (out_trade_no: string): Promise<Response> =>
      fetch(world.pageUrl({ out_trade_no, total_amount: '88.88', subject: '茶叶' }), { redirect: 'manual' });
    const paid = await world.paidOrder();
    expect((await world.raw(PRECREATE, order({ out_trade_no: paid }))).fields).toMatchObject({ sub_code: 'ACQ.TRADE_HAS_SUCCESS' });
    expect(await (await page(paid)).text()).toContain('ACQ.TRADE_HAS_SUCCESS');
    expect((await world.raw('alipay.trade.close', { out_trade_no: paid })).fields).toMatchObject({ sub_code: 'ACQ.TRADE_STATUS_ERROR' });
    const closed = await world.openOrder();
    await world.exec('alipay.trade.close', { out_trade_no: closed });
    expect((await world.raw(PRECREATE, order({ out_trade_no: closed }))).fields).toMatchObject({ sub_code: 'ACQ.TRADE_HAS_CLOSE' });
    expect(await (await page(closed)).text()).toContain('ACQ.TRADE_HAS_CLOSE');
  });

  it('refunds of what was not paid, and without what they need', async () => {
    const unpaid = await world.openOrder();
    const paid = await world.paidOrder({ total_amount: '10.00' });
    const refund = async (biz: Json): Promise<Json> => (await world.raw('alipay.trade.refund', biz)).fields;
    const whole = { refund_amount: '10.00', out_request_no: 'R1' };
    expect(await refund({ ...whole, out_trade_no: unpaid })).toMatchObject({ sub_code: 'ACQ.TRADE_STATUS_ERROR' });
    expect(await refund({ ...whole, out_trade_no: 'NOBODY' })).toMatchObject({ sub_code: 'ACQ.TRADE_NOT_EXIST' });
    expect(await refund(whole)).toMatchObject({ sub_code: 'ACQ.INVALID_PARAMETER' });
    expect(await refund({ out_trade_no: paid, refund_amount: '1.00' })).toMatchObject({ sub_code: 'ACQ.INVALID_PARAMETER' });
    expect(await refund({ ...whole, out_trade_no: paid, refund_amount: '1.001' })).toMatchObject({ sub_code: 'ACQ.INVALID_PARAMETER' });
    expect(await refund({ ...whole, out_trade_no: paid, refund_amount: '10.01' })).toMatchObject({
      sub_code: 'ACQ.REASON_TRADE_REFUND_FEE_ERR',
    });
    expect((await world.log()).refunds).toEqual([]);
    expect(await refund({ out_trade_no: paid, refund_amount: '10.00' })).toMatchObject({ code: '10000', fund_change: 'Y' });
    expect((await world.log()).refunds).toMatchObject([{ outRequestNo: paid, amount: 1000 }]);
  });

  it('a page that was tampered with, to the payer alone', async () => {
    const url = world.pageUrl({ out_trade_no: world.number(), total_amount: '88.88', subject: '茶叶' }).replace('88.88', '0.01');
    const answer = await fetch(url, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html;charset=utf-8']);
    expect(await answer.text()).toContain('isv.invalid-signature');
    expect((await world.log()).trades).toEqual([]);
  });

  it('and writes each refusal down', async () => {
    const outTradeNo = world.number();
    await world.exec(QUERY, { out_trade_no: outTradeNo });
    expect((await world.log(outTradeNo)).requests).toMatchObject([
      { gateway: 'alipay', method: QUERY, outTradeNo, outRequestNo: null, code: '40004', subCode: 'ACQ.TRADE_NOT_EXIST', fault: null },
    ]);
  });

  async function unsigned(): Promise<Record<string, string>> {
    const outTradeNo = await world.openOrder();
    return {
      app_id: world.simulator.alipay.appId,
      method: QUERY,
      charset: 'utf-8',
      sign_type: 'RSA2',
      timestamp: '2026-03-01 12:00:00',
      version: '1.0',
      biz_content: JSON.stringify({ out_trade_no: outTradeNo }),
    };
  }
});
