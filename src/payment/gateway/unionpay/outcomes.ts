import type { Outcome } from '../gateway.js';
import { meaningOf } from './codes.js';
import type { Message } from './message.js';
import type { TradeName } from './requests.js';

export type Unknown = Extract<Outcome, { kind: 'unknown' }>;
export type NotNow = Extract<Outcome, { kind: 'not_now' }>;
export type Succeeded = Extract<Outcome, { kind: 'succeeded' }>;

export function unknown(cause: string): Unknown {
  return { kind: 'unknown', cause };
}

/** What a query found, before it is known whether it is final. */
export type Found =
  | Succeeded
  | { readonly kind: 'in_progress' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'absent' }
  | NotNow
  | Unknown;

/**
 * What the answer to a query says of the transaction that was asked for. `now` stands in for the time where it is not given.
 * Source: UnionPay, ACPSample_B2C, `Form_6_5_Query`.
 */
export function found(answer: Message, asked: TradeName, merId: string, now: Date): Found {
  if (!isAbout(answer, asked, merId)) return unknown('the answer is about another trade');
  const meaning = meaningOf(answer.text('respCode') ?? '');
  if (meaning === 'absent') return { kind: 'absent' };
  if (meaning === 'not_executed') return { kind: 'not_now', reason: answer.reason() };
  if (meaning !== 'done') return unknown(answer.reason());
  const code = answer.text('origRespCode');
  if (code === undefined) return unknown('the answer has no origRespCode');
  if ((answer.text('txnType') ?? asked.txnType) !== asked.txnType) return unknown('the answer is about a trade of another type');
  switch (meaningOf(code)) {
    case 'done':
      return succeeded(answer, now);
    case 'in_progress':
      return { kind: 'in_progress' };
    case 'absent':
      return { kind: 'absent' };
    case 'duplicate':
    case 'not_executed':
    case 'unclear':
    case 'refused':
      return { kind: 'failed', reason: answer.reason('origRespCode') };
  }
}

function succeeded(answer: Message, now: Date): Succeeded | Unknown {
  const gatewayRef = answer.text('queryId');
  const settled = answer.amount;
  if (gatewayRef === undefined || settled === undefined) return unknown('the answer lacks queryId or a readable amount');
  return { kind: 'succeeded', gatewayRef, settled, at: answer.at ?? now };
}

/** What became of sending a refund or a cancel. `accepted` is not done: UnionPay has it and will say. */
export type Sent =
  { readonly kind: 'accepted' } | { readonly kind: 'duplicate' } | { readonly kind: 'refused'; readonly reason: string } | NotNow | Unknown;

/** Source: UnionPay, ACPSample_B2C, `Form_6_4_Refund`: 00, 03, 04 and 05 all mean that it was accepted. */
export function sent(answer: Message, name: TradeName, merId: string): Sent {
  if (!isAbout(answer, name, merId)) return unknown('the answer is about another trade');
  switch (meaningOf(answer.text('respCode') ?? '')) {
    case 'done':
    case 'in_progress':
      return { kind: 'accepted' };
    case 'duplicate':
      return { kind: 'duplicate' };
    case 'not_executed':
      return { kind: 'not_now', reason: answer.reason() };
    case 'unclear':
      return unknown(answer.reason());
    case 'absent':
    case 'refused':
      return { kind: 'refused', reason: answer.reason() };
  }
}

/** An answer that is genuine may still be one to another question, which somebody on the way has kept. */
function isAbout(answer: Message, { orderId, txnTime }: TradeName, merId: string): boolean {
  return answer.text('merId') === merId && answer.text('orderId') === orderId && answer.text('txnTime') === txnTime;
}
