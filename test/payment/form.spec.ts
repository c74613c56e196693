import { parseForm } from '../../src/payment/gateway/form.js';

const read = (text: string) => parseForm(Buffer.from(text, 'latin1'), 'charset');
const textOf = (body: string, name: string) => {
  const form = read(body);
  return typeof form === 'string' ? form : form.text.get(name);
};

describe('A form', () => {
  it('has at most 64 KiB', () => {
    const longest = `a=${'x'.repeat(64 * 1024 - 2)}`;
    expect(textOf(longest, 'a')).toHaveLength(64 * 1024 - 2);
    expect(read(`${longest}x`)).toBe('the body is too long');
  });

  it('has at most 128 fields', () => {
    const fields = (count: number) => Array.from({ length: count }, (_, at) => `f${at}=1`).join('&');
    expect(textOf(fields(128), 'f127')).toBe('1');
    expect(read(fields(129))).toBe('the form has too many fields');
  });

  it('has names of 1 to 64 letters, digits and a few signs, and nothing beside them', () => {
    const longest = 'n'.repeat(64);
    expect(textOf(`${longest}=1`, longest)).toBe('1');
    expect(textOf('a_B-9.=1', 'a_B-9.')).toBe('1');
    for (const name of [`${longest}n`, '', ' a', 'a ', 'a%', '%61', 'a[]', '[a', 'é', 'a\n'])
      expect(read(`${name}=1`)).toBe('the body is no form');
    for (const body of ['a', 'ab', 'ab&c=1', '', 'a=1&', '&a=1', 'a=1&&b=2']) expect(read(body)).toBe('the body is no form');
  });

  it('is decoded once, and keeps what a reader of text would swallow', () => {
    expect(textOf('a=%2541+b', 'a')).toBe('%41 b');
    expect(textOf('a=%EF%BB%BFx', 'a')).toBe('\ufeffx');
    expect(textOf('a=1=2', 'a')).toBe('1=2');
    expect(textOf('charset=gbk&a=%c1%fa%C1%FA', 'a')).toBe('龙龙');
    for (const value of ['%', '%4', '%G0', '%0G', '%0g', '%/0', '%:0', '%4%41']) expect(read(`a=${value}`)).toBe('the body is no form');
  });

  it('says each field once, in a charset that is known, without a stray byte', () => {
    expect(read('a=1&a=1')).toBe('a field comes twice');
    expect(read('charset=utf-7&a=1')).toBe('the charset is none that is known');
    expect(read('a=%FF')).toBe('a field is not in the charset');
    expect(textOf('charset=GBK&a=%C1%FA%BE%AE', 'a')).toBe('龙井');
  });

  it('is read once, whoever asks', () => {
    const body = Buffer.from('a=1', 'latin1');
    const form = parseForm(body, 'charset');
    expect(form).toMatchObject({ text: new Map([['a', '1']]) });
    expect(parseForm(body, 'charset')).toBe(form);
  });

  it('is in the charset of the field that is asked for, also where the same body was read by another one', () => {
    const body = Buffer.from('charset=GBK&a=%C1%FA%BE%AE', 'latin1');
    expect(parseForm(body, 'charset')).toMatchObject({
      text: new Map([
        ['charset', 'GBK'],
        ['a', '龙井'],
      ]),
    });
    expect(parseForm(body, 'encoding')).toBe('a field is not in the charset');
    expect(parseForm(body, 'charset')).toMatchObject({
      text: new Map([
        ['charset', 'GBK'],
        ['a', '龙井'],
      ]),
    });
  });
});
