import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyFile } from '../../simulator/key-folder.js';
import { UNIONPAY_FOLDER } from '../../simulator/keys.js';
import { createSimulator } from '../../simulator/server.js';
import { useInbox, World } from './support.js';
import { UnionPayMerchant } from './unionpay-merchant.js';

describe('A restart of the simulated UnionPay', () => {
  const inbox = useInbox();
  let dataDir: string;
  let world: World;
  let merchant: UnionPayMerchant;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'simulator-unionpay-'));
    world = new World({ dataDir });
    merchant = new UnionPayMerchant(world);
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

  it('loses no trade, refund, cancel or notice, and still tells repetitions apart', async () => {
    const open = await merchant.openOrder();
    const paid = await merchant.paidOrder({ backUrl: inbox.url, reqReserved: 'r' });
    await world.control('POST', '/control/refunds', { hold: true });
    const refund = { orderId: merchant.number(), txnTime: merchant.time(), txnAmt: '100', backUrl: inbox.url };
    await merchant.refund(paid.queryId, refund);
    const before = [await merchant.query(paid), await merchant.query(refund)].map(({ fields }) => fields);
    const { trades, refunds, notices } = await world.log();

    await restart();
    expect(await world.log()).toMatchObject({ trades, refunds, notices });
    expect([await merchant.query(paid), await merchant.query(refund)].map(({ fields }) => fields)).toEqual(before);
    expect(before).toMatchObject([{ origRespCode: '00', reqReserved: 'r' }, { origRespCode: '05' }]);
    expect((await merchant.refund(paid.queryId, refund)).fields).toMatchObject({ respCode: '12' });
    expect((await merchant.refund(paid.queryId, { txnAmt: '8789' })).fields).toMatchObject({ respCode: '36' });
    expect(await (await merchant.submit(open)).text()).toContain('<code>12</code>');

    await world.control('POST', '/control/refunds/settle', {});
    await inbox.count(2);
    expect(inbox.received[1]).toMatchObject({ orderId: refund.orderId, respCode: '00' });
    expect(merchant.trusts(inbox.received[1] ?? {})).toBe('valid');
  });

  it('settles what was under way when its time has come', async () => {
    const { queryId } = await merchant.paidOrder();
    await world.control('POST', '/control/refunds', { settleAfterMs: 3_600_000, outcome: 'failed' });
    const refund = { orderId: merchant.number(), txnTime: merchant.time(), backUrl: inbox.url };
    await merchant.refund(queryId, refund);
    await world.stop();
    world.pass(3_600_000);
    await world.start();
    await inbox.count(1);
    expect(inbox.received).toMatchObject([{ orderId: refund.orderId, respCode: '60' }]);
  });

  it('keeps the keys, of which the merchant’s are one file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'simulator-unionpay-'));
    const first = await createSimulator({ dataDir: folder });
    await first.close();
    const second = await createSimulator({ dataDir: folder });
    await second.close();
    const account = first.unionpay;
    expect({ ...second.unionpay, gatewayUrl: account.gatewayUrl }).toEqual(account);
    const file = readFileSync(keyFile(folder, UNIONPAY_FOLDER, 'merchantCertificate'), 'utf8');
    expect(file).toContain(account.certificate);
    expect(new X509Certificate(file).checkPrivateKey(createPrivateKey(file))).toBe(true);
    rmSync(folder, { recursive: true });
  });
});

describe('The certificates', () => {
  it('form a chain: the merchant’s, the one in the middle, and the root', async () => {
    const simulator = await createSimulator();
    await simulator.close();
    const { certificate, middleCertificate, rootCertificate } = simulator.unionpay;
    const [merchant, middle, root] = [certificate, middleCertificate, rootCertificate].map((pem) => new X509Certificate(pem));
    if (!merchant || !middle || !root) throw new Error('There are three.');
    expect([merchant.checkIssued(middle), merchant.verify(middle.publicKey)]).toEqual([true, true]);
    expect([middle.checkIssued(root), middle.verify(root.publicKey), middle.ca]).toEqual([true, true, true]);
    expect([root.checkIssued(root), root.verify(root.publicKey), root.ca, merchant.ca]).toEqual([true, true, true, false]);
    expect(merchant.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
  });
});
