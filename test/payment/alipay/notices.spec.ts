import fc from 'fast-check';
import { createSign } from 'node:crypto';
import { money } from '../../../src/kernel/money.js';
import {
  alipays,
  APP_ID,
  callback,
  gatewayAt,
  NOW,
  noticeFields,
  ours,
  OUT_TRADE_NO,
  REFUND_NO,
  signedNotice,
  signedText,
  strangers,
  TRADE_NO,
} from './support.js';

const gateway = gatewayAt('https://openapi.alipay.com/gateway.do');
const read = (body: string | Buffer) => gateway.readCallback(callback(body));
const verdictOf = async (body: string | Buffer) => {
  const result = await read(body);
  return result.kind === 'rejected' ? result.verdict : result.says;
};

describe('A notice from Alipay', () => {
  it('is read, odd characters and all', async () => {
    expect(await read(signedNotice())).toEqual({
      kind: 'notice',
      noticeId: noticeFields['notify_id'],
      outTradeNo: OUT_TRADE_NO,
      gatewayRef: TRADE_NO,
      says: 'paid',
      amount: money(8_888),
      at: '2026-01-05T02:12:30.000Z',
    });
  });

  const closed = { trade_status: 'TRADE_CLOSED', gmt_payment: undefined, gmt_close: '2026-01-05 10:42:00' };
  const gaveBack = { refund_fee: '10.00', gmt_refund: '2026-01-05 11:00:00.123', out_biz_no: REFUND_NO };

  it.each<[string, Record<string, string | undefined>, object]>([
    ['finished', { trade_status: 'TRADE_FINISHED' }, { says: 'paid' }],
    ['opened', { trade_status: 'WAIT_BUYER_PAY', gmt_payment: undefined }, { says: 'ignored', at: '2026-01-05T02:12:31.000Z' }],
    ['in a state nobody knows', { trade_status: 'TRADE_PENDING' }, { says: 'ignored' }],
    ['closed, never paid', { ...closed, refund_fee: '0.00' }, { says: 'closed', at: '2026-01-05T02:42:00.000Z' }],
    ['partly refunded', gaveBack, { says: 'about_refund', refundNo: REFUND_NO, at: '2026-01-05T03:00:00.000Z', amount: money(8_888) }],
    ['partly refunded, at a time that is none', { ...gaveBack, gmt_refund: '2026-01-05.5 11:00:00' }, { at: '2026-01-05T02:12:31.000Z' }],
    ['partly refunded, the number kept back', { ...gaveBack, out_biz_no: undefined }, { says: 'about_refund' }],
    ['wholly refunded', { ...gaveBack, trade_status: 'TRADE_CLOSED', refund_fee: '88.88' }, { says: 'about_refund', refundNo: REFUND_NO }],
    ['wholly refunded, said by the time of payment alone', { ...closed, gmt_payment: '2026-01-05 10:12:30' }, { says: 'about_refund' }],
    ['wholly refunded, said by the amount alone', { ...closed, refund_fee: '88.88' }, { says: 'about_refund' }],
    ['paid, with a number but nothing given back', { out_biz_no: 'X', refund_fee: '0.00' }, { says: 'paid' }],
    ['paid, with no time of payment', { gmt_payment: undefined }, { says: 'paid', at: '2026-01-05T02:12:31.000Z' }],
    ['paid, with no time at all', { gmt_payment: undefined, notify_time: undefined }, { says: 'paid', at: NOW.toISOString() }],
  ])('about a trade that is %s', async (_, changes, expected) => {
    expect(await read(signedNotice(changes))).toMatchObject({ kind: 'notice', ...expected });
  });

  it('has no refundNo unless it is about a refund', async () => {
    expect(await read(signedNotice({ out_biz_no: 'X' }))).not.toHaveProperty('refundNo');
  });

  it('may have been signed with its empty fields or without them', async () => {
    const withEmpty = { body: '', passback_params: '' };
    const fields = { ...noticeFields, ...withEmpty };
    const dropped = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
    const signed = (text: string) => createSign('RSA-SHA256').update(text).sign(alipays.privateKey, 'base64');
    for (const text of [signedText(fields), signedText(dropped)]) {
      expect(await verdictOf(new URLSearchParams({ ...fields, sign: signed(text), sign_type: 'RSA2' }).toString())).toBe('paid');
    }
  });

  it('may be in GBK, and is signed over those bytes', async () => {
    const gbk = Buffer.from('c1fabeae', 'hex'); // 龙井
    const fields = { ...noticeFields, charset: 'GBK', subject: '\u0000' };
    const [before = '', after = ''] = signedText(fields).split('\u0000');
    const sign = createSign('RSA-SHA256')
      .update(Buffer.concat([Buffer.from(before), gbk, Buffer.from(after)]))
      .sign(alipays.privateKey, 'base64');
    const body = new URLSearchParams({ ...fields, sign }).toString().replace('%00', '%C1%FA%BE%AE');
    expect(await verdictOf(body)).toBe('paid');
    expect(await verdictOf(body.replace('%C1%FA', '%C1%FB'))).toBe('bad_signature');
  });

  it('may leave sign_type out, which is not signed', async () => {
    expect(await verdictOf(signedNotice().replace('&sign_type=RSA2', ''))).toBe('paid');
  });
});

describe('A callback that is not to be believed', () => {
  const signature = /sign=[^&]+/;
  const sha1 = createSign('RSA-SHA1').update(signedText(noticeFields)).sign(alipays.privateKey, 'base64');

  it.each<[string, string, string]>([
    ['of a stranger', signedNotice({}, strangers.privateKey), 'bad_signature'],
    ["signed with the merchant's own key", signedNotice({}, ours.privateKey), 'bad_signature'],
    ['without a signature', signedNotice().replace(/&sign=[^&]+/, ''), 'bad_signature'],
    ['with an empty signature', signedNotice().replace(signature, 'sign='), 'bad_signature'],
    ['with a signature that is no base64', signedNotice().replace(signature, 'sign=%00'), 'bad_signature'],
    ['that says it is RSA', signedNotice().replace('sign_type=RSA2', 'sign_type=RSA'), 'bad_signature'],
    [
      'in SHA-1, as alipay-sdk would accept',
      new URLSearchParams({ ...noticeFields, sign_type: 'RSA', sign: sha1 }).toString(),
      'bad_signature',
    ],
    [
      'in SHA-1 under the name of RSA2',
      new URLSearchParams({ ...noticeFields, sign_type: 'RSA2', sign: sha1 }).toString(),
      'bad_signature',
    ],
    ['with a field more', `${signedNotice()}&extra=1`, 'bad_signature'],
    ['with a field less', signedNotice().replace(/&subject=[^&]+/, ''), 'bad_signature'],
    ['of another app', signedNotice({ app_id: '2021000000000000' }), 'wrong_app'],
    ['of no app', signedNotice({ app_id: undefined }), 'wrong_app'],
    ['on behalf of another app', signedNotice({ auth_app_id: '2021000000000000' }), 'wrong_app'],
    ['of another seller', signedNotice({ seller_id: '2088000000000000' }), 'wrong_merchant'],
    ['of no seller', signedNotice({ seller_id: undefined }), 'wrong_merchant'],
    ['without an amount', signedNotice({ total_amount: undefined }), 'malformed'],
    ['with three decimals', signedNotice({ total_amount: '88.888' }), 'malformed'],
    ['with an unreadable refund', signedNotice({ refund_fee: 'all' }), 'malformed'],
    ['without a status', signedNotice({ trade_status: undefined }), 'malformed'],
    ['without an id', signedNotice({ notify_id: undefined }), 'malformed'],
    ['without our number', signedNotice({ out_trade_no: undefined }), 'malformed'],
    ["without Alipay's number", signedNotice({ trade_no: '' }), 'malformed'],
    ['with a field twice', `${signedNotice()}&total_amount=88.88`, 'malformed'],
    ['with a percent sign alone', signedNotice().replace('subject=', 'subject=%zz'), 'malformed'],
    ['in bytes that are no UTF-8', signedNotice().replace('subject=', 'subject=%FF'), 'malformed'],
    ['in a charset of its own', signedNotice().replace('charset=utf-8', 'charset=utf-7'), 'malformed'],
    ['with a field that has no value', `${signedNotice()}&extra`, 'malformed'],
    ['with a field that has no name', `${signedNotice()}&=1`, 'malformed'],
    ['with two hundred fields', Array.from({ length: 200 }, (_, at) => `f${at}=1`).join('&'), 'malformed'],
    ['of a megabyte', `a=${'1'.repeat(1024 * 1024)}`, 'malformed'],
    ['of nothing', '', 'malformed'],
    ['in JSON', JSON.stringify(noticeFields), 'malformed'],
    ['with a name from the prototype', '__proto__=1&constructor=2', 'bad_signature'],
  ])('%s', async (_, body, verdict) => {
    const result = await read(body);
    expect(result).toMatchObject({ kind: 'rejected', verdict });
  });

  it('keeps the number it claims, if it could be one', async () => {
    expect(await read(signedNotice({}, strangers.privateKey))).toMatchObject({ outTradeNo: OUT_TRADE_NO });
    for (const out_trade_no of ["';--", '<script>', 'x'.repeat(65), '', 'line\nbreak', 'line\n']) {
      expect(await read(signedNotice({ out_trade_no }, strangers.privateKey))).not.toHaveProperty('outTradeNo');
    }
  });

  it('gives reasons that quote nothing of the body', async () => {
    const result = await read(signedNotice({ subject: 'CANARY', app_id: 'CANARY', charset: 'utf-8' }));
    expect(JSON.stringify(result)).not.toContain('CANARY');
  });

  it('is refused with any one character changed', async () => {
    const body = signedNotice({ ...noticeFields, refund_fee: '10.00', out_biz_no: REFUND_NO });
    const said = new URLSearchParams(body).toString();
    const position = fc.integer({ min: 0, max: body.length - 1 });
    const character = fc.oneof(
      fc.integer({ min: 0x20, max: 0x7e }),
      fc.integer({ min: 0, max: 0xff }),
      fc.constantFrom(...Buffer.from('0123456789ABCDEF%&=+')),
    );
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(position, character, async (at, code) => {
        const bytes = Buffer.from(body);
        bytes[at] = code;
        // `%3a` for `%3A` is the same message in other words, by RFC 3986, and the only such change there is.
        fc.pre(new URLSearchParams(bytes.toString('latin1')).toString() !== said);
        expect((await read(bytes)).kind).toBe('rejected');
        refused += 1;
      }),
      { seed: 20260105, numRuns: 1_000 },
    );
    expect(refused).toBe(1_000);
  });

  it('never throws, whatever the bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect((await read(Buffer.from(bytes))).kind).toBe('rejected');
      }),
      { seed: 20260105, numRuns: 300 },
    );
  });
});

it('Alipay is answered in the one word that stops it, or in one that does not', () => {
  const plain = { status: 200, contentType: 'text/plain; charset=utf-8' };
  expect(gateway.acknowledged).toEqual({ ...plain, body: 'success' });
  expect(gateway.refused).toEqual({ ...plain, body: 'fail' });
  expect(APP_ID).toBe(noticeFields['auth_app_id']);
});
