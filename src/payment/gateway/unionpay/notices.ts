import { createHash } from 'node:crypto';
import { parseForm, type Form } from '../form.js';
import type { Notice, RawCallback, Rejected, RejectionVerdict } from '../gateway.js';
import { meaningOf } from './codes.js';
import { Message } from './message.js';
import { refundNoOf, TXN_TYPES } from './requests.js';
import { messageFlaw, type FlawReason, type TrustAnchors } from './verification.js';

const ORDER_ID = /^[0-9A-Za-z]{8,40}$/;

const VERDICTS: Readonly<Record<FlawReason, RejectionVerdict>> = {
  missing: 'bad_signature',
  cert: 'untrusted_certificate',
  chain: 'untrusted_certificate',
  expired: 'untrusted_certificate',
  cn: 'untrusted_certificate',
  signature: 'bad_signature',
};

/**
 * Reads a notice to the back address: the form, then the signature and its certificate as of the moment of arrival, then
 * the addressee, then what it says, and stops at the first that is wrong. Never throws.
 * Source: UnionPay, ACPSample_B2C, `BackRcvResponse`.
 */
export async function readNotice(callback: RawCallback, merId: string, anchors: TrustAnchors): Promise<Notice | Rejected> {
  const form = parseForm(callback.body, 'encoding');
  if (typeof form === 'string') return reject('malformed', form);
  const flaw = await messageFlaw(form.bytes, anchors, callback.receivedAt);
  if (flaw !== undefined) return reject(VERDICTS[flaw.reason], flaw.says, form);
  // UnionPay's key signs for every merchant there is: a genuine notice of another one must not count as ours.
  if (form.text.get('merId') !== merId) return reject('wrong_merchant', 'merId is not ours', form);
  return (
    noticeOf(new Message(form.text), callback.receivedAt) ??
    reject('malformed', 'a field that a notice about a transaction must have is missing or unreadable', form)
  );
}

/** Whether a callback says that it is for a merchant. Nothing of it is proven. Never throws. */
export function claimsToBeFor(callback: RawCallback, merId: string): boolean {
  const form = parseForm(callback.body, 'encoding');
  return typeof form !== 'string' && form.text.get('merId') === merId;
}

function noticeOf(message: Message, receivedAt: Date): Notice | undefined {
  const orderId = message.text('orderId') ?? '';
  const gatewayRef = message.text('queryId');
  const txnType = message.text('txnType');
  const respCode = message.text('respCode');
  const { amount } = message;
  if (!ORDER_ID.test(orderId) || gatewayRef === undefined || txnType === undefined || respCode === undefined) return undefined;
  if (amount === undefined) return undefined;
  const common = {
    kind: 'notice',
    noticeId: noticeIdOf(message),
    gatewayRef,
    amount,
    at: (message.at ?? receivedAt).toISOString(),
  } as const;
  if (txnType === TXN_TYPES.refund || txnType === TXN_TYPES.cancel) {
    // Success and failure alike: which of them it is, a query will say.
    return { ...common, refundNo: refundNoOf(orderId, txnType), says: 'about_refund' };
  }
  const paid = txnType === TXN_TYPES.payment && meaningOf(respCode) === 'done';
  return { ...common, outTradeNo: orderId, says: paid ? 'paid' : 'ignored' };
}

/** UnionPay gives its notices no number, so they get one from what is the same whenever the same thing is said again. */
function noticeIdOf(message: Message): string {
  const parts = ['queryId', 'txnType', 'orderId', 'txnTime', 'respCode'].map((name) => message.text(name));
  return createHash('sha256').update(parts.join('&')).digest('hex');
}

/** `outTradeNo` is a mere claim here. It is kept, if it could be one of ours, for an operator's search. */
function reject(verdict: RejectionVerdict, reason: string, form?: Form): Rejected {
  const claimed = form?.text.get('orderId') ?? '';
  return { kind: 'rejected', verdict, reason, ...(ORDER_ID.test(claimed) && { outTradeNo: claimed }) };
}
