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
});
