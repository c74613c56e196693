import { randomBytes } from 'node:crypto';
import fc from 'fast-check';

import { neverShow, scrub } from '../../src/platform/secrets/scrub.js';
import { CannotOpen, Vault } from '../../src/platform/secrets/vault.js';

describe('The vault', () => {
  const [former, present] = [randomBytes(32), randomBytes(32)];

  it('gives back what it sealed, and shows nothing of it', () => {
    const vault = new Vault([present]);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 500 }), (bytes) => {
        const plain = Buffer.from(bytes);
        const sealed = vault.seal(plain, 'here');
        expect(vault.open(sealed, 'here')).toEqual(plain);
        expect(sealed.includes(plain)).toBe(false);
      }),
    );
    const twice = [vault.seal(Buffer.from('same'), 'here'), vault.seal(Buffer.from('same'), 'here')];
    expect(twice[0]).not.toEqual(twice[1]);
  });

  it('opens nothing that was altered, cut short, or belongs elsewhere', () => {
    const vault = new Vault([present]);
    const sealed = vault.seal(Buffer.from('a secret of twenty-one'), 'here');
    for (let place = 0; place < sealed.length; place += 1) {
      const altered = Buffer.from(sealed);
      altered[place] = (altered[place] ?? 0) ^ 1;
      expect(() => vault.open(altered, 'here')).toThrow(CannotOpen);
      expect(() => vault.open(sealed.subarray(0, place), 'here')).toThrow(CannotOpen);
    }
    expect(() => vault.open(sealed, 'there')).toThrow(CannotOpen);
  });

  it('changes its key while the former one still opens what it sealed', () => {
    const sealed = new Vault([former]).seal(Buffer.from('old'), 'here');
    const both = new Vault([present, former]);
    expect(both.open(sealed, 'here').toString()).toBe('old');
    expect(both.isCurrent(sealed)).toBe(false);
    const anew = both.seal(both.open(sealed, 'here'), 'here');
    expect(both.isCurrent(anew)).toBe(true);
    expect(new Vault([present]).open(anew, 'here').toString()).toBe('old');
    expect(() => new Vault([present]).open(sealed, 'here')).toThrow(/key that is not set/);
  });
});

describe('Scrubbing', () => {
  const card = '6226388000000095';

  it.each([
    ['an API key', 'key sk_live_0123456789abcdef is wrong', 'sk_live_0123456789abcdef'],
    ['an authorization', 'Authorization: Bearer abcdefghijklmnop', 'abcdefghijklmnop'],
    ['a password in an address', 'cannot reach postgres://shop:s3cret-word@db/shop', 's3cret-word'],
    ['a private key', 'got -----BEGIN PRIVATE KEY-----\nMIIEvQ==\n-----END PRIVATE KEY----- here', 'MIIEvQ=='],
    [
      'a private key in JSON',
      JSON.stringify({ key: '-----BEGIN RSA PRIVATE KEY-----\nMIIEvQ==\n-----END RSA PRIVATE KEY-----' }),
      'MIIEvQ==',
    ],
    ['a private key cut short', '-----BEGIN PRIVATE KEY-----\nMIIEvQ==', 'MIIEvQ=='],
    ['a card number', `accNo=${card}&x=1`, card],
    ['a card number in JSON', JSON.stringify({ note: `pay with ${card}` }), card],
    ['a card number in groups', 'card 4111 1111 1111 1111.', '4111 1111 1111 1111'],
    ['a card number in groups before a year', 'card 4111 1111 1111 1111 2026', '4111 1111 1111 1111'],
    ['a card number of nineteen digits', 'card 6226380000000000005', '6226380000000000005'],
    ['a card number of nineteen digits in groups', 'card 6226 3800 0000 0000 005, please', '6226 3800 0000 0000 005'],
    ['a card number of nineteen digits in two groups', 'card=622638+0000000000005', '0000000000005'],
    ['a card number of fifteen digits in groups', 'card 3782-822463-10005', '822463-10005'],
    ['a number in a card field, whatever its check digit', 'accNo=6226388000000094&x=1', '6226388000000094'],
  ])('takes out %s', (_, text, secret) => {
    const clean = scrub(text);
    expect(clean).not.toContain(secret);
    expect(clean).not.toBe('');
  });

  it('takes out a secret of ours in every dress', () => {
    const secret = 'a secret/with "quotes" & more';
    neverShow(secret);
    for (const dressed of [secret, JSON.stringify(secret), encodeURIComponent(secret)]) {
      expect(scrub(`before ${dressed} after`)).toMatch(/^before .*\[scrubbed\].* after$/);
      expect(scrub(`before ${dressed} after`)).not.toContain('quotes');
    }
  });

  it.each([
    'out_trade_no=03haajdpeiwsdh6tcp70r5r1101&total_amount=150.00',
    '{"trade_no":"2026112322001396059214126150","seller_id":"2088102180000001"}',
    'queryId=201509061122031906248&txnTime=20220903065448&merId=777290058167151',
    '{"create_time":"2026-11-22T22:04:59.000Z","at":1795364890436}',
    'accNo=622638******0095',
    '01a20549-06a5-779e-ad2f-6097227d64b1',
  ])('leaves %s as it is', (text) => {
    expect(scrub(text)).toBe(text);
  });

  it('takes its time in proportion to the text, whatever the text', () => {
    const units = ['a.', '://', 'a://b:', '-----BEGIN PRIVATE KEY-----', 'sk_test_', '4111 ', '1', 'bearer ', 'accNo=', '&', 'a'];
    for (const unit of units) {
      const text = unit.repeat(Math.ceil(262_144 / unit.length));
      const began = performance.now();
      scrub(text);
      // A text that is gone through again and again takes minutes.
      expect(performance.now() - began).toBeLessThan(10_000);
    }
  });
});
