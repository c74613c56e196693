import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedKeys, useInbox, useSimulator, World, type Json } from './support.js';
import { WechatpayMerchant } from './wechatpay-support.js';

describe('Faults between merchant and WeChat Pay', () => {
  const world = useSimulator();
  const merchant = new WechatpayMerchant(world);

  async function refundUnder(fault: Json): Promise<{ outcome: Json; done: boolean; requests: Json[] }> {
    const outTradeNo = await merchant.paidOrder();
    await merchant.control('/control/faults', { gateway: 'wechatpay', method: 'refund', ...fault });
    const outcome = await merchant
      .refund(outTradeNo, `${outTradeNo}-R`, { refund: 1, total: 8888 })
      .then(({ status, signature, json: { code } }) => ({ status, signature, code }))
      .catch(({ message }: Error) => ({ thrown: message }));
    const { refunds, requests } = await world.log(outTradeNo);
    return { outcome, done: refunds.length === 1, requests: requests.filter(({ method }) => method === 'refund') };
  }

  it.each<[string, boolean, Json]>([
    ['http_500', false, { status: 500, signature: 'none' }],
    ['http_502', false, { status: 502, signature: 'none' }],
    ['garbage', false, { status: 200, signature: 'none' }],
    ['reset', false, { thrown: expect.stringMatching(/hang up|ECONNRESET/) as unknown }],
    ['succeed_then_reset', true, { thrown: expect.stringMatching(/hang up|ECONNRESET/) as unknown }],
    ['succeed_then_500', true, { status: 500, signature: 'none' }],
    ['wrong_signature', true, { status: 200, signature: 'invalid' }],
    ['unsigned', true, { status: 200, signature: 'none' }],
    ['system_error', false, { status: 500, signature: 'none', code: 'SYSTEM_ERROR' }],
    ['system_error_done', true, { status: 500, signature: 'none', code: 'SYSTEM_ERROR' }],
  ])('%s: the refund is done: %s', async (kind, done, outcome) => {
    const result = await refundUnder({ kind });
    expect(result.outcome).toEqual(expect.objectContaining(outcome));
    expect(result.done).toBe(done);
    expect(result.requests).toMatchObject([{ gateway: 'wechatpay', fault: kind }]);
  });

  it.each([
    ['NOT_ENOUGH', 403],
    ['FREQUENCY_LIMITED', 429],
    ['ORDER_CLOSED', 400],
    ['RESOURCE_NOT_EXISTS', 404],
  ])('declined with %s has the status %i', async (subCode, status) => {
    const result = await refundUnder({ kind: 'declined', subCode });
    expect(result).toMatchObject({ outcome: { status, code: subCode, signature: 'none' }, done: false });
  });

  it('delay: done at once, answered late', async () => {
    expect(await refundUnder({ kind: 'delay', ms: 30 })).toMatchObject({ outcome: { status: 200, signature: 'valid' }, done: true });
  });

  it('spares the other gateways, and the other calls', async () => {
    await merchant.control('/control/faults', { gateway: 'alipay', kind: 'http_500' });
    await merchant.control('/control/faults', { gateway: 'wechatpay', method: 'close', kind: 'http_500' });
    expect((await merchant.place('native')).status).toBe(200);
    expect((await world.control('GET', '/control/faults')).json.faults).toHaveLength(2);
    expect((await merchant.control('/control/faults', { gateway: 'paypal', kind: 'reset' })).httpStatus).toBe(400);
  });

  it('an outage resets every call of one gateway, until it is over', async () => {
    expect((await merchant.control('/control/outage', { gateway: 'wechatpay', on: true })).json).toEqual({ down: ['wechatpay'] });
    for (let time = 0; time < 2; time += 1) await expect(merchant.place('native')).rejects.toThrow(/hang up|ECONNRESET/);
    expect(await world.exec('alipay.trade.query', { out_trade_no: 'none' })).toMatchObject({ sub_code: 'ACQ.TRADE_NOT_EXIST' });
    expect((await world.log()).requests.filter(({ fault }) => fault === 'outage')).toHaveLength(2);
    await merchant.control('/control/outage', { gateway: 'wechatpay', on: false });
    expect((await merchant.place('native')).status).toBe(200);
    await merchant.control('/control/outage', { on: true });
    await expect(world.raw('alipay.trade.query', {})).rejects.toThrow();
    await world.control('POST', '/control/reset');
    expect((await merchant.place('native')).status).toBe(200);
    expect((await merchant.control('/control/outage', {})).httpStatus).toBe(400);
  });
});

describe('WeChat’s books over a restart', () => {
  const inbox = useInbox();
  let dataDir: string;
  let world: World;
  let merchant: WechatpayMerchant;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'simulator-'));
    world = new World({ dataDir, keys: await sharedKeys() });
    merchant = new WechatpayMerchant(world);
    await world.start();
  });

  afterEach(async () => {
    await world.stop();
    rmSync(dataDir, { recursive: true });
  });

  async function restart(): Promise<void> {
    await world.stop();
    await world.start();
  }

  it('loses no order, code, payment, refund or notice', async () => {
    const { outTradeNo, json } = await merchant.place('native', { notify_url: inbox.plainUrl });
    const paid = await merchant.paidOrder({ attach: '柜台' });
    await merchant.refund(paid, 'RR-1', { refund: 1, total: 8888 });
    expect((await merchant.queryRefund('RR-1')).json.status).toBe('SUCCESS');
    const { trades, refunds, notices } = await world.log();
    await restart();
    expect(await world.log()).toMatchObject({ trades, refunds, notices });
    const scanned = await merchant.control(`/control/trades/${outTradeNo}/pay`, { url: json.code_url });
    expect(scanned.json.notices).toMatchObject([{ state: 'delivered' }]);
    expect((await merchant.queryRefund('RR-1')).json.status).toBe('SUCCESS');
  });

  it('goes on with refunds that are under way: those that are due end, those that are held stay', async () => {
    const outTradeNo = await merchant.paidOrder();
    await merchant.control('/control/refunds', { settleAfterMs: 60_000, outcome: 'abnormal' });
    await merchant.refund(outTradeNo, 'RR-2', { refund: 1, total: 8888 }, { notify_url: inbox.plainUrl });
    await merchant.control('/control/refunds', { hold: true });
    await merchant.refund(outTradeNo, 'RR-3', { refund: 2, total: 8888 });
    await restart();
    expect((await merchant.queryRefund('RR-2')).json.status).toBe('PROCESSING');
    expect((await world.log(outTradeNo)).trades).toMatchObject([{ refundingAmount: 3 }]);
    world.pass(60_000);
    await restart();
    await inbox.count(1);
    expect((await merchant.queryRefund('RR-2')).json.status).toBe('ABNORMAL');
    expect((await merchant.queryRefund('RR-3')).json.status).toBe('PROCESSING');
    await merchant.control('/control/refunds/settle', { outRequestNo: 'RR-3' });
    expect((await merchant.queryRefund('RR-3')).json.status).toBe('SUCCESS');
  });

  it('seals the tries that are left anew, under the same id', async () => {
    inbox.answer = { status: 500, body: '' };
    await merchant.paidOrder({ notify_url: inbox.plainUrl });
    world.pass(15_000);
    inbox.answer = { status: 200, body: '' };
    await restart();
    await inbox.count(2);
    const [first, second] = inbox.raw.map((notice) => merchant.read(notice));
    expect(second).toMatchObject({ signature: 'valid', envelope: { id: first?.envelope.id } });
  });
});
