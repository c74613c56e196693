import { createHash, createVerify, X509Certificate } from 'node:crypto';
import { money } from '../../../src/kernel/money.js';
import type { AttemptRequest } from '../../../src/payment/gateway/gateway.js';
import type { UnionpayGateway } from '../../../src/payment/gateway/unionpay/unionpay.gateway.js';
import { authority, type Authority } from './authority.js';
import { attempt, GATEWAY_URL, gatewayAt, MER_ID, MovableClock, OUT_TRADE_NO, signedText, type Values } from './support.js';

describe('Starting a payment at UnionPay', () => {
  let world: Authority;
  let gateway: UnionpayGateway;
  const clock = new MovableClock();
  beforeAll(async () => {
    world = await authority();
    gateway = gatewayAt(world, GATEWAY_URL, clock);
  });

  async function formOf(request: AttemptRequest): Promise<{ url: string; fields: Values }> {
    const outcome = await gateway.pay(request);
    if (outcome.kind !== 'action' || outcome.action.type !== 'form') throw new Error('no form');
    return outcome.action;
  }

  it('hands the payer a signed form, and calls nobody', async () => {
    const { url, fields } = await formOf(attempt);
    expect(url).toBe('https://gateway.95516.com/gateway/api/frontTransReq.do');
    expect(fields).toEqual({
      version: '5.1.0',
      encoding: 'UTF-8',
      signMethod: '01',
      bizType: '000201',
      accessType: '0',
      txnType: '01',
      txnSubType: '01',
      channelType: '07',
      merId: MER_ID,
      orderId: OUT_TRADE_NO,
      txnTime: '20260105101112',
      txnAmt: '8888',
      currencyCode: '156',
      frontUrl: 'https://shop.example.com/orders/1?a=1&b=2',
      backUrl: 'https://shop.example.com/v1/callbacks/unionpay',
      payTimeout: '20260105104112',
      certId: String(0x1002653215),
      signature: expect.any(String) as unknown,
    });
    const digest = createHash('sha256').update(signedText(fields)).digest('hex');
    const { publicKey } = new X509Certificate(world.merchant.certificate);
    expect(
      createVerify('RSA-SHA256')
        .update(digest)
        .verify(publicKey, fields['signature'] ?? '', 'base64'),
    ).toBe(true);
  });

  it('names the payment by when it was started, whatever time it is', async () => {
    clock.moveTo('2026-01-05T02:39:59Z');
    expect((await formOf(attempt)).fields['txnTime']).toBe('20260105101112');
  });

  it.each([undefined, ''])('comes back to the host of the notices where no page is named (%j)', async (returnUrl) => {
    const nowhere = Object.entries({ ...attempt, returnUrl }).filter(([, value]) => value !== undefined);
    const request = Object.fromEntries(nowhere) as unknown as AttemptRequest;
    expect((await formOf(request)).fields['frontUrl']).toBe('https://shop.example.com/');
  });

  it('has one method, which needs nothing of the payer', () => {
    expect(gateway.methods).toEqual(['page']);
    expect([gateway.needs(), gateway.signsOnly('page'), gateway.signsOnly('constructor')]).toEqual([[], true, false]);
  });

  it('treats what it does not offer, another currency and no amount as defects', async () => {
    await expect(gateway.pay({ ...attempt, method: 'app' })).rejects.toThrow('payment method');
    await expect(gateway.pay({ ...attempt, amount: money(1, 'USD') })).rejects.toThrow('takes yuan');
    await expect(gateway.pay({ ...attempt, amount: money(0) })).rejects.toThrow('positive');
    await expect(gateway.pay({ ...attempt, amount: money(1_000_000_000_000) })).rejects.toThrow('twelve digits');
  });
});
