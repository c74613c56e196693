import fc from 'fast-check';
import { money } from '../../../src/kernel/money.js';
import type { RawCallback } from '../../../src/payment/gateway/gateway.js';
import {
  API_V3_KEY,
  APP_ID,
  callback,
  gatewayAt,
  MCH_ID,
  NOTICE_ID,
  NOW,
  order,
  ours,
  OUT_TRADE_NO,
  paymentNotice,
  PUBLIC_KEY_ID,
  REFUND_NO,
  refundNotice,
  sealed,
  strangers,
  TRANSACTION_ID,
  wechat,
  type Node,
} from './support.js';

// Port 9 answers nobody: a notice in public-key mode needs no call, and a mutation that wants certificates gets none.
const gateway = gatewayAt('http://127.0.0.1:9', { connectTimeout: 500, totalTimeout: 500 });
const read = (message: RawCallback) => gateway.readCallback(message);
const signed = (text: string) => callback(text);
const changed = (message: RawCallback, headers: Readonly<Record<string, string | undefined>>): RawCallback => {
  const merged = Object.entries({ ...message.headers, ...headers }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...message, headers: Object.fromEntries(merged) };
};
const seconds = (by: number) => String(NOW.getTime() / 1000 + by);

afterAll(() => gateway.disconnect());

describe('A notice from WeChat Pay', () => {
  it('of a payment is read', async () => {
    expect(await read(paymentNotice())).toEqual({
      kind: 'notice',
      noticeId: NOTICE_ID,
      outTradeNo: OUT_TRADE_NO,
      gatewayRef: TRANSACTION_ID,
      says: 'paid',
      amount: money(8_888),
      at: '2026-01-05T02:12:30.000Z',
    });
  });

  it.each(['REFUND.SUCCESS', 'REFUND.ABNORMAL', 'REFUND.CLOSED'])('%s is read', async (event) => {
    expect(await read(refundNotice({ resource: { refund_status: event.slice(7) } }, event))).toEqual({
      kind: 'notice',
      noticeId: NOTICE_ID,
      outTradeNo: OUT_TRADE_NO,
      refundNo: REFUND_NO,
      gatewayRef: TRANSACTION_ID,
      says: 'about_refund',
      amount: money(8_888),
      at: '2026-01-05T03:00:03.000Z',
    });
  });

  const amount = (changes: Node) => ({ amount: { ...(order['amount'] as Node), ...changes } });

  it.each<[string, Node, object]>([
    ['paid, and partly given back since', { trade_state: 'REFUND' }, { says: 'paid' }],
    ['open after all', { trade_state: 'NOTPAY' }, { says: 'ignored' }],
    ['paid in another currency', amount({ currency: 'HKD' }), { says: 'paid', amount: money(8_888, 'HKD') }],
    ['paid in no currency', amount({ currency: undefined }), { says: 'paid', amount: money(8_888) }],
    ['paid less', amount({ total: 1 }), { says: 'paid', amount: money(1) }],
    ['paid, at a time that is kept back', { success_time: undefined }, { says: 'paid', at: '2026-01-05T02:12:31.000Z' }],
    ['paid, with a field that nobody knows yet', { promotion: [{ amount: 1 }] }, { says: 'paid' }],
  ])('says of an order that it is %s', async (_, resource, expected) => {
    expect(await read(paymentNotice({ resource }))).toMatchObject({ kind: 'notice', ...expected });
  });

  it('with no time at all has that of its arrival', async () => {
    const message = paymentNotice({ resource: { success_time: undefined }, envelope: { create_time: 'today' } });
    expect(await read(message)).toMatchObject({ at: NOW.toISOString() });
  });

  it.each([-300, -299, 0, 300])('may have been signed %i seconds from now', async (by) => {
    expect((await read(paymentNotice({ at: new Date(NOW.getTime() + by * 1000) }))).kind).toBe('notice');
  });

  it('may have 64 KiB, and may have been sealed with nothing beside it', async () => {
    const longest = Buffer.alloc(64 * 1024, ' ');
    paymentNotice().body.copy(longest);
    expect((await read(callback(longest))).kind).toBe('notice');
    expect(await read(callback(Buffer.concat([longest, Buffer.from(' ')])))).toMatchObject({ reason: 'the body is too long' });
    const { associated_data, ...resource } = sealed(JSON.stringify(order), '');
    expect(associated_data).toBe('');
    expect((await read(paymentNotice({ envelope: { resource } }))).kind).toBe('notice');
  });

  it.each<[string, (name: string) => RawCallback, readonly string[], readonly string[]]>([
    [
      'an order',
      (out_trade_no) => paymentNotice({ resource: { out_trade_no } }),
      ['x'.repeat(6), 'aZ_-|*09', 'x'.repeat(32)],
      ['x'.repeat(5), 'x'.repeat(33), ' xxxxxx', 'xxxxxx\n', 'xxx@xxx'],
    ],
    [
      'a refund',
      (out_refund_no) => refundNotice({ resource: { out_refund_no } }),
      ['x', 'aZ_-|*@09', 'x'.repeat(64)],
      ['', 'x'.repeat(65), ' x', 'x\n'],
    ],
    ['itself', (id) => paymentNotice({ envelope: { id } }), ['x', '!~', 'x'.repeat(64)], ['', 'x'.repeat(65), ' x', 'x\n']],
  ])('has to number %s as WeChat Pay does', async (_, numbered, good, bad) => {
    for (const number of good) expect((await read(numbered(number))).kind).toBe('notice');
    for (const number of bad) expect(await read(numbered(number))).toMatchObject({ verdict: 'malformed' });
  });

  it('need not say its kind of signature', async () => {
    expect((await read(changed(paymentNotice(), { 'wechatpay-signature-type': undefined }))).kind).toBe('notice');
  });

  it('is told from others, and answered, as WeChat Pay expects', () => {
    expect(gateway.claims(paymentNotice())).toBe('yes');
    expect(gateway.acknowledged).toEqual({ status: 200, contentType: 'application/json', body: '' });
    expect(gateway.refused).toMatchObject({ status: 400, contentType: 'application/json' });
    expect(JSON.parse(gateway.refused.body)).toEqual({ code: 'FAIL', message: '失败' });
  });
});

describe('A callback that is not to be believed', () => {
  const genuine = paymentNotice();
  const text = genuine.body.toString();
  const sha = (type: string) => changed(genuine, { 'wechatpay-signature-type': type });
  const amount = (changes: Node) => ({ amount: { ...(order['amount'] as Node), ...changes } });

  it.each<[string, RawCallback, string]>([
    ['of a stranger', paymentNotice({ signer: { ...wechat, key: strangers.privateKey } }), 'bad_signature'],
    ["signed with the merchant's own key", paymentNotice({ signer: { ...wechat, key: ours.privateKey } }), 'bad_signature'],
    ['without a signature', changed(genuine, { 'wechatpay-signature': undefined }), 'bad_signature'],
    ['with an empty signature', changed(genuine, { 'wechatpay-signature': '' }), 'bad_signature'],
    ['with a signature that is no base64', changed(genuine, { 'wechatpay-signature': '\u0000' }), 'bad_signature'],
    ['with a probing signature', changed(genuine, { 'wechatpay-signature': 'WECHATPAY/SIGNTEST/aGVsbG8=' }), 'bad_signature'],
    ['without a timestamp', changed(genuine, { 'wechatpay-timestamp': undefined }), 'bad_signature'],
    ['without a nonce', changed(genuine, { 'wechatpay-nonce': '' }), 'bad_signature'],
    ['without a serial number', changed(genuine, { 'wechatpay-serial': undefined }), 'bad_signature'],
    ['with no headers', { ...genuine, headers: {} }, 'bad_signature'],
    ['that names SM2', sha('WECHATPAY2-SM2-WITH-SM3'), 'bad_signature'],
    ['that names SHA-1', sha('WECHATPAY2-SHA1-RSA2048'), 'bad_signature'],
    ['signed 301 seconds ago', paymentNotice({ at: new Date(NOW.getTime() - 301_000) }), 'expired'],
    ['signed 301 seconds from now', paymentNotice({ at: new Date(NOW.getTime() + 301_000) }), 'expired'],
    ['with a time that is none', changed(genuine, { 'wechatpay-timestamp': 'now' }), 'expired'],
    ['with a time behind something', changed(genuine, { 'wechatpay-timestamp': `+${seconds(0)}` }), 'expired'],
    ['with a time before something', changed(genuine, { 'wechatpay-timestamp': `${seconds(0)}.` }), 'expired'],
    ['with a time that JavaScript would read', changed(genuine, { 'wechatpay-timestamp': `${seconds(0)}e0` }), 'expired'],
    ['with an endless time', changed(genuine, { 'wechatpay-timestamp': '9'.repeat(400) }), 'expired'],
    ['with a later time than was signed', changed(genuine, { 'wechatpay-timestamp': seconds(1) }), 'bad_signature'],
    ['under an unknown key', changed(genuine, { 'wechatpay-serial': 'PUB_KEY_ID_1' }), 'unknown_key'],
    ['under an unknown certificate', changed(genuine, { 'wechatpay-serial': '5'.repeat(40) }), 'unknown_key'],
    ['under a name from the prototype', changed(genuine, { 'wechatpay-serial': '__proto__' }), 'unknown_key'],
    ['written anew', { ...genuine, body: Buffer.from(JSON.stringify(JSON.parse(text), null, 1)) }, 'bad_signature'],
    ['with a space more', { ...genuine, body: Buffer.from(`${text} `) }, 'bad_signature'],
    ['of nothing', { ...genuine, body: Buffer.alloc(0) }, 'bad_signature'],
    ['of 65 KiB', { ...genuine, body: Buffer.alloc(65 * 1024 + 1, 0x20) }, 'malformed'],
    ['of a gigabyte in words', { ...genuine, body: Buffer.alloc(8 * 1024 * 1024, 0x5b) }, 'malformed'],
    ['with the resource of another envelope', { ...paymentNotice(), body: refundNotice().body }, 'bad_signature'],
    ['encrypted under another API v3 key', paymentNotice({ apiV3Key: 'x'.repeat(32) }), 'undecryptable'],
    ['without a ciphertext', signed('{"id":"1","resource":{"algorithm":"AEAD_AES_256_GCM"}}'), 'undecryptable'],
    ['with another cipher', signed('{"id":"1","resource":{"algorithm":"AEAD_SM4_GCM"}}'), 'undecryptable'],
    [
      'that says another cipher than it was encrypted with',
      paymentNotice({ envelope: { resource: { ...sealed(JSON.stringify(order), 'x'), algorithm: 'AEAD_AES_128_GCM' } } }),
      'undecryptable',
    ],
    ['without a resource', signed('{"id":"1"}'), 'malformed'],
    ['of another shape', signed('[]'), 'malformed'],
    ['of null', signed('null'), 'malformed'],
    ['that is no JSON', signed('<xml></xml>'), 'malformed'],
    ['that is nested without end', signed('['.repeat(60_000)), 'malformed'],
    ['in bytes that are no UTF-8', callback(Buffer.from([0x7b, 0xff, 0x7d])), 'malformed'],
    ['that carries no object', signed(JSON.stringify({ id: '1', resource: sealed('1', 'transaction') })), 'malformed'],
    ['of another merchant', paymentNotice({ resource: { mchid: '1900000000' } }), 'wrong_merchant'],
    ['of no merchant', paymentNotice({ resource: { mchid: undefined, sp_mchid: MCH_ID } }), 'wrong_merchant'],
    ['of another app', paymentNotice({ resource: { appid: 'wx0000000000000000' } }), 'wrong_app'],
    ['of no app', paymentNotice({ resource: { appid: undefined } }), 'wrong_app'],
    ["of another merchant's refund", refundNotice({ resource: { mchid: '1900000000' } }), 'wrong_merchant'],
    ['about something else', paymentNotice({ envelope: { event_type: 'PAYSCORE.USER_OPEN_SERVICE' } }), 'malformed'],
    ['about something else, as if it were a refund', refundNotice({}, 'PAYSCORE.USER_OPEN_SERVICE'), 'malformed'],
    ["of a refund without WeChat Pay's number", refundNotice({ resource: { transaction_id: undefined } }), 'malformed'],
    ['about nothing', paymentNotice({ envelope: { event_type: undefined } }), 'malformed'],
    ['without an id', paymentNotice({ envelope: { id: undefined } }), 'malformed'],
    ['with an id that is none', paymentNotice({ envelope: { id: 'a b' } }), 'malformed'],
    ['without our number', paymentNotice({ resource: { out_trade_no: '' } }), 'malformed'],
    ['with a number that is none of ours', paymentNotice({ resource: { out_trade_no: 'x\u0000yyyyyy' } }), 'malformed'],
    ["without WeChat Pay's number", paymentNotice({ resource: { transaction_id: undefined } }), 'malformed'],
    ['without a state', paymentNotice({ resource: { trade_state: undefined } }), 'malformed'],
    ['without an amount', paymentNotice({ resource: { amount: undefined } }), 'malformed'],
    ['with an amount in words', paymentNotice({ resource: amount({ total: '8888' }) }), 'malformed'],
    ['with half a fen', paymentNotice({ resource: amount({ total: 0.5 }) }), 'malformed'],
    ['with an amount below zero', paymentNotice({ resource: amount({ total: -1 }) }), 'malformed'],
    ['with an amount beyond counting', paymentNotice({ resource: amount({ total: 1e300 }) }), 'malformed'],
    ['with a currency that is none', paymentNotice({ resource: amount({ currency: {} }) }), 'malformed'],
    ['of a refund without its number', refundNotice({ resource: { out_refund_no: undefined } }), 'malformed'],
    ['of a refund without its state', refundNotice({ resource: { refund_status: undefined } }), 'malformed'],
  ])('%s', async (_, message, verdict) => {
    expect(await read(message)).toMatchObject({ kind: 'rejected', verdict });
  });

  it('says that its signature is a probe only where it is one', async () => {
    const reasonOf = async (signature: string) => {
      const answer = await read(changed(genuine, { 'wechatpay-signature': signature }));
      return answer.kind === 'rejected' ? answer.reason : undefined;
    };
    expect(await reasonOf('WECHATPAY/SIGNTEST/aGVsbG8=')).toBe("the signature is WeChat Pay's probe, which is to be refused");
    for (const signature of ['aGVsbG8=', 'aWECHATPAY/SIGNTEST/']) expect(await reasonOf(signature)).toBe('the signature does not fit');
  });

  it('of another order does not become this one: what it names is its own', async () => {
    expect(await read(paymentNotice({ resource: { out_trade_no: 'another000000000000000000002' } }))).toMatchObject({
      outTradeNo: 'another000000000000000000002',
    });
  });

  it('keeps the number it claims once it was decrypted, if it could be one', async () => {
    const elsewhere = { mchid: '1900000000' };
    expect(await read(paymentNotice({ resource: elsewhere }))).toMatchObject({ outTradeNo: OUT_TRADE_NO });
    for (const out_trade_no of ["';--", '<script>', 'x'.repeat(65), '', 'line\nbreak', 'a23456\n', 1, null, {}]) {
      expect(await read(paymentNotice({ resource: { ...elsewhere, out_trade_no } }))).not.toHaveProperty('outTradeNo');
    }
  });

  it('gives reasons that quote nothing of it and no secret', async () => {
    const canary = { appid: 'CANARY', attach: 'CANARY' };
    const messages = [
      paymentNotice({ resource: canary }),
      paymentNotice({ resource: { mchid: 'CANARY' } }),
      changed(genuine, { 'wechatpay-serial': 'CANARY' }),
      changed(genuine, { 'wechatpay-signature-type': 'CANARY', 'wechatpay-timestamp': 'CANARY' }),
      paymentNotice({ envelope: { event_type: 'CANARY' } }),
    ];
    for (const message of messages) {
      const result = JSON.stringify(await read(message));
      expect(result).toContain('rejected');
      expect(result).not.toMatch(new RegExp(`CANARY|${API_V3_KEY}`));
    }
  });

  it('is refused with any one character of the body changed', async () => {
    let refused = 0;
    const position = fc.integer({ min: 0, max: genuine.body.length - 1 });
    await fc.assert(
      fc.asyncProperty(position, fc.integer({ min: 0, max: 0xff }), async (at, code) => {
        fc.pre(genuine.body[at] !== code);
        const body = Buffer.from(genuine.body);
        body[at] = code;
        expect(await read({ ...genuine, body })).toMatchObject({ kind: 'rejected', verdict: 'bad_signature' });
        refused += 1;
      }),
      { seed: 20260105, numRuns: 500 },
    );
    expect(refused).toBe(500);
  });

  it('is refused with any one character of its headers changed', async () => {
    let refused = 0;
    const name = fc.constantFrom(
      'wechatpay-timestamp',
      'wechatpay-nonce',
      'wechatpay-serial',
      'wechatpay-signature',
      'wechatpay-signature-type',
    );
    const character = fc.oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.constantFrom(...Buffer.from('0123456789ABCDEFabcdef+/=')));
    await fc.assert(
      fc.asyncProperty(name, fc.nat(), character, async (header, spot, code) => {
        const value = genuine.headers[header] ?? '';
        const at = spot % value.length;
        fc.pre(value.charCodeAt(at) !== code);
        const other = value.slice(0, at) + String.fromCharCode(code) + value.slice(at + 1);
        expect((await read(changed(genuine, { [header]: other }))).kind).toBe('rejected');
        refused += 1;
      }),
      { seed: 20260105, numRuns: 500 },
    );
    expect(refused).toBe(500);
  });

  it('is refused with bytes dropped, doubled or exchanged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.constantFrom('drop', 'double', 'cut'), async (one, other, how) => {
        const [from = 0, to = 0] = [one % genuine.body.length, other % genuine.body.length].sort((left, right) => left - right);
        fc.pre(from < to);
        const [before, middle, after] = [genuine.body.subarray(0, from), genuine.body.subarray(from, to), genuine.body.subarray(to)];
        const parts = { drop: [before, after], double: [before, middle, middle, after], cut: [before] }[how];
        expect((await read({ ...genuine, body: Buffer.concat(parts) })).kind).toBe('rejected');
      }),
      { seed: 20260105, numRuns: 300 },
    );
  });

  it('is refused, and quickly, whatever the bytes and the headers are', async () => {
    const headers = fc.dictionary(
      fc.constantFrom(...Object.keys(genuine.headers), '__proto__', 'constructor'),
      fc.string({ unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), headers, fc.boolean(), async (bytes, strange, isSigned) => {
        const message = isSigned ? callback(Buffer.from(bytes)) : { ...genuine, headers: strange, body: Buffer.from(bytes) };
        expect((await read(message)).kind).toBe('rejected');
      }),
      { seed: 20260105, numRuns: 300 },
    );
  });
});

it('The notices above are for this account, or the cases would prove nothing', () => {
  expect([order['mchid'], order['appid'], wechat.serial]).toEqual([MCH_ID, APP_ID, PUBLIC_KEY_ID]);
});
