import type { KeyObject } from 'node:crypto';
import type { Notice, RawCallback, Rejected, RejectionVerdict } from '../gateway.js';
import { open } from './encryption.js';
import { matchIn, moneyIn, objectIn, parseObject, textIn, timeIn, type Fields } from './fields.js';
import { GATEWAY_NUMBER } from './outcomes.js';
import { signatureFlaw, type KeyLookup, type SignatureFlaw, type SignedMessage } from './signing.js';

/** In bytes. A notice has about two thousand. */
const LONGEST_BODY = 64 * 1024;
const OUT_TRADE_NO = /^[0-9A-Za-z_\-|*]{6,32}$/;
const OUT_REFUND_NO = /^[0-9A-Za-z_\-|*@]{1,64}$/;
const NOTICE_ID = /^[\x21-\x7e]{1,64}$/;

/** Whom a notice must be for. */
export interface Addressee {
  readonly mchId: string;
  readonly appId: string;
  readonly apiV3Key: KeyObject;
}

/** A notice whose signature fits, with what it carried in the clear. */
export interface OpenedNotice {
  readonly envelope: Fields;
  readonly resource: Fields;
}

/** The first thing that is wrong with a notice. The checks are made in this order, after those of the signature. */
export type NoticeFlaw = SignatureFlaw | { readonly check: 'decrypt' | 'resource'; readonly reason: string };

const VERDICTS: Readonly<Record<NoticeFlaw['check'], RejectionVerdict>> = {
  headers: 'bad_signature',
  timestamp: 'expired',
  serial: 'unknown_key',
  signature: 'bad_signature',
  decrypt: 'undecryptable',
  resource: 'malformed',
};

/**
 * Verifies a notice and decrypts what it carries, or says what is wrong with it: headers, timestamp, serial, signature,
 * decryption, content, in this order. Decryption alone would prove no sender, since what was encrypted once can be sent
 * again in another envelope: the signature is over the whole of it. Source: WeChat Pay, documents under "notices".
 */
export async function openNotice(
  message: SignedMessage,
  at: Date,
  keyOf: KeyLookup,
  apiV3Key: KeyObject,
): Promise<OpenedNotice | NoticeFlaw> {
  const flaw = await signatureFlaw(message, at, keyOf);
  if (flaw !== undefined) return flaw;
  const envelope = parseObject(message.body);
  const sealed = objectIn(envelope, 'resource');
  if (envelope === undefined || sealed === undefined) return { check: 'resource', reason: 'the body is no JSON object with a resource' };
  if (textIn(sealed, 'algorithm') !== 'AEAD_AES_256_GCM') return { check: 'decrypt', reason: 'resource.algorithm is not AEAD_AES_256_GCM' };
  const plain = open(
    {
      nonce: textIn(sealed, 'nonce') ?? '',
      associatedData: textIn(sealed, 'associated_data') ?? '',
      ciphertext: textIn(sealed, 'ciphertext') ?? '',
    },
    apiV3Key,
  );
  if (plain === undefined) return { check: 'decrypt', reason: 'the resource was not encrypted under our API v3 key' };
  const resource = parseObject(plain);
  return resource === undefined ? { check: 'resource', reason: 'the resource is no JSON object' } : { envelope, resource };
}

/** Reads a callback: first `openNotice`, then the addressee, then what it says. Never throws. */
export async function readNotice(callback: RawCallback, us: Addressee, keyOf: KeyLookup): Promise<Notice | Rejected> {
  if (callback.body.length > LONGEST_BODY) return reject('malformed', 'the body is too long');
  // By the time it arrived, so that a callback that is read again later is judged as it was then.
  const opened = await openNotice(callback, callback.receivedAt, keyOf, us.apiV3Key);
  if ('check' in opened) return reject(VERDICTS[opened.check], opened.reason);
  const { envelope, resource } = opened;
  const event = textIn(envelope, 'event_type') ?? '';
  if (textIn(resource, 'mchid') !== us.mchId) return reject('wrong_merchant', 'mchid is not ours', resource);
  if (event.startsWith('TRANSACTION.')) {
    if (textIn(resource, 'appid') !== us.appId) return reject('wrong_app', 'appid is not ours', resource);
    return aboutOrder(envelope, resource, callback.receivedAt) ?? incomplete(resource);
  }
  if (event.startsWith('REFUND.')) return aboutRefund(envelope, resource, callback.receivedAt) ?? incomplete(resource);
  return reject('malformed', 'event_type is neither of a payment nor of a refund', resource);
}

function aboutOrder(envelope: Fields, resource: Fields, receivedAt: Date): Notice | undefined {
  const common = commonOf(envelope, resource, receivedAt);
  const state = textIn(resource, 'trade_state');
  if (common === undefined || state === undefined) return undefined;
  // REFUND is a paid order, too, part of which has gone back before the notice arrived.
  return { ...common, says: state === 'SUCCESS' || state === 'REFUND' ? 'paid' : 'ignored' };
}

function aboutRefund(envelope: Fields, resource: Fields, receivedAt: Date): Notice | undefined {
  const common = commonOf(envelope, resource, receivedAt);
  const refundNo = matchIn(resource, 'out_refund_no', OUT_REFUND_NO);
  if (common === undefined || refundNo === undefined || textIn(resource, 'refund_status') === undefined) return undefined;
  return { ...common, refundNo, says: 'about_refund' };
}

/** What both kinds say. The amount is that of the order, in both. */
function commonOf(envelope: Fields, resource: Fields, receivedAt: Date): Omit<Notice, 'says'> | undefined {
  const noticeId = matchIn(envelope, 'id', NOTICE_ID);
  const outTradeNo = matchIn(resource, 'out_trade_no', OUT_TRADE_NO);
  const gatewayRef = matchIn(resource, 'transaction_id', GATEWAY_NUMBER);
  const amount = moneyIn(resource, 'total');
  if (noticeId === undefined || outTradeNo === undefined || gatewayRef === undefined || amount === undefined) return undefined;
  const at = timeIn(resource, 'success_time') ?? timeIn(envelope, 'create_time') ?? receivedAt;
  return { kind: 'notice', noticeId, outTradeNo, gatewayRef, amount, at: at.toISOString() };
}

function incomplete(resource: Fields): Rejected {
  return reject('malformed', 'a field that such a notice must have is missing or unreadable', resource);
}

/** Before it is decrypted a notice claims no number at all. */
function reject(verdict: RejectionVerdict, reason: string, resource?: Fields): Rejected {
  const claimed = matchIn(resource, 'out_trade_no', OUT_TRADE_NO);
  return { kind: 'rejected', verdict, reason, ...(claimed !== undefined && { outTradeNo: claimed }) };
}
