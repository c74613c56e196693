import type { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';

import { Call } from './calls.js';
import type { Reply, Sent } from './server.js';

interface Wanted {
  readonly customerId: string;
  readonly items: readonly { readonly sku: string; readonly quantity: number }[];
  readonly shippingFee?: number;
  readonly expiresInSeconds?: number;
  readonly shippingAddress?: object;
  readonly note?: string;
  readonly metadata?: object;
}

const SKU = /^[\w.-]{1,64}$/;
const MOST_LINES = 100;
const MOST_UNITS = 9_999;

/** `POST /v1/orders` with nothing to spare: a few ifs, one function call. */
export function placeOrders(pool: Pool): (sent: Sent) => Promise<Reply> {
  const placeOrder = new Call(pool, 'place_order', 20);
  return async ({ caller, idempotencyKey, requestHash, body }) => {
    const wanted = read(body);
    if (wanted === undefined) return { status: 400, body: '{"code":"invalid_request"}' };
    const { items } = wanted;
    const id = uuidv7();
    const now = new Date();
    const expires = new Date(now.getTime() + (wanted.expiresInSeconds ?? 1800) * 1000);
    const answer = await placeOrder.run([
      caller.merchantId,
      idempotencyKey,
      requestHash,
      id,
      numberOf(id, now),
      wanted.customerId,
      JSON.stringify(items.map(({ sku, quantity }) => ({ sku, quantity }))),
      items.map(({ sku }) => sku),
      items.map(({ quantity }) => quantity),
      wanted.shippingFee ?? 0,
      wanted.shippingAddress === undefined ? null : JSON.stringify(wanted.shippingAddress),
      wanted.note ?? null,
      JSON.stringify(wanted.metadata ?? {}),
      now.toISOString(),
      expires.toISOString(),
      uuidv7(),
      uuidv7(),
      uuidv7(),
      uuidv7(),
      caller.actor,
    ]);
    return answer.startsWith('{"error"') ? { status: 409, body: answer.slice('{"error":'.length, -1) } : { status: 201, body: answer };
  };
}

function read(body: string): Wanted | undefined {
  let wanted: Wanted;
  try {
    wanted = JSON.parse(body) as Wanted;
  } catch {
    return undefined;
  }
  const { customerId, items, shippingFee = 0, expiresInSeconds = 1800 } = wanted;
  if (typeof customerId !== 'string' || customerId === '' || customerId.length > 100) return undefined;
  if (!Array.isArray(items) || items.length === 0 || items.length > MOST_LINES) return undefined;
  const seen = new Set<string>();
  for (const { sku, quantity } of wanted.items) {
    if (typeof sku !== 'string' || !SKU.test(sku) || seen.has(sku)) return undefined;
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > MOST_UNITS) return undefined;
    seen.add(sku);
  }
  if (!Number.isSafeInteger(shippingFee) || shippingFee < 0) return undefined;
  if (!Number.isInteger(expiresInSeconds) || expiresInSeconds < 1 || expiresInSeconds > 1_296_000) return undefined;
  return wanted;
}

/** The day, and 48 random bits of the id. */
function numberOf(id: string, now: Date): string {
  return now.toISOString().slice(0, 10).replaceAll('-', '') + id.slice(-12).toUpperCase();
}
