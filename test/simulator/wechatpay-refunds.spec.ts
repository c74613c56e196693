import { useInbox, useSimulator } from './support.js';
import { WechatpayMerchant } from './wechatpay-support.js';

describe('A refund by WeChat', () => {
  const world = useSimulator();
  const inbox = useInbox();
  const merchant = new WechatpayMerchant(world);
  const told = () => ({ notify_url: inbox.plainUrl });

  it('is accepted first, settles by itself, and is announced to its own address', async () => {
    const outTradeNo = await merchant.paidOrder();
    const accepted = await merchant.refund(outTradeNo, 'R-1', { refund: 1000, total: 8888 }, { ...told(), reason: '破损' });
    expect(accepted).toMatchObject({ status: 200, signature: 'valid' });
    expect(accepted.json).toMatchObject({
      out_refund_no: 'R-1',
      out_trade_no: outTradeNo,
      status: 'PROCESSING',
      amount: { total: 8888, refund: 1000, currency: 'CNY' },
    });
    expect(accepted.json).not.toHaveProperty('success_time');
    await inbox.count(1);
    const { signature, envelope, said } = merchant.read(inbox.raw[0] ?? { headers: {}, body: '' });
    expect(signature).toBe('valid');
    expect(envelope).toMatchObject({ event_type: 'REFUND.SUCCESS', resource: { original_type: 'refund', associated_data: 'refund' } });
    expect(said).toMatchObject({ out_refund_no: 'R-1', refund_status: 'SUCCESS', amount: { total: 8888, refund: 1000 } });
    expect(said).not.toHaveProperty('status');
    expect((await merchant.queryRefund('R-1')).json).toMatchObject({ status: 'SUCCESS', refund_id: accepted.json.refund_id });
    expect((await merchant.query(outTradeNo)).json.trade_state).toBe('REFUND');
    const { trades, refunds } = await world.log(outTradeNo);
    expect(trades).toMatchObject([{ state: 'paid', refundedAmount: 1000, refundingAmount: 0 }]);
    expect(refunds).toMatchObject([{ outRequestNo: 'R-1', status: 'SUCCESS', state: 'succeeded', reason: '破损' }]);
  });

  it('counts while it is under way, and settles when the clock says so', async () => {
    await merchant.control('/control/refunds', { settleAfterMs: 60_000 });
    const outTradeNo = await merchant.paidOrder();
    await merchant.refund(outTradeNo, 'R-2', { refund: 8000, total: 8888 });
    expect((await merchant.queryRefund('R-2')).json.status).toBe('PROCESSING');
    expect((await merchant.query(outTradeNo)).json.trade_state).toBe('SUCCESS');
    expect(await merchant.refund(outTradeNo, 'R-3', { refund: 889, total: 8888 })).toMatchObject({
      status: 400,
      json: { code: 'INVALID_REQUEST' },
    });
    expect((await world.log(outTradeNo)).trades).toMatchObject([{ refundedAmount: 0, refundingAmount: 8000 }]);
    world.pass(60_000);
    expect((await merchant.queryRefund('R-2')).json.status).toBe('SUCCESS');
    expect(await merchant.refund(outTradeNo, 'R-3', { refund: 888, total: 8888 })).toMatchObject({ status: 200 });
    world.pass(60_000);
    expect((await world.log(outTradeNo)).trades).toMatchObject([{ state: 'refunded', refundedAmount: 8888, refundingAmount: 0 }]);
    world.pass(-120_000);
  });

  it('may be closed, which gives the amount back to what is left', async () => {
    await merchant.control('/control/refunds', { outcome: 'closed' });
    const outTradeNo = await merchant.paidOrder();
    await merchant.refund(outTradeNo, 'R-4', { refund: 8888, total: 8888 }, told());
    await inbox.count(1);
    expect(merchant.read(inbox.raw[0] ?? { headers: {}, body: '' })).toMatchObject({
      envelope: { event_type: 'REFUND.CLOSED' },
      said: { refund_status: 'CLOSED' },
    });
    expect((await merchant.queryRefund('R-4')).json.status).toBe('CLOSED');
    expect((await merchant.query(outTradeNo)).json.trade_state).toBe('SUCCESS');
    // The same number stays closed: it takes a new one.
    expect((await merchant.refund(outTradeNo, 'R-4', { refund: 8888, total: 8888 }, told())).json.status).toBe('CLOSED');
    await merchant.control('/control/refunds', {});
    expect((await merchant.refund(outTradeNo, 'R-5', { refund: 8888, total: 8888 })).status).toBe(200);
  });

  it('may be abnormal, and put right after all', async () => {
    await merchant.control('/control/refunds', { outcome: 'abnormal' });
    const outTradeNo = await merchant.paidOrder();
    await merchant.refund(outTradeNo, 'R-6', { refund: 8888, total: 8888 }, told());
    await inbox.count(1);
    expect((await merchant.queryRefund('R-6')).json.status).toBe('ABNORMAL');
    expect((await world.log(outTradeNo)).trades).toMatchObject([{ refundedAmount: 0, refundingAmount: 8888 }]);
    const settled = await merchant.control('/control/refunds/settle', { outRequestNo: 'R-6', outcome: 'succeeded' });
    expect(settled.json).toMatchObject({
      refunds: [{ state: 'succeeded' }],
      notices: [{ outRequestNo: 'R-6', tradeStatus: 'SUCCESS', status: 200 }],
    });
    expect((await merchant.query(outTradeNo)).json.trade_state).toBe('REFUND');
    expect((await merchant.control('/control/refunds/settle', { outRequestNo: 'R-6' })).httpStatus).toBe(409);
    expect((await merchant.control('/control/refunds/settle', { outRequestNo: 'R-0' })).httpStatus).toBe(404);
  });

  it('is held back until a test settles it', async () => {
    await merchant.control('/control/refunds', { hold: true, outcome: 'abnormal' });
    const outTradeNo = await merchant.paidOrder();
    await merchant.refund(outTradeNo, 'R-7', { refund: 1, total: 8888 }, told());
    world.pass(86_400_000);
    expect((await merchant.queryRefund('R-7')).json.status).toBe('PROCESSING');
    expect((await merchant.control('/control/refunds/settle', { outcome: 'succeeded' })).json.notices).toMatchObject([
      { tradeStatus: 'SUCCESS' },
    ]);
    expect((await merchant.queryRefund('R-7')).json.status).toBe('SUCCESS');
    world.pass(-86_400_000);
  });

  it('is the same refund under the same number, and no other one', async () => {
    const outTradeNo = await merchant.paidOrder();
    const other = await merchant.paidOrder();
    const first = await merchant.refund(outTradeNo, 'R-8', { refund: 100, total: 8888 }, { reason: '一' });
    const again = await merchant.refund(outTradeNo, 'R-8', { refund: 100, total: 8888 }, { reason: '一' });
    expect(again).toMatchObject({ status: 200, json: { refund_id: first.json.refund_id } });
    const refused = { status: 400, signature: 'none' };
    expect(await merchant.refund(outTradeNo, 'R-8', { refund: 101, total: 8888 })).toMatchObject({
      ...refused,
      json: { code: 'REFUND_FEE_MISMATCH' },
    });
    expect(await merchant.refund(outTradeNo, 'R-8', { refund: 100, total: 8888 }, { reason: '二' })).toMatchObject(refused);
    expect(await merchant.refund(other, 'R-8', { refund: 100, total: 8888 }, { reason: '一' })).toMatchObject(refused);
    expect((await world.log()).refunds).toHaveLength(1);
  });

  it('is asked for by either number of the trade, never by both', async () => {
    const outTradeNo = await merchant.paidOrder();
    const transaction_id = (await merchant.query(outTradeNo)).json.transaction_id;
    expect(await merchant.refund(outTradeNo, 'R-9', { refund: 1, total: 8888 }, { transaction_id })).toMatchObject({ status: 400 });
    expect(await merchant.refund('', 'R-9', { refund: 1, total: 8888 }, { transaction_id, out_trade_no: undefined })).toMatchObject({
      status: 200,
    });
  });

  it('stays within what was paid, a year, and fifty of them', async () => {
    const outTradeNo = await merchant.paidOrder();
    const refused = { status: 400, signature: 'none' };
    expect(await merchant.refund(outTradeNo, 'R-10', { refund: 8889, total: 8888 })).toMatchObject(refused);
    expect(await merchant.refund(outTradeNo, 'R-10', { refund: 1, total: 8887 })).toMatchObject(refused);
    for (let number = 1; number <= 50; number += 1) {
      expect((await merchant.refund(outTradeNo, `R-10-${number}`, { refund: 1, total: 8888 })).status).toBe(200);
    }
    expect(await merchant.refund(outTradeNo, 'R-10-51', { refund: 1, total: 8888 })).toMatchObject(refused);
    const old = await merchant.paidOrder();
    world.pass(366 * 86_400_000);
    expect(await merchant.refund(old, 'R-11', { refund: 1, total: 8888 })).toMatchObject({ ...refused, json: { code: 'TRADE_OVERDUE' } });
    world.pass(-366 * 86_400_000);
  });

  it('is unknown before it was accepted, and impossible before the payment', async () => {
    expect(await merchant.queryRefund('R-none')).toMatchObject({ status: 404, json: { code: 'RESOURCE_NOT_EXISTS' } });
    expect(await merchant.refund('none_such', 'R-12', { refund: 1, total: 1 })).toMatchObject({
      status: 404,
      json: { code: 'RESOURCE_NOT_EXISTS' },
    });
    const { outTradeNo } = await merchant.place('native');
    expect(await merchant.refund(outTradeNo, 'R-12', { refund: 1, total: 8888 })).toMatchObject({ status: 400 });
    await merchant.control('/control/faults', { gateway: 'wechatpay', method: 'refund', kind: 'declined', subCode: 'NOT_ENOUGH' });
    const paid = await merchant.paidOrder();
    expect(await merchant.refund(paid, 'R-13', { refund: 1, total: 8888 })).toMatchObject({ status: 403, json: { code: 'NOT_ENOUGH' } });
    expect(await merchant.queryRefund('R-13')).toMatchObject({ status: 404 });
    expect(await merchant.refund(paid, 'R-13', { refund: 1, total: 8888 })).toMatchObject({ status: 200 });
  });

  it('is made in the portal without the merchant hearing of it', async () => {
    const outTradeNo = await merchant.paidOrder({ notify_url: inbox.plainUrl });
    const { json } = await merchant.control(`/control/trades/${outTradeNo}/refunds`, { amount: 888 });
    expect(json).toMatchObject({ refund: { amount: 888, notifyUrl: null } });
    expect((await merchant.query(outTradeNo)).json.trade_state).toBe('REFUND');
    expect(await merchant.refund(outTradeNo, 'R-14', { refund: 8001, total: 8888 })).toMatchObject({ status: 400 });
    expect(inbox.raw).toHaveLength(1); // The payment's.
    expect((await merchant.control(`/control/trades/${outTradeNo}/refunds`, { amount: 8001 })).httpStatus).toBe(409);
    expect((await merchant.control('/control/trades/none/refunds', { amount: 1 })).httpStatus).toBe(404);
  });
});
