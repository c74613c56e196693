import type { KeyObject } from 'node:crypto';
import { parseBeijingTime, type Instant } from '../../../kernel/clock.js';
import { parseForm, type Form } from '../form.js';
import type { Notice, RawCallback, Rejected, RejectionVerdict } from '../gateway.js';
import { fromYuan } from './amounts.js';
import type { AlipayKeys } from './keys.js';
import { isByOneOf, noticeContent } from './signing.js';

/** Whom a notice must be for, and whose signature it must bear. */
export interface Addressee {
  readonly appId: string;
  readonly sellerId: string;
  readonly keys: AlipayKeys;
}

/** True where a body says, so far unproven, that it is a notice for this application. Never throws. */
export function claimsToBeFor(appId: string, body: Buffer): boolean {
  const form = parseForm(body, 'charset');
  return typeof form !== 'string' && field(form, 'app_id') === appId;
}

/**
 * Reads a callback: the form, then the signature, then the addressee, then what it says, and stops at the first that is
 * wrong. Never throws. Source: Alipay, asynchronous notices (documents under "notices" in docs/gateways/alipay.md).
 */
export async function readNotice(callback: RawCallback, us: Addressee): Promise<Notice | Rejected> {
  const form = parseForm(callback.body, 'charset');
  if (typeof form === 'string') return reject('malformed', form);
  const formFlaw = signatureFieldsFlaw(form);
  if (formFlaw !== undefined) return reject('bad_signature', formFlaw, form);
  const allowed = await us.keys.allowed(field(form, 'alipay_cert_sn'), field(form, 'app_id') === us.appId ? 'sparingly' : 'never');
  if ('verdict' in allowed) return reject(allowed.verdict, allowed.reason, form);
  const flaw = await signatureFlaw(form, allowed);
  if (flaw !== undefined) return reject('bad_signature', flaw, form);
  // Alipay's key signs for every merchant there is: a genuine notice of another one must not count as ours.
  if (field(form, 'app_id') !== us.appId) return reject('wrong_app', 'app_id is not ours', form);
  if ((field(form, 'auth_app_id') ?? us.appId) !== us.appId) return reject('wrong_app', 'auth_app_id is not ours', form);
  if (field(form, 'seller_id') !== us.sellerId) return reject('wrong_merchant', 'seller_id is not ours', form);
  return (
    noticeOf(form, callback.receivedAt) ??
    reject('malformed', 'a field that a notice about a trade must have is missing or unreadable', form)
  );
}

/**
 * What is wrong with the signature, or undefined. `sign_type` is not covered by it, so it chooses nothing: the algorithm
 * is always RSA2, a missing `sign_type` changes nothing, and any other one is refused.
 * Alipay's pages disagree on empty fields, so both strings are tried; either needs Alipay's own key.
 */
export async function signatureFlaw(form: Form, keys: readonly KeyObject[]): Promise<string | undefined> {
  const flaw = signatureFieldsFlaw(form);
  if (flaw !== undefined) return flaw;
  const signature = form.text.get('sign') ?? '';
  if (await isByOneOf(keys, noticeContent(form.bytes, 'dropped'), signature)) return undefined;
  const hasEmpties = [...form.bytes.values()].some((value) => value.length === 0);
  if (hasEmpties && (await isByOneOf(keys, noticeContent(form.bytes, 'kept'), signature))) return undefined;
  return 'the signature does not fit';
}

function signatureFieldsFlaw(form: Form): string | undefined {
  if ((form.text.get('sign_type') ?? 'RSA2') !== 'RSA2') return 'sign_type is not RSA2';
  return (form.text.get('sign') ?? '') === '' ? 'sign is missing' : undefined;
}

function noticeOf(form: Form, receivedAt: Date): Notice | undefined {
  const noticeId = field(form, 'notify_id');
  const outTradeNo = field(form, 'out_trade_no');
  const gatewayRef = field(form, 'trade_no');
  const amount = fromYuan(field(form, 'total_amount') ?? '');
  const says = saysOf(form);
  if (noticeId === undefined || outTradeNo === undefined || gatewayRef === undefined) return undefined;
  if (amount === undefined || says === undefined) return undefined;
  const refundNo = says === 'about_refund' ? field(form, 'out_biz_no') : undefined;
  const notice: Notice = { kind: 'notice', noticeId, outTradeNo, gatewayRef, says, amount, at: instantOf(form, says, receivedAt) };
  return refundNo === undefined ? notice : { ...notice, refundNo };
}

/** What the notice says, or undefined where it is not about the state of a trade. */
function saysOf(form: Form): Notice['says'] | undefined {
  // A trade that closed unpaid is reported with `refund_fee=0.00`, so the field alone makes no refund.
  const refundFee = fromYuan(field(form, 'refund_fee') ?? '0.00');
  if (refundFee === undefined) return undefined;
  const gaveBack = refundFee.amount > 0;
  const namesRefund = field(form, 'out_biz_no') !== undefined || field(form, 'gmt_refund') !== undefined;
  switch (field(form, 'trade_status')) {
    case 'TRADE_SUCCESS':
    case 'TRADE_FINISHED':
      return gaveBack && namesRefund ? 'about_refund' : 'paid';
    case 'TRADE_CLOSED':
      return gaveBack || field(form, 'gmt_payment') !== undefined || field(form, 'gmt_refund') !== undefined ? 'about_refund' : 'closed';
    case undefined:
      return undefined;
    default:
      return 'ignored';
  }
}

const TIME_OF: Readonly<Record<Notice['says'], string>> = {
  paid: 'gmt_payment',
  about_refund: 'gmt_refund',
  closed: 'gmt_close',
  ignored: 'notify_time',
};

function instantOf(form: Form, says: Notice['says'], receivedAt: Date): Instant {
  // `gmt_refund` has milliseconds and the others have none.
  const [at = receivedAt] = [TIME_OF[says], 'notify_time']
    .map((name) => parseBeijingTime((field(form, name) ?? '').replace(/\.\d{1,3}$/, '')))
    .filter((time) => time !== undefined);
  return at.toISOString();
}

function field(form: Form, name: string): string | undefined {
  const text = form.text.get(name);
  return text === '' ? undefined : text;
}

/** `outTradeNo` is a mere claim here. It is kept, if it could be one of ours, for an operator's search. */
function reject(verdict: RejectionVerdict, reason: string, form?: Form): Rejected {
  const claimed = form?.text.get('out_trade_no') ?? '';
  return { kind: 'rejected', verdict, reason, ...(/^[\w-]{1,64}$/.test(claimed) && { outTradeNo: claimed }) };
}
