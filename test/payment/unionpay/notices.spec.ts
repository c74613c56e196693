import fc from 'fast-check';
import { createSign } from 'node:crypto';
import { money } from '../../../src/kernel/money.js';
import type { UnionpayGateway } from '../../../src/payment/gateway/unionpay/unionpay.gateway.js';
import { authority, type Authority, type Issued } from './authority.js';
import {
  callback,
  changed,
  GATEWAY_URL,
  gatewayAt,
  MER_ID,
  MovableClock,
  noticeBody,
  noticeFields,
  NOW,
  OUT_TRADE_NO,
  QUERY_ID,
  REFUND_NO,
  REFUND_QUERY_ID,
  signatureOf,
  signed,
  signedText,
  type Changes,
} from './support.js';

let world: Authority;
let gateway: UnionpayGateway;
beforeAll(async () => {
  world = await authority();
  // A clock that is years behind: a notice is judged as of its arrival.
  gateway = gatewayAt(world, GATEWAY_URL, new MovableClock(new Date('2010-01-01T00:00:00Z')));
});

const notice = (changes: Changes = {}, signer: Issued = world.unionpay) => noticeBody(signer, changes);
const read = (body: string | Buffer, at = NOW) => gateway.readCallback(callback(body, at));

describe('A notice from UnionPay', () => {
  it('is read, odd characters and all', async () => {
    expect(await read(notice())).toEqual({
      kind: 'notice',
      noticeId: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      outTradeNo: OUT_TRADE_NO,
      gatewayRef: QUERY_ID,
      says: 'paid',
      amount: money(8_888),
      at: '2026-01-05T02:12:30.000Z',
    });
  });

  const ofRefund = { txnType: '04', orderId: REFUND_NO, queryId: REFUND_QUERY_ID, origQryId: QUERY_ID };
  const aboutRefund = { says: 'about_refund', refundNo: REFUND_NO, gatewayRef: REFUND_QUERY_ID };

  it.each<[string, Changes, object]>([
    ['a payment with a defect', { respCode: 'A6' }, { says: 'paid' }],
    ['a payment that is under way', { respCode: '05' }, { says: 'ignored' }],
    ['a payment that failed', { respCode: '64' }, { says: 'ignored' }],
    ['something that is not done here', { txnType: '02' }, { says: 'ignored' }],
    ['a refund that succeeded', ofRefund, aboutRefund],
    ['a refund that failed', { ...ofRefund, respCode: '60' }, aboutRefund],
    ['a refund that leaves the currency out', { ...ofRefund, currencyCode: undefined }, { ...aboutRefund, amount: money(8_888) }],
    ['a cancel that succeeded', { ...ofRefund, txnType: '31', orderId: `${REFUND_NO}C` }, aboutRefund],
    ['a cancel that failed', { ...ofRefund, txnType: '31', orderId: `${REFUND_NO}C`, respCode: '36' }, aboutRefund],
    ['a refund whose number ends in the letter of a cancel', { ...ofRefund, orderId: 'REFUNDC1C' }, { refundNo: 'REFUNDC1C' }],
    ['a payment of another amount', { txnAmt: '1' }, { says: 'paid', amount: money(1) }],
    ['a payment in another currency', { currencyCode: '840' }, { says: 'paid', amount: money(8_888, 'USD') }],
    ['a payment with no time', { traceTime: undefined }, { says: 'paid', at: NOW.toISOString() }],
    ['a payment in GBK by name, and in ASCII', { encoding: 'GBK', reqReserved: 'x', respMsg: 'ok' }, { says: 'paid' }],
    ['a payment with an empty field, which is not signed', { reqReserved: '' }, { says: 'paid' }],
  ])('about %s', async (_, changes, expected) => {
    expect(await read(notice(changes))).toMatchObject({ kind: 'notice', ...expected });
  });

  it('names the payment or the refund, never both', async () => {
    expect(await read(notice())).not.toHaveProperty('refundNo');
    expect(await read(notice(ofRefund))).not.toHaveProperty('outTradeNo');
  });

  it('has the same id when it is sent again, and another when it says something else', async () => {
    const idOf = async (changes: Changes) => {
      const result = await read(notice(changes));
      return result.kind === 'notice' ? result.noticeId : result.reason;
    };
    const ids = await Promise.all([{}, { traceTime: '0105101231' }, { respCode: '05' }, { queryId: '1' }, ofRefund].map(idOf));
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(4);
  });

  it('may be in GBK, and is signed over those bytes', async () => {
    const complete = changed(signed({ ...noticeFields, encoding: 'GBK', reqReserved: '\u0000', respMsg: 'ok' }, world.unionpay), {
      signature: undefined,
    });
    const [before = '', after = ''] = signedText(complete).split('\u0000');
    const bytes = Buffer.concat([Buffer.from(before), Buffer.from('c1fabeae', 'hex'), Buffer.from(after)]); // 龙井
    const signature = signatureOf(bytes, world.unionpay.privateKey);
    const body = new URLSearchParams({ ...complete, signature }).toString().replace('%00', '%C1%FA%BE%AE');
    expect(await read(body)).toMatchObject({ says: 'paid' });
    expect(await read(body.replace('%C1%FA', '%C1%FB'))).toMatchObject({ verdict: 'bad_signature' });
  });

  it('is claimed by the account that it names, unproven', () => {
    expect(gateway.claims(callback(notice({}, world.forger)))).toBe('yes');
    for (const body of [notice({ merId: '700000000000001' }), '', 'merId', `merId=${MER_ID}&merId=${MER_ID}`, '\u0000', '%']) {
      expect(gateway.claims(callback(body))).toBe('no');
    }
  });
});

describe('A callback that is not to be believed', () => {
  const sha1 = () => {
    const fields = changed(signed(noticeFields, world.unionpay), { signature: undefined });
    const signature = createSign('RSA-SHA1').update(signedText(fields)).sign(world.unionpay.privateKey, 'base64');
    return new URLSearchParams({ ...fields, signature }).toString();
  };
  /** Signed by the hand of one, under the certificate of another. */
  const underTheNameOf = (victim: Issued, signer: Issued) => noticeBody({ ...victim, privateKey: signer.privateKey });

  it.each<[string, () => string, string]>([
    ['without a signature', () => notice().replace(/&signature=[^&]+/, ''), 'bad_signature'],
    ['with an empty signature', () => notice().replace(/&signature=[^&]+/, '&signature='), 'bad_signature'],
    ['with a signature that is no base64', () => notice().replace(/&signature=[^&]+/, '&signature=%00'), 'bad_signature'],
    ['without a certificate', () => notice().replace(/&signPubKeyCert=[^&]+/, ''), 'bad_signature'],
    ['with an empty certificate', () => notice().replace(/&signPubKeyCert=[^&]+/, '&signPubKeyCert='), 'bad_signature'],
    ['with half of a certificate', () => notice().replace(/&signPubKeyCert=[^&]+/, '&signPubKeyCert=-----BEGIN'), 'untrusted_certificate'],
    ['with two certificates', () => notice({}, twice(world.unionpay)), 'untrusted_certificate'],
    ['with a key that is too short', () => notice({}, world.short), 'untrusted_certificate'],
    ['of a stranger who made UnionPay a certificate', () => notice({}, world.selfSigned), 'untrusted_certificate'],
    ['of a stranger whose root has the name of the real one', () => notice({}, world.stranger), 'untrusted_certificate'],
    ['of another merchant of the same authority', () => notice({}, world.forger), 'untrusted_certificate'],
    ["of the merchant's own making", () => notice({}, world.merchant), 'untrusted_certificate'],
    ['of the test environment', () => notice({}, world.tester), 'untrusted_certificate'],
    ['of a certificate that has run out', () => notice({}, world.expired), 'untrusted_certificate'],
    ['of an authority that signs messages', () => notice({}, world.authority), 'untrusted_certificate'],
    ['of the authority itself', () => notice({}, world.middle), 'untrusted_certificate'],
    ['signed by another merchant in the name of UnionPay', () => underTheNameOf(world.unionpay, world.forger), 'bad_signature'],
    ['in SHA-1', sha1, 'bad_signature'],
    ['of version 5.0.0', () => notice({ version: '5.0.0' }), 'bad_signature'],
    ['of no version', () => notice({ version: undefined }), 'bad_signature'],
    ['that says it is signed with a secure key', () => notice({ signMethod: '11' }), 'bad_signature'],
    ['with a field more', () => `${notice()}&extra=1`, 'bad_signature'],
    ['with a field less', () => notice().replace(/&settleAmt=[^&]+/, ''), 'bad_signature'],
    ['of another merchant', () => notice({ merId: '700000000000001' }), 'wrong_merchant'],
    ['of no merchant', () => notice({ merId: undefined }), 'wrong_merchant'],
    ['without our number', () => notice({ orderId: undefined }), 'malformed'],
    ['with a number that is none', () => notice({ orderId: 'a-b_c-d-e' }), 'malformed'],
    ["without UnionPay's number", () => notice({ queryId: undefined }), 'malformed'],
    ['without an amount', () => notice({ txnAmt: undefined }), 'malformed'],
    ['with an amount in yuan', () => notice({ txnAmt: '88.88' }), 'malformed'],
    ['with a negative amount', () => notice({ txnAmt: '-8888' }), 'malformed'],
    ['without a currency', () => notice({ currencyCode: undefined }), 'malformed'],
    ['with a currency that is none', () => notice({ currencyCode: 'CNY' }), 'malformed'],
    ['without a result', () => notice({ respCode: undefined }), 'malformed'],
    ['without a type', () => notice({ txnType: undefined }), 'malformed'],
    ['with a field twice', () => `${notice()}&txnAmt=8888`, 'malformed'],
    ['with a percent sign alone', () => notice().replace('respMsg=', 'respMsg=%zz'), 'malformed'],
    ['in bytes that are no UTF-8', () => notice().replace('respMsg=', 'respMsg=%FF'), 'malformed'],
    ['in an encoding of its own', () => notice({ encoding: 'utf-7' }), 'malformed'],
    ['with a field that has no value', () => `${notice()}&extra`, 'malformed'],
    ['with a field that has no name', () => `${notice()}&=1`, 'malformed'],
    ['with two hundred fields', () => Array.from({ length: 200 }, (_, at) => `f${at}=1`).join('&'), 'malformed'],
    ['of a megabyte', () => `a=${'1'.repeat(1024 * 1024)}`, 'malformed'],
    ['of ampersands', () => '&'.repeat(60_000), 'malformed'],
    ['of nothing', () => '', 'malformed'],
    ['in JSON', () => JSON.stringify(noticeFields), 'malformed'],
    ['raw, as an answer is written', () => decodeURIComponent(notice().replaceAll('+', ' ')), 'malformed'],
    ['with a name from the prototype', () => '__proto__=1&constructor=2', 'bad_signature'],
  ])('%s', async (_, body, verdict) => {
    expect(await read(body())).toMatchObject({ kind: 'rejected', verdict });
  });

  it('is judged by the certificate as it was when the callback came', async () => {
    const body = notice({}, world.expired);
    expect(await read(body, new Date('2025-07-30T00:00:00Z'))).toMatchObject({ says: 'paid' });
    expect(await read(body, new Date('2025-07-31T00:00:01Z'))).toMatchObject({ verdict: 'untrusted_certificate' });
    expect(await read(body, new Date('2019-12-31T00:00:00Z'))).toMatchObject({ verdict: 'untrusted_certificate' });
  });

  it('is believed in the test environment where its certificate is of there', async () => {
    const test = gatewayAt(world, 'https://gateway.test.95516.com', new MovableClock());
    expect(await test.readCallback(callback(notice({}, world.tester)))).toMatchObject({ says: 'paid' });
    expect(await test.readCallback(callback(notice({}, world.forger)))).toMatchObject({ verdict: 'untrusted_certificate' });
  });

  it('keeps the number it claims, if it could be one', async () => {
    for (const orderId of [OUT_TRADE_NO, 'x'.repeat(8), 'x'.repeat(40)])
      expect(await read(notice({ orderId }, world.forger))).toMatchObject({ outTradeNo: orderId });
    for (const orderId of ["';--12345", '<script>', 'x'.repeat(41), '', 'line\nbreak', 'lineline\n', 'short', 'x'.repeat(7), undefined]) {
      expect(await read(notice({ orderId }, world.forger))).not.toHaveProperty('outTradeNo');
    }
  });

  it('gives reasons that quote nothing of the body', async () => {
    const bodies = [
      notice({ merId: 'CANARY', accNo: 'CANARY' }),
      notice({ accNo: 'CANARY', txnAmt: 'CANARY' }),
      notice({ accNo: 'CANARY', respMsg: 'CANARY' }, world.forger),
      'CANARY',
    ];
    for (const body of bodies) expect(JSON.stringify(await read(body))).not.toContain('CANARY');
  });

  it('has one character changed anywhere', async () => {
    const body = notice();
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
      { seed: 20260105, numRuns: 600 },
    );
    expect(refused).toBe(600);
  });

  it('has one of its fields dropped, emptied, doubled, shortened or moved into another', async () => {
    const genuine = signed(noticeFields, world.unionpay);
    const names = Object.keys(genuine);
    const encode = (fields: Changes) => new URLSearchParams(changed(genuine, fields)).toString();
    const bodies = names.flatMap((name, at) => [
      encode({ [name]: undefined }),
      encode({ [name]: '' }),
      encode({ [name]: (genuine[name] ?? '').slice(1) }),
      encode({ [name]: ` ${genuine[name] ?? ''}` }),
      encode({ [name]: genuine[names[(at + 1) % names.length] ?? ''] }),
      `${encode({})}&${name}=${encodeURIComponent(genuine[name] ?? '')}`,
      `${encode({})}&${name}=`,
      encode({}).replace(`${name}=`, `${name}x=`),
    ]);
    const verdicts = await Promise.all(bodies.map((body) => read(body)));
    // Two neighbours that say the same are no change when one takes the place of the other.
    const changes = verdicts.filter((_, at) => new URLSearchParams(bodies[at]).toString() !== encode({}));
    expect(changes.length).toBeGreaterThanOrEqual(200);
    expect(changes.filter(({ kind }) => kind !== 'rejected')).toEqual([]);
  });

  it('is never thrown at, whatever the bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        expect((await read(Buffer.from(bytes))).kind).toBe('rejected');
        expect(gateway.claims(callback(Buffer.from(bytes)))).toBe('no');
      }),
      { seed: 20260105, numRuns: 300 },
    );
  });
});

it('UnionPay is answered in the word that its own kit prints, or in one that it sends again for', () => {
  const contentType = 'text/plain; charset=utf-8';
  expect(gateway.acknowledged).toEqual({ status: 200, contentType, body: 'ok' });
  expect(gateway.refused).toEqual({ status: 400, contentType, body: 'fail' });
});

function twice(issued: Issued): Issued {
  return { ...issued, certificate: `${issued.certificate}\n${issued.certificate}` };
}
