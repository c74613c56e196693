import { useInbox, useSimulator, type Json } from './support.js';
import { WechatpayMerchant } from './wechatpay-support.js';

describe('WeChat’s notices', () => {
  const world = useSimulator();
  const inbox = useInbox();
  const merchant = new WechatpayMerchant(world);

  async function paid(): Promise<string> {
    const outTradeNo = await merchant.paidOrder({ notify_url: inbox.plainUrl });
    inbox.clear();
    return outTradeNo;
  }
  const notify = (outTradeNo: string, wish: Json = {}) => merchant.control(`/control/trades/${outTradeNo}/notify`, wish);
  const latest = () => inbox.raw.at(-1) ?? { headers: {}, body: '' };

  it('are sent again under the same id, each try dated and signed by itself, until 200 or 204', async () => {
    inbox.answer = { status: 500, body: '{"code":"FAIL"}' };
    const { outTradeNo } = await merchant.place('native', { notify_url: inbox.plainUrl });
    await merchant.control(`/control/trades/${outTradeNo}/pay`);
    const pauses = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600];
    for (const seconds of pauses) {
      const notice = (await world.log(outTradeNo)).notices[0];
      expect(notice?.state).toBe('pending');
      expect(Date.parse(String(notice?.nextAttemptAt)) - world.now.getTime()).toBe(seconds * 1_000);
      world.pass(seconds * 1_000);
      await merchant.control('/control/notices/retry');
    }
    expect((await world.log(outTradeNo)).notices).toMatchObject([{ state: 'given_up' }]);
    expect(inbox.raw).toHaveLength(16);
    const read = inbox.raw.map((notice) => merchant.read(notice));
    expect(read.every(({ signature }) => signature === 'valid')).toBe(true);
    for (const same of ['id', 'create_time']) expect(new Set(read.map(({ envelope }) => envelope[same])).size).toBe(1);
    for (const fresh of ['wechatpay-signature', 'wechatpay-nonce', 'wechatpay-timestamp']) {
      expect(new Set(inbox.raw.map(({ headers }) => headers[fresh])).size).toBeGreaterThan(14);
    }
    world.pass(-pauses.reduce((sum, each) => sum + each, 0) * 1_000);

    inbox.answer = { status: 204, body: '' };
    const second = await merchant.place('native', { notify_url: inbox.plainUrl });
    expect((await merchant.control(`/control/trades/${second.outTradeNo}/pay`)).json.notices).toMatchObject([
      { state: 'delivered', status: 204 },
    ]);
  });

  it('say what a test wants them to say, rightly signed', async () => {
    const outTradeNo = await paid();
    const fields = { 'amount.total': '1', mchid: '1', attach: null, 'envelope.event_type': 'TRANSACTION.OTHER', 'envelope.id': 'N-1' };
    const sent = await notify(outTradeNo, { fields });
    expect(sent.json.notices).toMatchObject([{ notifyId: 'N-1' }]);
    const { signature, envelope, said } = merchant.read(latest());
    expect(signature).toBe('valid');
    expect(envelope).toMatchObject({ id: 'N-1', event_type: 'TRANSACTION.OTHER' });
    expect(said).toMatchObject({ mchid: '1', amount: { total: 1, payer_total: 8888 } });
  });

  it('claim a payment that nobody made, and speak of any status', async () => {
    const { outTradeNo } = await merchant.place('native', { notify_url: inbox.plainUrl });
    await notify(outTradeNo, { tradeStatus: 'SUCCESS' });
    expect(merchant.read(latest()).said).toMatchObject({ trade_state: 'SUCCESS', amount: { total: 8888 } });
    await notify(outTradeNo, { tradeStatus: 'CLOSED' });
    expect(merchant.read(latest()).said).toMatchObject({ trade_state: 'CLOSED' });
    expect((await merchant.query(outTradeNo)).json.trade_state).toBe('NOTPAY');
  });

  it('speak of a refund', async () => {
    const outTradeNo = await paid();
    await merchant.refund(outTradeNo, 'RN-1', { refund: 5, total: 8888 });
    const sent = await notify(outTradeNo, { refund: 'RN-1', tradeStatus: 'ABNORMAL', to: inbox.plainUrl });
    expect(sent.json.notices).toMatchObject([{ outRequestNo: 'RN-1', tradeStatus: 'ABNORMAL' }]);
    expect(merchant.read(latest())).toMatchObject({
      signature: 'valid',
      envelope: { event_type: 'REFUND.ABNORMAL' },
      said: { refund_status: 'ABNORMAL', out_refund_no: 'RN-1' },
    });
    expect((await notify(outTradeNo, { refund: 'none' })).httpStatus).toBe(404);
  });

  it('are forged in every way that a merchant must notice', async () => {
    const outTradeNo = await paid();
    const forge = async (kind: string) => {
      expect((await notify(outTradeNo, { forge: kind })).httpStatus).toBe(200);
      return latest();
    };
    expect(merchant.signatureOf((await forge('other_key')).headers, latest().body)).toBe('invalid');
    expect((await forge('no_signature')).headers).not.toHaveProperty('wechatpay-signature');
    expect((await forge('empty_signature')).headers['wechatpay-signature']).toBe('');
    expect((await forge('sign_type')).headers['wechatpay-signature-type']).toBe('WECHATPAY2-SM2-WITH-SM3');
    expect((await forge('unknown_serial')).headers['wechatpay-serial']).not.toBe(merchant.account.publicKeyId);
    expect((await forge('signtest')).headers['wechatpay-signature']).toMatch(/^WECHATPAY\/SIGNTEST\//);
    const old = await forge('expired_timestamp');
    expect(merchant.signatureOf(old.headers, old.body)).toBe('valid');
    expect(world.now.getTime() / 1_000 - Number(old.headers['wechatpay-timestamp'])).toBe(600);
    const other = await forge('other_api_key');
    expect(merchant.signatureOf(other.headers, other.body)).toBe('valid');
    expect(() => merchant.read(other)).toThrow();
    expect((await notify(outTradeNo, { forge: 'wrong_cn' })).json.message).toContain('signtest');
  });

  it('are tampered with on the way', async () => {
    const outTradeNo = await paid();
    await notify(outTradeNo, { tamper: { body: '{"id":"x"}', 'headers.Wechatpay-Nonce': 'n', 'headers.wechatpay-serial': null } });
    expect(latest().body).toBe('{"id":"x"}');
    expect(latest().headers).toMatchObject({ 'wechatpay-nonce': 'n' });
    expect(latest().headers).not.toHaveProperty('wechatpay-serial');
  });

  it('repeat byte for byte, or as messages of their own', async () => {
    const outTradeNo = await paid();
    await notify(outTradeNo, { times: 3 });
    expect(new Set(inbox.raw.map(({ body, headers }) => body + String(headers['wechatpay-signature']))).size).toBe(1);
    inbox.clear();
    const sent = await notify(outTradeNo, { times: 3, newIds: true, concurrent: true });
    expect(new Set(sent.json.notices.map(({ notifyId }) => notifyId)).size).toBe(3);
  });
});

describe('The keys that WeChat signs with', () => {
  const world = useSimulator();
  const inbox = useInbox();
  const merchant = new WechatpayMerchant(world);
  const withoutName = { headers: { 'wechatpay-serial': null } };

  interface Listed {
    readonly serial_no: string;
    readonly encrypt_certificate: { nonce: string; ciphertext: string; associated_data: string };
  }

  async function download(): Promise<string[]> {
    const answer = await merchant.call('GET', '/v3/certificates', withoutName);
    const listed = answer.json.data as Listed[];
    for (const { serial_no, encrypt_certificate } of listed) merchant.certificates.set(serial_no, merchant.decrypted(encrypt_certificate));
    expect(merchant.signatureOf(answer.headers, answer.text)).toBe('valid');
    return listed.map(({ serial_no }) => serial_no);
  }

  afterEach(() => merchant.certificates.clear());

  it('are the public key for who names it, and the newest certificate for everybody else', async () => {
    const [serial] = await download();
    expect(serial).toMatch(/^[0-9A-F]{40}$/);
    const named = await merchant.query('none_such');
    expect(named.status).toBe(404);
    const { outTradeNo } = await merchant.place('native');
    expect((await merchant.query(outTradeNo)).headers['wechatpay-serial']).toBe(merchant.account.publicKeyId);
    expect(await merchant.query(outTradeNo, withoutName)).toMatchObject({ signature: 'valid', headers: { 'wechatpay-serial': serial } });
  });

  it('are changed over: a new certificate beside the old one', async () => {
    const before = await download();
    world.pass(1_000);
    const { json } = await merchant.control('/control/wechatpay', { rotate: true });
    const after = await download();
    expect(after).toEqual([...before, after[1]]);
    expect(json).toMatchObject({ mode: 'both', noticesSignedBy: 'public_key', certificates: after });
    const { outTradeNo } = await merchant.place('native');
    expect(await merchant.query(outTradeNo, withoutName)).toMatchObject({ signature: 'valid', headers: { 'wechatpay-serial': after[1] } });
    const named = { headers: { 'wechatpay-serial': before[0] ?? '' } };
    expect(await merchant.query(outTradeNo, named)).toMatchObject({ signature: 'valid', headers: { 'wechatpay-serial': before[0] } });
  });

  it('are the public key alone for a new merchant, who has no certificates', async () => {
    await merchant.control('/control/wechatpay', { mode: 'public_key' });
    expect(await merchant.call('GET', '/v3/certificates')).toMatchObject({ status: 404, json: { code: 'RESOURCE_NOT_EXISTS' } });
    const { outTradeNo } = await merchant.place('native');
    expect(await merchant.query(outTradeNo, withoutName)).toMatchObject({ headers: { 'wechatpay-serial': merchant.account.publicKeyId } });
  });

  it('are certificates alone for a merchant of old', async () => {
    const [serial] = await download();
    await merchant.control('/control/wechatpay', { mode: 'certificate' });
    const placed = await merchant.place('native', { notify_url: inbox.plainUrl });
    expect(placed).toMatchObject({ signature: 'valid', headers: { 'wechatpay-serial': serial } });
    await merchant.control(`/control/trades/${placed.outTradeNo}/pay`);
    expect(merchant.read(inbox.raw[0] ?? { headers: {}, body: '' }).signature).toBe('valid');
    expect(inbox.raw[0]?.headers['wechatpay-serial']).toBe(serial);
  });

  it('alternate between notices while a change-over lasts', async () => {
    const [serial] = await download();
    await merchant.control('/control/wechatpay', { noticesSignedBy: 'alternating' });
    for (let time = 0; time < 4; time += 1) await merchant.paidOrder({ notify_url: inbox.plainUrl });
    const { publicKeyId } = merchant.account;
    expect(inbox.raw.map(({ headers }) => headers['wechatpay-serial'])).toEqual([publicKeyId, serial, publicKeyId, serial]);
    expect(inbox.raw.every((notice) => merchant.read(notice).signature === 'valid')).toBe(true);
  });
});
