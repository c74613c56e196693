import { createPrivateKey, createPublicKey } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KEY_FILE_NOTE } from '../../simulator/key-folder.js';
import { createSimulator } from '../../simulator/server.js';
import { sharedKeys, useInbox, World } from './support.js';

describe('A restart', () => {
  const inbox = useInbox();
  let dataDir: string;
  let world: World;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'simulator-'));
    world = new World({ dataDir, keys: await sharedKeys() });
    await world.start();
  });

  afterEach(async () => {
    await world.stop();
    rmSync(dataDir, { recursive: true });
  });

  const journal = (): string => join(dataDir, 'journal.jsonl');
  async function restart(): Promise<void> {
    await world.stop();
    await world.start();
  }

  it('loses no order, trade, refund or notice', async () => {
    const scanned = world.number();
    const { qr_code } = await world.exec('alipay.trade.precreate', { out_trade_no: scanned, total_amount: '5.00', subject: '茶' });
    await world.openOrder();
    const paid = await world.paidOrder({ total_amount: '10.00' }, { notifyUrl: inbox.url });
    const refund = { out_trade_no: paid, refund_amount: '1.00', out_request_no: 'R1' };
    await world.exec('alipay.trade.refund', refund);
    const { trades, unopened, refunds, notices } = await world.log();

    await restart();
    expect(await world.log()).toMatchObject({ trades, unopened, refunds, notices });
    expect(await world.exec('alipay.trade.refund', refund)).toMatchObject({ code: '10000', fund_change: 'N' });
    await fetch(`${world.simulator.url}${new URL(String(qr_code)).pathname}`);
    expect((await world.log(scanned)).trades).toMatchObject([{ status: 'WAIT_BUYER_PAY' }]);
  });

  it('takes up the tries that are due, under the same id', async () => {
    inbox.answer = { status: 503, body: '' };
    const outTradeNo = await world.paidOrder({}, { notifyUrl: inbox.url });
    inbox.answer = { status: 200, body: 'success' };
    world.pass(4 * 60_000);
    await restart();
    await inbox.count(2);
    expect(inbox.received[1]?.notify_id).toBe(inbox.received[0]?.notify_id);
    while ((await world.log(outTradeNo)).notices[0]?.state !== 'delivered');
  });

  it('cuts off the line that a kill tore, and nothing before it', async () => {
    const first = await world.paidOrder();
    await world.stop();
    const whole = statSync(journal()).size;
    await world.start();
    const torn = await world.paidOrder();
    await world.stop();
    truncateSync(journal(), statSync(journal()).size - 7);
    await world.start();
    expect((await world.log(first)).trades).toMatchObject([{ status: 'TRADE_SUCCESS' }]);
    expect((await world.log(torn)).trades).toMatchObject([{ status: 'WAIT_BUYER_PAY' }]);
    expect(statSync(journal()).size).toBeGreaterThan(whole);
    await world.control('POST', `/control/trades/${torn}/pay`);
    await restart();
    expect((await world.log(torn)).trades).toMatchObject([{ status: 'TRADE_SUCCESS' }]);
  });

  it('stops at a line that somebody damaged, instead of guessing', async () => {
    await world.paidOrder();
    await world.stop();
    appendFileSync(journal(), 'not JSON\n');
    await expect(createSimulator({ dataDir, keys: await sharedKeys() })).rejects.toThrow(/line 3 of .*journal\.jsonl/);
    writeFileSync(journal(), '');
    await world.start();
  });

  it('forgets everything after a reset', async () => {
    await world.paidOrder();
    await world.control('POST', '/control/reset');
    await restart();
    expect(await world.log()).toMatchObject({ trades: [], refunds: [], notices: [] });
  });

  it('keeps the keys, which are made whole and marked as toys', async () => {
    const first = await createSimulator({ dataDir });
    await first.close();
    const second = await createSimulator({ dataDir });
    await second.close();
    expect(second.alipay.appPrivateKey).toBe(first.alipay.appPrivateKey);
    expect(readdirSync(dataDir).sort()).toEqual(['alipay', 'alipay-certificate-mode', 'journal.jsonl', 'unionpay', 'wechatpay']);
    const folder = join(dataDir, 'alipay');
    for (const name of ['app', 'alipay']) {
      const privatePem = readFileSync(join(folder, `${name}-private-key.pem`), 'utf8');
      const publicPem = readFileSync(join(folder, `${name}-public-key.pem`), 'utf8');
      expect([privatePem, publicPem].map((pem) => pem.split('\n')[0])).toEqual([KEY_FILE_NOTE, KEY_FILE_NOTE]);
      expect(statSync(join(folder, `${name}-private-key.pem`)).mode & 0o777).toBe(0o600);
      const derived = createPublicKey(createPrivateKey(privatePem)).export({ type: 'spki', format: 'pem' });
      expect(derived).toBe(createPublicKey(publicPem).export({ type: 'spki', format: 'pem' }));
    }
  });

  it('takes up a folder of before there were other gateways: its keys, and its books', async () => {
    const first = await createSimulator({ dataDir });
    await first.close();
    for (const folder of ['alipay-certificate-mode', 'unionpay', 'wechatpay']) rmSync(join(dataDir, folder), { recursive: true });
    const order = {
      ...{ gateway: 'alipay', outTradeNo: 'OLD', product: 'page', totalAmount: 1000, subject: '茶', body: null },
      ...{ notifyUrl: null, returnUrl: null, passback: null, expiresAt: '2026-03-16T04:00:00.000Z', code: null },
    };
    const at = '2026-03-01T04:00:00.000Z';
    const trade = {
      ...order,
      ...{ tradeNo: '2026030122001000000000000001', state: 'paid', paidAmount: 1000, refundedAmount: 400 },
      ...{ createdAt: at, paidAt: at, closedAt: null, refusedAt: null },
    };
    const refund = { gateway: 'alipay', outTradeNo: 'OLD', outRequestNo: 'R1', amount: 400, reason: null, at };
    const changes = [
      { kind: 'order', value: order },
      { kind: 'trade', value: trade },
      { kind: 'refund', value: refund },
    ];
    await world.stop();
    writeFileSync(journal(), `${JSON.stringify(changes)}\n`);
    world = new World({ dataDir, keys: undefined });
    await world.start();
    expect(world.simulator.alipay.appPrivateKey).toBe(first.alipay.appPrivateKey);
    expect(readdirSync(dataDir).sort()).toEqual(['alipay', 'alipay-certificate-mode', 'journal.jsonl', 'unionpay', 'wechatpay']);
    expect(await world.exec('alipay.trade.query', { out_trade_no: 'OLD' })).toMatchObject({ trade_status: 'TRADE_SUCCESS' });
    const found = { out_trade_no: 'OLD', out_request_no: 'R1' };
    expect(await world.exec('alipay.trade.fastpay.refund.query', found)).toMatchObject({ refund_status: 'REFUND_SUCCESS' });
    const rest = { out_trade_no: 'OLD', refund_amount: '6.00', out_request_no: 'R2' };
    expect(await world.exec('alipay.trade.refund', rest)).toMatchObject({ fund_change: 'Y', refund_fee: '10.00' });
  });

  it('makes all keys whole: none of any gateway lacks its other half, and what is secret is nobody else’s to read', async () => {
    await (await createSimulator({ dataDir })).close();
    for (const folder of ['alipay', 'alipay-certificate-mode', 'unionpay', 'wechatpay']) {
      for (const file of readdirSync(join(dataDir, folder))) {
        const path = join(dataDir, folder, file);
        const text = readFileSync(path, 'utf8');
        expect(text.startsWith(`${KEY_FILE_NOTE}\n`)).toBe(true);
        const secret = text.includes('PRIVATE KEY') || file === 'api-v3-key.txt';
        if (secret) expect([path, statSync(path).mode & 0o777]).toEqual([path, 0o600]);
      }
    }
    writeFileSync(join(dataDir, 'wechatpay', 'merchant-private-key.pem'), 'damaged');
    await expect(createSimulator({ dataDir })).rejects.toThrow(/merchant-private-key\.pem holds no key/);
  });
});
