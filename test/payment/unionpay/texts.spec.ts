import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { money } from '../../../src/kernel/money.js';
import { fromFen, toFen } from '../../../src/payment/gateway/unionpay/amounts.js';
import { parseAnswerBody } from '../../../src/payment/gateway/unionpay/answer-body.js';
import { secureKeySignature, signedContent } from '../../../src/payment/gateway/unionpay/signing.js';
import { compactTime, parseCompactTime, parseYearlessTime } from '../../../src/payment/gateway/unionpay/times.js';

describe('The texts of UnionPay', () => {
  it('say every amount there is, and come back as it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999_999 }), (fen) => {
        expect(fromFen(toFen(money(fen)), '156')).toEqual(money(fen));
      }),
      { seed: 20260105 },
    );
  });

  it.each(['', '1.0', '01', '-1', '+1', ' 1', '1 ', '1e3', '1000000000000', '１', '0x1'])('say no amount in %j', (text) => {
    expect(fromFen(text, '156')).toBeUndefined();
  });

  it('say instants in Beijing, and come back as them', () => {
    expect(compactTime(new Date('2025-12-31T16:00:00.999Z'))).toBe('20260101000000');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        const instant = new Date(seconds * 1_000);
        expect(parseCompactTime(compactTime(instant))).toEqual(instant);
        expect(parseYearlessTime(compactTime(instant).slice(4), instant)).toEqual(instant);
      }),
      { seed: 20260105 },
    );
    for (const text of [
      '',
      '20260230000000',
      '20261301000000',
      '20260101240000',
      '2026010100000',
      '202601010000000',
      '2026-01-01 00:00:00',
    ]) {
      expect(parseCompactTime(text)).toBeUndefined();
    }
  });

  it.each<[string, Record<string, string> | string]>([
    ['a={b={c=1&d=2}&e=3}&f=4', { a: '{b={c=1&d=2}&e=3}', f: '4' }],
    ['a=[x&y]&b=1', { a: '[x&y]', b: '1' }],
    ['a={[}&b=1', { a: '{[}', b: '1' }],
    ['a=}&b=]', { a: '}', b: ']' }],
    ['a=b=c==&d=', { a: 'b=c==', d: '' }],
    ['a=%2B+%&b=1\r\n2&c=3\r\n', { a: '%2B+%', b: '1\r\n2', c: '3' }],
    ['__proto__=1&constructor=2', JSON.parse('{"__proto__":"1","constructor":"2"}') as Record<string, string>],
    ['a=1&a=1', 'the answer has a field twice'],
    ['a=1&&b=2', 'the answer is not what UnionPay writes'],
    ['a', 'the answer is not what UnionPay writes'],
    ['=1', 'the answer is not what UnionPay writes'],
    ['a b=1', 'the answer is not what UnionPay writes'],
    ['', 'the answer is not what UnionPay writes'],
  ])('are taken apart outside braces: %j', (body, expected) => {
    const fields = parseAnswerBody(Buffer.from(body));
    expect(typeof fields === 'string' ? fields : Object.fromEntries(fields)).toEqual(expected);
  });

  it('are signed sorted in ASCII, raw, without what is empty and without the signature', () => {
    const fields = new Map([
      ['b', 'x&y=z'],
      ['a_', '1'],
      ['aB', '{k=v&w=x}'],
      ['empty', ''],
      ['signature', 'no'],
      ['Z', '中 文+'],
    ]);
    expect(signedContent(fields).toString('utf8')).toBe('Z=中 文+&aB={k=v&w=x}&a_=1&b=x&y=z');
  });

  it('are signed with a secure key in SM3 as in SHA-256', () => {
    const sm3 = (text: string) => createHash('sm3').update(text).digest('hex');
    expect(sm3('abc')).toBe('66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0'); // GB/T 32905, A.1.
    expect(secureKeySignature(new Map([['a', '1']]), '88888888', '12')).toBe(sm3(`a=1&${sm3('88888888')}`));
  });
});
