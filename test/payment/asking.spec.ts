import { nextAskOfAttempt, nextAskOfLostRefund, nextAskOfRefund } from '../../src/payment/asking.js';

const NOW = new Date('2026-11-11T00:00:00.000Z');
const seconds = (then: Date) => (then.getTime() - NOW.getTime()) / 1000;

// An unknown outcome is settled within 30 s of the gateway's return: a call that hangs takes 10 s of that, and there may be one more.
const MOST_OF_UNKNOWN = 10;

describe('when a gateway is asked again', () => {
  it.each([
    [0, 5],
    [1, 10],
    [4, 80],
    [1_000, 300],
  ])('an attempt that waits, asked %i times: after %i s', (asked, wait) => {
    expect(seconds(nextAskOfAttempt({ status: 'pending', asked, closeRequested: false }, NOW))).toBe(wait);
  });

  it.each([
    [0, 2],
    [1, 4],
    [3, MOST_OF_UNKNOWN],
    [1_000, MOST_OF_UNKNOWN],
  ])('an attempt that is unknown or to be closed, asked %i times: after %i s', (asked, wait) => {
    expect(seconds(nextAskOfAttempt({ status: 'unknown', asked, closeRequested: false }, NOW))).toBe(wait);
    expect(seconds(nextAskOfAttempt({ status: 'pending', asked, closeRequested: true }, NOW))).toBe(wait);
  });

  it.each([
    [0, 10],
    [6, 10],
    [12, 20],
    [60, 100],
    [1_000, 300],
  ])('a refund that is under way, asked %i times: after %i s', (asked, wait) => {
    expect(seconds(nextAskOfRefund({ asked }, NOW))).toBe(wait);
  });

  it.each([
    ['just sent', 0, 0, 10],
    ['sent 9 s ago', 9, 0, 2],
    ['sent long ago', 600, 1, 4],
    ['sent long ago', 600, 1_000, MOST_OF_UNKNOWN],
  ])('a refund that is unknown, %s (%i s), asked %i times: after %i s', (_, ago, asked, wait) => {
    expect(seconds(nextAskOfLostRefund({ sentAt: new Date(NOW.getTime() - ago * 1000), asked }, NOW))).toBe(wait);
  });
});
