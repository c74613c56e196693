import type { Answer } from '../support/api-client.js';
import { useWorld, type AttemptBody } from '../support/world.js';
import { expectRefusal, speak, stateOf } from './support.js';

interface Callback {
  readonly id: string;
  readonly verdict: string;
  readonly effect: string;
  readonly reason: string | null;
  readonly [more: string]: unknown;
}

interface Forgery {
  readonly forge?: string;
  readonly tamper?: Record<string, string | null>;
  readonly fields?: Record<string, string | null>;
}

const FORM = 'application/x-www-form-urlencoded';
const garbage = Buffer.from(Array.from({ length: 200 * 1024 }, (_, at) => (at * 7919) % 256));

const BODIES: readonly (readonly [string, string | undefined, string | Buffer | undefined])[] = [
  ['nothing at all', undefined, undefined],
  ['an empty form', FORM, ''],
  ['a form without sign', FORM, 'out_trade_no=1&trade_status=TRADE_SUCCESS&total_amount=1.00'],
  ['a form with an empty sign', FORM, 'out_trade_no=1&sign=&sign_type=RSA2'],
  ['a form with a sign that is no base64', FORM, 'out_trade_no=1&sign=%00%ff***&sign_type=RSA2'],
  ['a form with a long sign', FORM, `out_trade_no=1&sign=${'A'.repeat(100_000)}&sign_type=RSA2`],
  ['another sign type', FORM, 'out_trade_no=1&sign=AAAA&sign_type=RSA'],
  ['repeated fields', FORM, 'sign=a&sign=b&out_trade_no=1&out_trade_no=2'],
  ['names of the language', FORM, '__proto__=1&constructor=2&hasOwnProperty=3&sign=AAAA&sign_type=RSA2'],
  ['NUL', FORM, 'out_trade_no=%00&sign=AAAA&sign_type=RSA2'],
  ['raw NUL bytes', FORM, Buffer.alloc(1_000)],
  ['bad percent encodings', FORM, 'a=%&b=%zz&c=%f&sign=%'],
  ['invalid UTF-8', FORM, Buffer.from([0x61, 0x3d, 0xff, 0xfe, 0xc0, 0x80])],
  ['SQL', FORM, `out_trade_no=' OR 1=1 --&sign=AAAA&sign_type=RSA2`],
  ['lone surrogates', FORM, 'out_trade_no=%ED%A0%80&sign=AAAA&sign_type=RSA2'],
  ['a long trade number', FORM, `out_trade_no=${'9'.repeat(10_000)}&sign=AAAA&sign_type=RSA2`],
  ['an unheard-of charset', FORM, 'charset=klingon&out_trade_no=1&sign=AAAA&sign_type=RSA2'],
  ['fifty thousand fields', FORM, Array.from({ length: 20_000 }, (_, at) => `f${at}=1`).join('&')],
  ['only ampersands', FORM, '&'.repeat(10_000)],
  ['JSON', 'application/json', '{"out_trade_no":"1"}'],
  ['JSON cut short', 'application/json', '{"out_trade_no":'],
  ['XML', 'text/xml', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'],
  ['plain text', 'text/plain', 'success'],
  ['multipart', 'multipart/form-data; boundary=x', '--x\r\ncontent-disposition: form-data; name="sign"\r\n\r\nA\r\n--x--'],
  ['a broken content type', ';;;/', 'sign=a'],
  ['no content type', undefined, 'sign=a&sign_type=RSA2'],
  ['200 KB of garbage', 'application/octet-stream', garbage],
  ['200 KB of garbage as a form', FORM, garbage],
];

describe('A callback that nobody signed', () => {
  const world = useWorld();

  const latest = async (): Promise<Callback | undefined> =>
    (await world.api.get<{ data: Callback[] }>('/v1/callbacks?limit=1')).body.data[0];
  const callBack = (body: string | Buffer | undefined, type: string | undefined, topic = 'payments'): Promise<Answer<unknown>> =>
    speak(world.api.url, {
      method: 'POST',
      path: `/v1/callbacks/alipay/${topic}`,
      ...(type === undefined ? {} : { headers: { 'content-type': type } }),
      ...(body === undefined ? {} : { body }),
    });

  it.each(BODIES)('is refused, kept and without effect: %s', async (_, type, body) => {
    const before = await stateOf(world, ['callbacks']);
    const known = (await latest())?.id;

    const answer = await callBack(body, type);

    expect({ status: answer.status < 500, body: answer.body }).toEqual({ status: true, body: 'fail' });
    const kept = await latest();
    expect(kept?.id).not.toBe(known);
    expect(kept).toMatchObject({ gateway: 'alipay', topic: 'payments', effect: 'none', reason: expect.stringMatching(/./) as string });
    expect(['malformed', 'bad_signature']).toContain(kept?.verdict);
    const detail = (await world.api.get<{ body: string; bodyEncoding: BufferEncoding }>(`/v1/callbacks/${kept?.id}`)).body;
    expect(Buffer.from(detail.body, detail.bodyEncoding)).toEqual(Buffer.from(body ?? ''));
    expect(await stateOf(world, ['callbacks'])).toEqual(before);
  });

  it('keeps no credentials that came with it', async () => {
    await speak(world.api.url, {
      method: 'POST',
      path: '/v1/callbacks/alipay/refunds',
      headers: { authorization: `Bearer ${world.api.apiKey}`, cookie: 'session=1', 'content-type': FORM, 'x-long': 'x'.repeat(10_000) },
      body: 'a=1',
    });

    const { body } = await world.api.get<{ headers: Record<string, string>; topic: string }>(`/v1/callbacks/${(await latest())?.id}`);
    expect(body.topic).toBe('refunds');
    expect(Object.keys(body.headers)).toEqual(expect.not.arrayContaining(['authorization']));
    expect(JSON.stringify(body)).not.toContain(world.api.apiKey);
    expect(body.headers.cookie).toBeUndefined();
  });

  it.each([
    '/v1/callbacks/alipay/other',
    '/v1/callbacks/paypal/payments',
    '/v1/callbacks/constructor/payments',
    '/v1/callbacks/alipay',
    '/v1/callbacks/alipay/payments/1',
    '/v1/callbacks/%00/payments',
    '/v1/callbacks',
  ])('comes to an address that is none: %s', async (path) => {
    const before = await stateOf(world);
    expectRefusal(await speak(world.api.url, { method: 'POST', path, headers: { 'content-type': FORM }, body: 'a=1' }));
    expect(await stateOf(world)).toEqual(before);
  });

  it('is larger than any: 413, and not kept', async () => {
    const before = await stateOf(world);
    expect((await callBack('x'.repeat(1 << 20), FORM)).status).toBe(413);
    expect(await stateOf(world)).toEqual(before);
  });

  describe('of a payment that is waited for', () => {
    let attempt: AttemptBody;
    beforeEach(async () => {
      const sku = `FORGED-${expect.getState().currentTestName?.replaceAll(/\W+/g, '-').slice(-40) ?? ''}`;
      attempt = await world.startPayment(await world.placeOrder({ sku }));
      expect(await world.payer.opensThePage(attempt)).toBeLessThan(400);
    });

    it.each([
      ['another key', { forge: 'other_key' }, 'bad_signature'],
      ['no signature', { forge: 'no_signature' }, 'bad_signature'],
      ['an empty signature', { forge: 'empty_signature' }, 'bad_signature'],
      ['RSA instead of RSA2', { forge: 'sign_type_rsa' }, 'bad_signature'],
      ['an amount changed on the way', { tamper: { total_amount: '0.01' } }, 'bad_signature'],
      ['a field left out on the way', { tamper: { seller_id: null } }, 'bad_signature'],
      ['a field added on the way', { tamper: { extra: '1' } }, 'bad_signature'],
      ['another app', { fields: { app_id: '2021000000000000' } }, 'wrong_app'],
      ['another seller', { fields: { seller_id: '2088999999999999' } }, 'wrong_merchant'],
      ['an amount that is not due', { fields: { total_amount: '0.01' } }, 'verified'],
      ['an amount that is none', { fields: { total_amount: '1e400' } }, 'malformed'],
      ['a negative amount', { fields: { total_amount: '-150.00' } }, 'malformed'],
      ['an order that is nobody’s', { fields: { out_trade_no: '0'.repeat(27) } }, 'verified'],
      ['a trade number with NUL', { fields: { out_trade_no: 'a\0b' } }, undefined],
      ['a trade number of 10,000 letters', { fields: { out_trade_no: 'z'.repeat(10_000) } }, undefined],
      ['a notice id with NUL', { fields: { notify_id: '\0' } }, undefined],
      ['a trade number with NUL, unsigned', { tamper: { out_trade_no: 'a\0b' } }, 'bad_signature'],
    ] as const)('changes nothing with %s', async (_, how: Forgery, verdict) => {
      // What is genuine and does not fit opens a discrepancy, which the timeline tells of, and nothing more.
      const isDiscrepancy = ['wrong_app', 'wrong_merchant'].includes(verdict ?? '') || how.fields?.total_amount === '0.01';
      const beside = isDiscrepancy ? ['callbacks', 'discrepancies', 'events'] : ['callbacks'];
      const before = await stateOf(world, beside);

      const { notices } = await world.payer.notifies(attempt, { tradeStatus: 'TRADE_SUCCESS', ...how });

      expect(notices).toEqual([expect.objectContaining({ body: 'fail' })]);
      expect(notices[0]?.status).toBeLessThan(500);
      expect(await latest()).toMatchObject({ effect: 'none', reason: expect.stringMatching(/./) as string, ...(verdict && { verdict }) });
      expect(await stateOf(world, beside)).toEqual(before);
      expect(await world.order({ id: attempt.orderId })).toMatchObject({
        status: 'pending_payment',
        paymentStatus: 'unpaid',
        amountPaid: 0,
      });
    });
  });
});
