import { neverShow, scrub } from '../../src/platform/secrets/scrub.js';

// Before anything was named as a secret.
describe('Card numbers in a text', () => {
  it.each([
    ['thirteen digits', '4222222222222', '422222***2222'],
    ['sixteen digits', '4111111111111111', '411111******1111'],
    ['nineteen digits', '6226380000000000005', '622638*********0005'],
    ['a Mastercard of the second series', '2223003122003222', '222300******3222'],
    ['digits that come to ten and more when doubled', '5555555555554444', '555555******4444'],
    ['nines', '9999999999999995', '999999******9995'],
  ])('of %s are masked', (_, card, masked) => {
    expect(scrub(`card ${card}.`)).toBe(`card ${masked}.`);
  });

  it.each([
    ['a digit that does not check', '4111111111111112'],
    ['twelve digits', '422222222228'],
    ['twenty digits', '41111111111111111111'],
    ['a beginning that no scheme has', '1111111111111117'],
    ['a beginning that no scheme has, and one that has inside', '7411111111111111'],
    ['a beginning of 20', '2011111111111116'],
  ])('are left where there is %s', (_, digits) => {
    expect(scrub(`no ${digits} card`)).toBe(`no ${digits} card`);
  });

  it.each([
    ['twelve', '123456789012', '123456**9012'],
    ['nineteen', '1234567890123456789', '123456*********6789'],
  ])('of %s digits are masked in a card field, whatever they check to', (_, value, masked) => {
    expect(scrub(`accNo=${value}&x=1`)).toBe(`accNo=${masked}&x=1`);
  });

  it.each(['12345678901', '12345678901234567890', 'x123456789012', '123456789012x', 'token-of-a-card'])(
    '%s in a card field is left',
    (value) => {
      expect(scrub(`accNo=${value}&x=1`)).toBe(`accNo=${value}&x=1`);
    },
  );
});

describe('A password in an address', () => {
  it.each([
    ['a'.repeat(31), true],
    ['a'.repeat(32), false],
  ])('is taken out behind the scheme %s: %s', (scheme, isTaken) => {
    expect(scrub(`${scheme}://user:word@host`).includes('word')).toBe(!isTaken);
  });
});

describe('Secrets of ours in a text', () => {
  it('are known from eight characters on', () => {
    neverShow('1234567');
    expect(scrub('a 1234567 b')).toBe('a 1234567 b');
    neverShow('  eight888\n');
    expect(scrub('eight888')).toBe('[scrubbed]');
    expect(scrub('a eight888eight888 b eight88')).toBe('a [scrubbed][scrubbed] b eight88');
    expect(scrub('xeight888')).toBe('x[scrubbed]');
    expect(scrub('eight times')).toBe('eight times');
  });

  it('are no shorter because JSON writes them longer', () => {
    neverShow('a"b"c"d');
    const text = JSON.stringify({ a: 'a"b"c"d' });
    expect(scrub(text)).toBe(text);
  });

  it('that overlap are taken out together, and one within another with it', () => {
    neverShow('overlap-one-two');
    neverShow('one-two-three');
    neverShow('lap-one-');
    expect(scrub('an overlap-one-two-three, overlap-one-two')).toBe('an [scrubbed], [scrubbed]');
  });

  it('are taken out whole: of two that begin alike the longer one, and what follows stays', () => {
    neverShow('beginning');
    neverShow('beginning-and-end');
    expect(scrub('beginning-and-end, beginning-and')).toBe('[scrubbed], [scrubbed]-and');
    expect(scrub('beginnin')).toBe('beginnin');
  });

  it('are taken out as JSON and forms write them, and no more than them', () => {
    neverShow('line\none "two"');
    expect(scrub(JSON.stringify({ a: 'line\none "two"' }))).toBe('{"a":"[scrubbed]"}');
    expect(scrub(`x=${encodeURIComponent('line\none "two"')}&y=1`)).toBe('x=[scrubbed]&y=1');
  });

  it('of a private key are its lines, each by itself, but for the shortest', () => {
    const lines = ['MIIEvAIBADANBgkqhkiG9w0B', 'eightlng', 'AQEFAA='];
    neverShow(`-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`);
    expect(scrub(`got ${lines[0]}`)).toBe('got [scrubbed]');
    expect(scrub(`got ${lines[1]}!`)).toBe('got [scrubbed]!');
    expect(scrub(`got ${lines[2]} here`)).toBe(`got ${lines[2]} here`);
    expect(scrub(`x=${encodeURIComponent('AQEFAA=')}&y`)).toBe('x=AQEFAA%3D&y');
    expect(scrub('got MIIEvAIB')).toBe('got MIIEvAIB');
  });
});
