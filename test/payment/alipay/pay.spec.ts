import { MINUTE, SECOND } from '../../../src/kernel/clock.js';
import { AlipayGateway } from '../../../src/payment/gateway/alipay/alipay.gateway.js';
import type { AttemptRequest } from '../../../src/payment/gateway/gateway.js';
import {
  APP_ID,
  attempt,
  FakeAlipay,
  gatewayAt,
  NOW,
  ours,
  OUT_TRADE_NO,
  SELLER_ID,
  StoppedClock,
  TRADE_NO,
  type Node,
} from './support.js';

const GATEWAY_URL = 'https://openapi.alipay.com/gateway.do';

async function pageOf(request: AttemptRequest, now = NOW): Promise<{ parameters: URLSearchParams; content: Node; url: string }> {
  const outcome = await gatewayAt(GATEWAY_URL, {}, now).pay(request);
  if (outcome.kind !== 'action' || outcome.action.type !== 'redirect') throw new Error('no address to go to');
  const parameters = new URL(outcome.action.url).searchParams;
  return { parameters, content: JSON.parse(parameters.get('biz_content') ?? '') as Node, url: outcome.action.url };
}

describe('Starting a payment at Alipay', () => {
  it('sends the payer to a signed address, and calls nobody', async () => {
    const { parameters, content, url } = await pageOf(attempt);

    expect(url.startsWith(`${GATEWAY_URL}?`)).toBe(true);
    expect(Object.fromEntries(parameters)).toMatchObject({
      app_id: APP_ID,
      method: 'alipay.trade.page.pay',
      format: 'JSON',
      charset: 'utf-8',
      sign_type: 'RSA2',
      timestamp: '2026-01-05 10:11:00',
      version: '1.0',
      notify_url: attempt.notifyUrl,
      return_url: attempt.returnUrl,
    });
    expect(content).toEqual({
      out_trade_no: OUT_TRADE_NO,
      total_amount: '88.88',
      subject: '龙井 500g',
      product_code: 'FAST_INSTANT_TRADE_PAY',
      time_expire: '2026-01-05 10:41:00',
    });
  });

  it('says which methods need no call', () => {
    const gateway = gatewayAt(GATEWAY_URL);
    expect(gateway.methods).toEqual(['page', 'wap', 'app', 'qr']);
    expect(gateway.methods.filter((method) => gateway.signsOnly(method))).toEqual(['page', 'wap', 'app']);
    expect(gateway.signsOnly('constructor')).toBe(false);
  });

  it('leaves what has no value out of the address', async () => {
    const { parameters } = await pageOf({ ...attempt, notifyUrl: '', returnUrl: '' });
    expect([parameters.has('notify_url'), parameters.has('return_url')]).toEqual([false, false]);
  });

  it.each([
    ['a/b=c&d', 'a b c d'],
    ['  line\nbreak\u0000 ', 'line break'],
    ['\ud800broken', 'broken'],
    ['/=&', OUT_TRADE_NO],
    ['茶'.repeat(300), '茶'.repeat(256)],
    ['🍵'.repeat(300), '🍵'.repeat(256)],
  ])('cleans the subject %j', async (subject, cleaned) => {
    expect((await pageOf({ ...attempt, subject })).content['subject']).toBe(cleaned);
  });

  it('gives the payer at least a minute and at most fifteen days', async () => {
    const now = new Date(NOW.getTime() + 1);
    const past = await pageOf({ ...attempt, expiresAt: new Date(NOW.getTime() - SECOND) }, now);
    const soon = await pageOf({ ...attempt, expiresAt: new Date(NOW.getTime() + MINUTE) }, now);
    const far = await pageOf({ ...attempt, expiresAt: new Date('2027-01-01T00:00:00Z') }, now);
    expect([past, soon, far].map(({ content }) => content['time_expire'])).toEqual([
      '2026-01-05 10:12:01',
      '2026-01-05 10:12:01',
      '2026-01-20 10:11:00',
    ]);
  });

  it('treats a method that it does not offer as a defect', async () => {
    await expect(gatewayAt(GATEWAY_URL).pay({ ...attempt, method: '__proto__' })).rejects.toThrow('payment method');
  });

  it('refuses keys of the wrong kind', () => {
    const settings = { gatewayUrl: GATEWAY_URL, appId: APP_ID, sellerId: SELLER_ID };
    const swapped = { ...settings, privateKey: ours.publicKey, alipayPublicKey: ours.privateKey };
    expect(() => new AlipayGateway(swapped, new StoppedClock())).toThrow('private key');
    expect(() => new AlipayGateway({ ...swapped, privateKey: ours.privateKey }, new StoppedClock())).toThrow('public key');
  });

  it('needs to know nothing of the payer', () => {
    const gateway = gatewayAt(GATEWAY_URL);
    expect(gateway.methods.map(() => gateway.needs())).toEqual([[], [], [], []]);
  });
});

describe('Asking Alipay for a QR code', () => {
  let fake: FakeAlipay;
  beforeAll(async () => void (fake = await FakeAlipay.start()));
  beforeEach(() => fake.forget());
  afterAll(() => fake.stop());

  const qr = { ...attempt, method: 'qr' };
  const code = 'https://qr.alipay.com/bax03206ug0kulveltqc80a8';
  const refusal = (sub_code: string, code = '40004') => ({ code, msg: 'Business Failed', sub_code, sub_msg: 'words' });

  async function pay() {
    const gateway = gatewayAt(fake.url);
    const outcome = await gateway.pay(qr);
    await gateway.disconnect();
    return outcome;
  }

  it('hands the code over', async () => {
    fake.answers('alipay.trade.precreate', { code: '10000', msg: 'Success', out_trade_no: OUT_TRADE_NO, qr_code: code });
    expect(await pay()).toEqual({ kind: 'action', action: { type: 'qr_code', codeUrl: code } });
    expect(fake.received[0]?.content).toMatchObject({ product_code: 'QR_CODE_OFFLINE', total_amount: '88.88' });
    expect(fake.received[0]?.query.get('notify_url')).toBe(attempt.notifyUrl);
    expect(fake.received[0]?.query.has('return_url')).toBe(false);
  });

  it.each<[string, Node, string]>([
    ['the code of another trade', { code: '10000', out_trade_no: 'other', qr_code: code }, 'unknown'],
    ['a success without a code', { code: '10000', out_trade_no: OUT_TRADE_NO }, 'unknown'],
    ['a final no', refusal('ACQ.INVALID_PARAMETER'), 'declined'],
    ['a no that is not listed', refusal('ACQ.SOMETHING_NEW'), 'declined'],
    ['a rate limit', refusal('isv.app-call-limited', '40005'), 'not_now'],
    ['a wrong signature of ours', refusal('isv.invalid-signature', '40002'), 'not_now'],
    ['a system error', refusal('ACQ.SYSTEM_ERROR'), 'unknown'],
    ['an outage', refusal('isp.unknow-error', '20000'), 'unknown'],
  ])('on %s', async (_, node, kind) => {
    fake.answers('alipay.trade.precreate', node);
    expect((await pay()).kind).toBe(kind);
    expect(fake.received).toHaveLength(1);
  });

  it.each(['ACQ.TRADE_HAS_SUCCESS', 'ACQ.CONTEXT_INCONSISTENT', 'ACQ.APPLY_PC_MERCHANT_CODE_ERROR'])(
    'asks what became of the number on %s',
    async (subCode) => {
      fake.answers('alipay.trade.precreate', refusal(subCode)).answers('alipay.trade.query', {
        code: '10000',
        out_trade_no: OUT_TRADE_NO,
        trade_no: TRADE_NO,
        trade_status: 'TRADE_SUCCESS',
        total_amount: '88.88',
      });
      expect((await pay()).kind).toBe('succeeded');

      fake.answers('alipay.trade.query', refusal('ACQ.TRADE_NOT_EXIST'));
      expect((await pay()).kind).toBe('unknown');
    },
  );
});
