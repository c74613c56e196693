import { v7 as uuidv7, validate } from 'uuid';

import { randomness } from './randomness.js';

/** A UUIDv7 (RFC 9562). The kind keeps an order's id from being passed where a refund's is meant. */
export type Id<Kind extends string> = string & { readonly kind?: Kind };

export type MerchantId = Id<'merchant'>;
export type OrderId = Id<'order'>;
export type PaymentId = Id<'payment'>;
export type AttemptId = Id<'attempt'>;
export type RefundId = Id<'refund'>;
export type ShipmentId = Id<'shipment'>;
export type EventId = Id<'event'>;
export type GatewayAccountId = Id<'gateway_account'>;
export type DiscrepancyId = Id<'discrepancy'>;
export type CallbackId = Id<'callback'>;

/** Stands where a merchant's id does, and there is no merchant. */
export const NO_MERCHANT: MerchantId = '00000000-0000-0000-0000-000000000000';

/** None comes after it. */
export const GREATEST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

let millisecond = 0;
let sequence = 0;

/** The one place that makes ids: time-ordered, and increasing within this process. */
export function newId<Kind extends string>(): Id<Kind> {
  const random = randomness(16);
  const now = Date.now();
  if (now > millisecond) {
    millisecond = now;
    // 31 random bits of 32: the other half is room for two thousand million more in that millisecond.
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(0) >>> 1;
  } else {
    sequence += 1;
  }
  return uuidv7({ msecs: millisecond, seq: sequence, random });
}

/** The least id that is made at an instant or later, by a machine whose clock is right. */
export function leastIdAt(instant: Date): string {
  const hex = Math.max(0, instant.getTime()).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`;
}

export function isId(text: string): boolean {
  return validate(text);
}
