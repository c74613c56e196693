import { DAY, HOUR, MINUTE, SECOND } from '../../../src/kernel/clock.js';
import type { RawCallback } from '../../../src/payment/gateway/gateway.js';
import { listed, platformCertificate, type Platform } from './certificates.js';
import {
  answer,
  attempt,
  FakeWechatPay,
  gatewayAt,
  MovedClock,
  NOW,
  order,
  paymentNotice,
  PUBLIC_KEY_ID,
  strangers,
  wechat,
  type Signer,
} from './support.js';

const CERTIFIED = { publicKey: undefined };

describe('The keys that WeChat Pay signs with', () => {
  let fake: FakeWechatPay;
  let first: Platform;
  let second: Platform;
  let clock: MovedClock;

  beforeAll(async () => {
    fake = await FakeWechatPay.start();
    first = await platformCertificate(new Date(NOW.getTime() - 365 * DAY));
    second = await platformCertificate(new Date(NOW.getTime() - DAY));
  });
  beforeEach(() => {
    fake.forget();
    clock = new MovedClock();
  });
  afterAll(() => fake.stop());

  const open = (changes = {}, options = {}) => gatewayAt(fake.url, { failuresUntilRest: 1_000, ...options }, changes, clock);
  const lists = (platforms: readonly Platform[], signer: Signer = platforms[0] ?? first) =>
    fake.does('certificates', (response) => answer(response, { data: platforms.map((one) => listed(one)) }, signer, clock.now()));
  const signsOrders = (signer: Signer) => fake.does('query', (response) => answer(response, order, signer, clock.now()));
  const noticeBy = (signer: Signer): RawCallback => ({ ...paymentNotice({ signer, at: clock.now() }), receivedAt: clock.now() });

  describe('in certificates alone', () => {
    it('are fetched when first needed, once for all who need them, and kept', async () => {
      lists([first]);
      signsOrders(first);
      const gateway = open(CERTIFIED);
      const outcomes = await Promise.all([1, 2, 3, 4].map(() => gateway.query(attempt)));
      expect((await gateway.readCallback(noticeBy(first))).kind).toBe('notice');
      await gateway.disconnect();
      expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 4 }, () => 'succeeded'));
      expect(fake.calls.filter((call) => call === 'certificates')).toHaveLength(1);
    });

    it('are fetched again after twelve hours', async () => {
      lists([first]);
      const gateway = open(CERTIFIED);
      const reads = async () => (await gateway.readCallback(noticeBy(first))).kind;
      expect(await reads()).toBe('notice');
      clock.advance(12 * HOUR - SECOND);
      expect(await reads()).toBe('notice');
      expect(fake.calls).toEqual(['certificates']);
      clock.advance(SECOND);
      expect(await reads()).toBe('notice');
      expect(fake.calls).toEqual(['certificates', 'certificates']);
      await gateway.disconnect();
    });

    it('stay known while no new list comes, and are asked for again soon', async () => {
      lists([first]);
      const gateway = open(CERTIFIED);
      await gateway.readCallback(noticeBy(first));
      clock.advance(12 * HOUR);
      fake.refuses('certificates', 500, 'SYSTEM_ERROR');
      expect((await gateway.readCallback(noticeBy(first))).kind).toBe('notice');
      expect((await gateway.readCallback(noticeBy(first))).kind).toBe('notice');
      expect(fake.calls).toHaveLength(2);
      clock.advance(5 * SECOND);
      await gateway.readCallback(noticeBy(first));
      expect(fake.calls).toHaveLength(3);
      await gateway.disconnect();
    });

    it('may be new: an unknown serial number fetches them, but not more than once a minute', async () => {
      lists([first]);
      const gateway = open(CERTIFIED);
      await gateway.readCallback(noticeBy(first));
      // WeChat Pay has one more now. Until the minute is over nobody could know.
      lists([first, second]);
      expect(gateway.claims(noticeBy(first))).toBe('yes');
      expect(gateway.claims(noticeBy(second))).toBe('no');
      for (let time = 0; time < 20; time += 1) {
        expect(await gateway.readCallback(noticeBy(second))).toMatchObject({
          verdict: 'unknown_key',
          reason: 'wechatpay-serial is of no certificate that is known',
        });
      }
      expect(fake.calls).toHaveLength(1);
      clock.advance(MINUTE);
      expect(gateway.claims(noticeBy(second))).toBe('maybe');
      // The old one and the new one count at once.
      expect((await gateway.readCallback(noticeBy(second))).kind).toBe('notice');
      expect((await gateway.readCallback(noticeBy(first))).kind).toBe('notice');
      expect(fake.calls).toHaveLength(2);
      await gateway.disconnect();
    });

    it('are dropped when WeChat Pay lists them no more', async () => {
      lists([first, second]);
      const gateway = open(CERTIFIED);
      expect((await gateway.readCallback(noticeBy(first))).kind).toBe('notice');
      lists([second]);
      clock.advance(12 * HOUR);
      expect(await gateway.readCallback(noticeBy(first))).toMatchObject({ verdict: 'unknown_key' });
      await gateway.disconnect();
    });

    it('count only while they are valid, by the time at which the message came', async () => {
      const tomorrow = await platformCertificate(new Date(NOW.getTime() + DAY));
      lists([first, tomorrow], first);
      const gateway = open(CERTIFIED);
      const reason = 'wechatpay-serial is of a certificate that is not valid at this time';
      expect(await gateway.readCallback(noticeBy(tomorrow))).toMatchObject({ verdict: 'unknown_key', reason });
      const early = noticeBy(first);
      clock.advance(2 * DAY);
      expect((await gateway.readCallback(noticeBy(tomorrow))).kind).toBe('notice');
      clock.advance(4 * 365 * DAY);
      expect(await gateway.readCallback(noticeBy(first))).toMatchObject({ verdict: 'unknown_key', reason });
      // A callback that is read again is judged as on the day it came.
      expect((await gateway.readCallback(early)).kind).toBe('notice');
      await gateway.disconnect();
    });

    it('are asked for again a minute after they were refused, or after there were none', async () => {
      for (const [status, code] of [
        [403, 'NO_AUTH'],
        [404, 'RESOURCE_NOT_EXISTS'],
      ] as const) {
        fake.forget();
        fake.refuses('certificates', status, code);
        const gateway = open(CERTIFIED);
        const asked = async (after: number) => {
          clock.advance(after);
          await gateway.readCallback(noticeBy(first));
          return fake.calls.length;
        };
        expect([await asked(0), await asked(0), await asked(MINUTE - SECOND), await asked(SECOND)]).toEqual([1, 1, 1, 2]);
        await gateway.disconnect();
      }
    });

    it('have serial numbers of their kind, and nobody is asked for another', async () => {
      const gateway = open(CERTIFIED);
      for (const serial of ['x', first.serial.toLowerCase(), `${first.serial} `])
        expect(await gateway.readCallback(noticeBy({ ...first, serial }))).toMatchObject({
          verdict: 'unknown_key',
          reason: 'wechatpay-serial is no serial number',
        });
      expect(fake.calls).toEqual([]);
      await gateway.disconnect();
    });

    it('do not include a public key, and the reason says what is missing', async () => {
      const gateway = open(CERTIFIED);
      expect(await gateway.readCallback(noticeBy(wechat))).toEqual({
        kind: 'rejected',
        verdict: 'unknown_key',
        reason: "wechatpay-serial names WeChat Pay's public key, and the account has no setting for it",
      });
      expect(fake.calls).toEqual([]);
      await gateway.disconnect();
    });

    it.each<[string, () => void]>([
      [
        'was encrypted under another key',
        () => fake.does('certificates', (response) => answer(response, { data: [listed(first, 'x'.repeat(32))] }, first)),
      ],
      ['is signed by another', () => lists([first], { serial: first.serial, key: strangers.privateKey })],
      ['is signed by a certificate that it does not list', () => lists([first], second)],
      [
        'is signed an hour ago',
        () => fake.does('certificates', (response) => answer(response, { data: [listed(first)] }, first, new Date(NOW.getTime() - HOUR))),
      ],
      ['is signed in the name of another', () => lists([first], { ...first, serial: second.serial })],
      ['is not signed', () => fake.does('certificates', (response) => response.end(JSON.stringify({ data: [listed(first)] })))],
      ['is empty', () => fake.does('certificates', (response) => answer(response, { data: [] }, first))],
      ['is garbage', () => fake.does('certificates', (response) => response.end('<html>'))],
      [
        'holds nothing but null',
        () => fake.does('certificates', (response) => answer(response, { data: [null, 1, {}, { encrypt_certificate: null }] }, first)),
      ],
      ['is refused', () => fake.refuses('certificates', 403, 'NO_AUTH')],
      ['is reset', () => fake.does('certificates', (response) => response.socket?.resetAndDestroy())],
    ])('are none where the list %s', async (_, arrange) => {
      arrange();
      signsOrders(first);
      const gateway = open(CERTIFIED);
      expect((await gateway.query(attempt)).kind).toBe('unknown');
      expect(await gateway.readCallback(noticeBy(first))).toMatchObject({ verdict: 'unknown_key' });
      await gateway.disconnect();
    });

    it('have the numbers that they say themselves', async () => {
      const renamed = { ...second, serial: first.serial };
      lists([renamed]);
      const gateway = open(CERTIFIED);
      expect(await gateway.readCallback(noticeBy(renamed))).toMatchObject({ verdict: 'unknown_key' });
      await gateway.disconnect();
    });

    it('must be valid themselves when they vouch for the list', async () => {
      const tomorrow = await platformCertificate(new Date(NOW.getTime() + DAY));
      lists([first, tomorrow], tomorrow);
      const gateway = open(CERTIFIED);
      expect(await gateway.readCallback(noticeBy(first))).toMatchObject({ verdict: 'unknown_key' });
      await gateway.disconnect();
    });

    it('stay as fresh as they were when a question for another one is refused', async () => {
      lists([first]);
      const gateway = open(CERTIFIED);
      await gateway.readCallback(noticeBy(first));
      clock.advance(MINUTE);
      fake.refuses('certificates', 403, 'NO_AUTH');
      await gateway.readCallback(noticeBy(second));
      clock.advance(HOUR);
      expect((await gateway.readCallback(noticeBy(first))).kind).toBe('notice');
      expect(fake.calls).toHaveLength(2);
      await gateway.disconnect();
    });

    it('must be of 2048 bits', async () => {
      const weak = await platformCertificate(new Date(NOW.getTime() - DAY), 1024);
      lists([weak]);
      const gateway = open(CERTIFIED);
      expect(await gateway.readCallback(noticeBy(weak))).toMatchObject({ verdict: 'unknown_key' });
      await gateway.disconnect();
    });

    it('never hold a callback for longer than a call may take', async () => {
      fake.does('certificates', () => undefined);
      const gateway = open(CERTIFIED, { totalTimeout: 300 });
      const started = performance.now();
      const read = await Promise.all([1, 2, 3].map(() => gateway.readCallback(noticeBy(first))));
      expect(performance.now() - started).toBeLessThan(10_000);
      expect(read.map((one) => one.kind === 'rejected' && one.verdict)).toEqual(['unknown_key', 'unknown_key', 'unknown_key']);
      expect(fake.calls).toEqual(['certificates']);
      await gateway.disconnect();
    });
  });

  describe('while changing over to the public key', () => {
    it('are the public key without any call', async () => {
      const gateway = open();
      expect((await gateway.readCallback(noticeBy(wechat))).kind).toBe('notice');
      expect(fake.calls).toEqual([]);
      await gateway.disconnect();
    });

    it('are the certificates, too, on a list that the public key signed', async () => {
      lists([first, second], wechat);
      signsOrders(second);
      const gateway = open();
      expect((await gateway.readCallback(noticeBy(wechat))).kind).toBe('notice');
      expect((await gateway.readCallback(noticeBy(first))).kind).toBe('notice');
      expect((await gateway.query(attempt)).kind).toBe('succeeded');
      expect(fake.calls).toEqual(['certificates', 'query']);
      expect(fake.received[0]?.headers).toMatchObject({ 'wechatpay-serial': PUBLIC_KEY_ID });
      await gateway.disconnect();
    });

    it('are the public key alone where there are no certificates, which is remembered for twelve hours', async () => {
      fake.refuses('certificates', 404, 'RESOURCE_NOT_EXISTS');
      const gateway = open();
      const reads = async () => gateway.readCallback(noticeBy(first));
      const reason = 'wechatpay-serial is of no certificate that is known (the merchant has no platform certificates)';
      expect(gateway.claims(noticeBy(first))).toBe('maybe');
      expect(await reads()).toMatchObject({ verdict: 'unknown_key', reason });
      expect(gateway.claims(noticeBy(first))).toBe('no');
      clock.advance(12 * HOUR - SECOND);
      await reads();
      expect(fake.calls).toEqual(['certificates']);
      clock.advance(SECOND);
      await reads();
      expect(fake.calls).toEqual(['certificates', 'certificates']);
      await gateway.disconnect();
    });

    it('are the public key alone once the certificates are gone', async () => {
      lists([first], wechat);
      const gateway = open();
      expect((await gateway.readCallback(noticeBy(first))).kind).toBe('notice');
      fake.refuses('certificates', 404, 'RESOURCE_NOT_EXISTS');
      clock.advance(12 * HOUR);
      expect(await gateway.readCallback(noticeBy(first))).toMatchObject({ verdict: 'unknown_key' });
      expect((await gateway.readCallback(noticeBy(wechat))).kind).toBe('notice');
      await gateway.disconnect();
    });

    it('are not another public key', async () => {
      const gateway = open();
      const other = { serial: 'PUB_KEY_ID_0000000000000000000000000001', key: strangers.privateKey };
      expect(await gateway.readCallback(noticeBy(other))).toMatchObject({
        verdict: 'unknown_key',
        reason: 'wechatpay-serial names a public key that is not the one in the settings',
      });
      expect(gateway.claims(noticeBy(other))).toBe('no');
      expect(fake.calls).toEqual([]);
      await gateway.disconnect();
    });
  });

  it('tell at once whose a callback may be, and call nobody for it', async () => {
    const gateway = open();
    const claims = (headers: Readonly<Record<string, string>>) => gateway.claims({ headers, body: Buffer.from(''), receivedAt: NOW });
    expect(claims({ 'wechatpay-serial': PUBLIC_KEY_ID })).toBe('yes');
    expect(claims({ 'wechatpay-serial': first.serial })).toBe('maybe');
    for (const serial of ['', '__proto__', 'constructor', '\u0000', 'x'.repeat(100_000), 'A'.repeat(41), first.serial.toLowerCase()]) {
      expect(claims({ 'wechatpay-serial': serial })).toBe('no');
    }
    expect(claims({})).toBe('no');
    expect(claims(Object.create({ 'wechatpay-serial': PUBLIC_KEY_ID }) as Record<string, string>)).toBe('no');
    expect(fake.calls).toEqual([]);
    await gateway.disconnect();
  });
});
