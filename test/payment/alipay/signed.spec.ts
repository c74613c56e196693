import { money } from '../../../src/kernel/money.js';
import { toYuan } from '../../../src/payment/gateway/alipay/amounts.js';
import { claimsToBeFor, signatureFlaw } from '../../../src/payment/gateway/alipay/notices.js';
import { noticeContent, requestContent, signRequest } from '../../../src/payment/gateway/alipay/signing.js';
import { parseForm } from '../../../src/payment/gateway/form.js';
import { verify } from '../../../src/payment/gateway/rsa.js';
import { alipays, APP_ID, callback, gatewayAt, noticeFields, ours, rsa2, signedNotice, signedText, strangers } from './support.js';

const gateway = gatewayAt('https://openapi.alipay.com/gateway.do');
const read = (body: string) => gateway.readCallback(callback(body));

describe('What Alipay signs', () => {
  const parameters = new Map([
    ['sign_type', 'RSA2'],
    ['b', ''],
    ['sign', 'old'],
    ['a_c', '1'],
    ['aB', '2'],
  ]);

  it('is every parameter but the signature, without the empty ones, by ASCII', async () => {
    expect(requestContent(parameters)).toBe('aB=2&a_c=1&sign_type=RSA2');
    const signed = await signRequest(new Map([...parameters].filter(([name]) => name !== 'sign')), ours.privateKey);
    expect([...signed.keys()].at(-1)).toBe('sign');
    expect(await verify('aB=2&a_c=1&sign_type=RSA2', signed.get('sign') ?? '', ours.publicKey)).toBe(true);
  });

  it('is of a notice every field but the signature and its type, with the empty ones or without', () => {
    const fields = new Map([...parameters].map(([name, value]) => [name, Buffer.from(value)]));
    expect(noticeContent(fields, 'dropped').toString()).toBe('aB=2&a_c=1');
    expect(noticeContent(fields, 'kept').toString()).toBe('aB=2&a_c=1&b=');
  });

  it.each([0.5, 0, -1])('is never %p fen', (amount) => {
    expect(() => toYuan({ ...money(1), amount })).toThrow(/positive number of fen/);
  });
});

describe('A notice that is not Alipay’s', () => {
  it.each(['', '&extra=', '&a=&b='])('is refused with `%s` behind it', async (more) => {
    const forged = signedNotice({}, strangers.privateKey);
    expect(await read(forged + more)).toMatchObject({ kind: 'rejected', verdict: 'bad_signature', reason: 'the signature does not fit' });
  });

  it('is refused with its empty fields signed by nobody', async () => {
    const fields = { ...noticeFields, body: '' };
    const body = new URLSearchParams({ ...fields, sign: rsa2(signedText(fields), strangers.privateKey) }).toString();
    expect(await read(body)).toMatchObject({ verdict: 'bad_signature' });
  });

  it('is refused without a signature, for that reason', async () => {
    for (const sign of [undefined, '']) {
      const fields = { ...noticeFields, ...(sign === undefined ? {} : { sign }) };
      expect(await read(new URLSearchParams(fields).toString())).toMatchObject({ verdict: 'bad_signature', reason: 'sign is missing' });
    }
    expect(await read(`${new URLSearchParams(noticeFields).toString()}&sign_type=RSA&sign=x`)).toMatchObject({
      reason: 'sign_type is not RSA2',
    });
  });

  it('has a flaw before anybody looks for a key', async () => {
    const form = (body: string) => {
      const parsed = parseForm(Buffer.from(body), 'charset');
      if (typeof parsed === 'string') throw new Error(parsed);
      return parsed;
    };
    expect(await signatureFlaw(form(signedNotice()), [alipays.publicKey])).toBe(undefined);
    expect(await signatureFlaw(form(signedNotice().replace('sign_type=RSA2', 'sign_type=RSA')), [alipays.publicKey])).toBe(
      'sign_type is not RSA2',
    );
    expect(await signatureFlaw(form(signedNotice().replace(/&sign=[^&]+/, '')), [alipays.publicKey])).toBe('sign is missing');
  });

  it('is kept without a number where it names none that could be ours', async () => {
    const without = Object.fromEntries(Object.entries(noticeFields).filter(([name]) => name !== 'out_trade_no'));
    for (const fields of [
      without,
      { ...without, out_trade_no: 'x'.repeat(65) },
      { ...without, out_trade_no: 'a b' },
      { ...without, out_trade_no: '' },
    ]) {
      expect(await read(new URLSearchParams(fields).toString())).not.toHaveProperty('outTradeNo');
    }
    const longest = 'x'.repeat(64);
    expect(await read(new URLSearchParams({ ...without, out_trade_no: longest }).toString())).toMatchObject({ outTradeNo: longest });
  });
});

describe('A notice that is Alipay’s', () => {
  it('says whom it is for, before anything of it is believed', () => {
    expect(claimsToBeFor(APP_ID, Buffer.from(signedNotice()))).toBe(true);
    expect(claimsToBeFor('2021000000000000', Buffer.from(signedNotice()))).toBe(false);
    expect(claimsToBeFor(APP_ID, Buffer.from('no form'))).toBe(false);
    expect(claimsToBeFor(APP_ID, Buffer.from('a=1'))).toBe(false);
  });

  it.each<[string, Record<string, string | undefined>, object]>([
    ['without the application that it acts for', { auth_app_id: undefined }, { says: 'paid' }],
    ['without an amount', { total_amount: undefined }, { verdict: 'malformed' }],
    ['that gave back one fen', { refund_fee: '0.01', out_biz_no: 'R' }, { says: 'about_refund' }],
    ['that gave back one fen, said by its time', { refund_fee: '0.01', gmt_refund: '2026-01-05 11:00:00.123' }, { says: 'about_refund' }],
    ['that gave something back and names no refund', { refund_fee: '10.00' }, { says: 'paid' }],
    [
      'that is closed, said to be given back by its time alone',
      { trade_status: 'TRADE_CLOSED', gmt_payment: undefined, gmt_refund: '2026-01-05 11:00:00.123' },
      { says: 'about_refund' },
    ],
    ['with a time that is none', { gmt_payment: '2026-01-05 10:12:30.1234' }, { says: 'paid', at: '2026-01-05T02:12:31.000Z' }],
    ['with a time that ends with a point', { gmt_payment: '2026-01-05 10:12:30.' }, { says: 'paid', at: '2026-01-05T02:12:31.000Z' }],
    ['with a time that goes on', { gmt_payment: '2026-01-05 10:12:30.1x' }, { says: 'paid', at: '2026-01-05T02:12:31.000Z' }],
  ])('%s', async (_, changes, expected) => {
    expect(await read(signedNotice(changes))).toMatchObject(expected);
  });
});
