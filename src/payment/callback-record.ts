import { isUtf8 } from 'node:buffer';

import { newId, type CallbackId } from '../kernel/ids.js';
import { scrub } from '../platform/secrets/scrub.js';
import type { Vault } from '../platform/secrets/vault.js';
import type { CallbackEntity } from './callback.entity.js';
import type { GatewayName, Notice, RawCallback, Rejected } from './gateway/gateway.js';
import type { OpenAccount } from './gateway/gateways.js';
import { orderOf } from './out-trade-no.js';

const KEPT_HEADERS = 40;
const LONGEST_SHOWN_HEADER = 2_000;
const NEVER_SHOWN = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** What was made of a callback: by whose account it was read, and what it then said. */
export interface Heard {
  readonly account: OpenAccount | undefined;
  readonly read: Notice | Rejected;
}

/** A line of the inbox, before its effect is known. */
export function drawRecord(
  vault: Vault,
  gateway: GatewayName,
  topic: string,
  callback: RawCallback,
  { account, read }: Heard,
  replayOf: CallbackId | null = null,
): CallbackEntity {
  const id = newId<'callback'>();
  const notice = read.kind === 'notice' ? read : undefined;
  return {
    id,
    gateway,
    topic,
    merchantId: null,
    orderId: null,
    accountId: notice ? (account?.account.id ?? null) : null,
    headers: shownHeaders(callback),
    body: shownBody(callback.body),
    sealed: seal(vault, id, callback),
    verdict: read.kind === 'rejected' ? read.verdict : 'verified',
    effect: 'none',
    reason: null,
    noticeId: notice?.noticeId ?? null,
    outTradeNo: shownNumber(read.outTradeNo),
    refundNo: notice?.refundNo ?? null,
    receivedAt: callback.receivedAt,
    replayOf,
  };
}

/** The callback as it came, from a line of the inbox. Throws `CannotOpen`. */
export function rawCallbackOf(vault: Vault, { id, sealed, headers, body, receivedAt }: CallbackEntity): RawCallback {
  if (sealed === null) return { headers, body, receivedAt };
  const plain = vault.open(sealed, placeOf(id));
  const end = plain.indexOf(0);
  const sealedHeaders = JSON.parse(plain.subarray(0, end).toString('utf8')) as Record<string, string>;
  return { headers: sealedHeaders, body: plain.subarray(end + 1), receivedAt };
}

/** The headers as JSON, a NUL, which JSON has none of, and the body. */
function seal(vault: Vault, id: CallbackId, { headers, body }: RawCallback): Buffer {
  const kept = Object.entries(headers).filter(([name]) => !NEVER_SHOWN.has(name));
  return vault.seal(Buffer.concat([Buffer.from(JSON.stringify(Object.fromEntries(kept))), Buffer.of(0), body]), placeOf(id));
}

/** Anybody can claim a number. One that is not of our making could as well be a card's, or a secret. */
function shownNumber(claimed: string | undefined): string | null {
  if (claimed === undefined) return null;
  return orderOf(claimed) !== undefined || scrub(claimed) === claimed ? claimed : null;
}

function shownHeaders({ headers }: RawCallback): Record<string, string> {
  const shown = Object.entries(headers).filter(([name]) => !NEVER_SHOWN.has(name));
  return Object.fromEntries(shown.slice(0, KEPT_HEADERS).map(([name, value]) => [name, scrub(value).slice(0, LONGEST_SHOWN_HEADER)]));
}

function shownBody(body: Buffer): Buffer {
  // In latin1 a byte is a character, so that what is no text is searched as well.
  const encoding = isUtf8(body) ? 'utf8' : 'latin1';
  return Buffer.from(scrub(body.toString(encoding)), encoding);
}

function placeOf(id: CallbackId): string {
  return `callbacks/${id}`;
}
