import { HOUR, MINUTE, SECOND, after } from '../kernel/clock.js';
import type { AttemptState } from './payment-states.js';

/**
 * A claim that nobody comes back from is free again after this long: longer than one call to a gateway may take, and half of what
 * an unknown outcome may take once the gateway answers. A question of several calls can outlast it; asked twice, it has one effect,
 * since its number is one.
 */
export const LEASE = 15 * SECOND;

/** How long an attempt is left in peace after its expiry, for the payer who was just typing the password. */
const GRACE = MINUTE;

const WAITING = { first: 5 * SECOND, most: 5 * MINUTE };
const LOST = { first: 2 * SECOND, most: 10 * SECOND };
// A bank may take days, and a notice tells of its end.
const REFUND = { first: 10 * SECOND, most: 5 * MINUTE, oftenFor: 6 };
// Alipay wants so long between a refund and the first question about it.
const SENT = 10 * SECOND;

/** When to ask the gateway about an attempt again: soon at first, then less often; often while its end is unknown. */
export function nextAskOfAttempt(attempt: { status: AttemptState; asked: number; closeRequested: boolean }, now: Date): Date {
  const pace = attempt.status === 'unknown' || attempt.closeRequested ? LOST : WAITING;
  return after(now, backoff(pace, attempt.asked));
}

const FRESH = 10 * MINUTE;
const QUIET = 2 * MINUTE;

/** When to ask again about a refund that is under way: at one pace at first, then ever less often. */
export function nextAskOfRefund({ asked }: { asked: number }, now: Date): Date {
  return after(now, Math.min(REFUND.first * Math.max(1, asked / REFUND.oftenFor), REFUND.most));
}

/** When to ask again about a refund whose end is unknown: as often as of an attempt. */
export function nextAskOfLostRefund({ sentAt, asked }: { sentAt: Date | null; asked: number }, now: Date): Date {
  const soonest = after(now, backoff(LOST, asked));
  const known = after(sentAt ?? now, SENT);
  return known > soonest ? known : soonest;
}

/** Money came that is not what is due: until a person has looked, the gateway is asked now and then whether it still says so. */
export function askOfDisputed(now: Date): Date {
  return after(now, WAITING.most);
}

/**
 * What to do with a refund that a gateway which knows it by the time of its sending has never heard of. While that time is fresh it is
 * sent again under it, and the gateway itself refuses a double. Later the gateway would refuse the time; then nothing is sent for a
 * while, so that whatever was sent can be heard of; and then it gets a new time.
 */
export function nextSending(refund: { sentAt: Date }, now: Date): 'again' | 'wait' | 'anew' {
  if (now < after(refund.sentAt, FRESH)) return 'again';
  return now < after(refund.sentAt, FRESH + QUIET) ? 'wait' : 'anew';
}

/** True once a gateway that has not heard of a former sending will never hear of it. */
export function isForgotten(formerSentAt: Date, now: Date): boolean {
  return now >= after(formerSentAt, HOUR);
}

/** The last question about an attempt that a payer may still open although we have closed it; null once that is over. */
export function lastAskOfAttempt(attempt: { expiresAt: Date }, now: Date): Date | null {
  return isOver(attempt, now) ? null : after(attempt.expiresAt, GRACE);
}

/** True once a payer can have had no honest chance to pay any more. */
export function isOver(attempt: { expiresAt: Date }, now: Date): boolean {
  return now >= after(attempt.expiresAt, GRACE);
}

function backoff({ first, most }: { first: number; most: number }, asked: number): number {
  return Math.min(first * 2 ** Math.min(asked, 20), most);
}
