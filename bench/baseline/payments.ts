import type { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';

import type { AlipaySignatures } from './alipay.js';
import { Call } from './calls.js';
import type { Reply, Sent } from './server.js';

interface Payable {
  readonly order_number: string;
  readonly amount: number;
  readonly attempts: number;
  readonly expires_at: Date;
}

const ASKED_AFTER = 5_000;
const BEIJING = 8 * 60 * 60 * 1000;
const NOT_FOUND: Reply = { status: 404, body: '{"code":"not_found"}' };
const INVALID: Reply = { status: 400, body: '{"code":"invalid_request"}' };

/** `POST /v1/orders/{id}/payments`: what is due is read, the page signed, and the rest is one call. */
export function startPayments(pool: Pool, alipay: AlipaySignatures, accountId: string, notifyUrl: string) {
  const startPayment = new Call(pool, 'start_payment', 18);
  return async (orderId: string, { caller, idempotencyKey, requestHash, body }: Sent): Promise<Reply> => {
    const wanted = read(body);
    if (wanted === undefined) return INVALID;
    const { rows } = await pool.query<Payable>({
      name: 'payable',
      text: 'SELECT order_number, amount, attempts, expires_at FROM payments WHERE order_id = $1 AND merchant_id = $2',
      values: [orderId, caller.merchantId],
    });
    const [payable] = rows;
    if (payable === undefined) return NOT_FOUND;
    const { amount, expires_at: expires } = payable;
    const number = payable.attempts + 1;
    const now = new Date();
    const outTradeNo = tradeNumber(orderId, number);
    const url = await alipay.page({
      outTradeNo,
      total: `${Math.floor(amount / 100)}.${String(amount % 100).padStart(2, '0')}`,
      subject: `订单 ${payable.order_number}`,
      expires: beijingTime(expires),
      now: beijingTime(now),
      notifyUrl,
      ...(wanted.returnUrl === undefined ? {} : { returnUrl: wanted.returnUrl }),
    });
    const id = uuidv7();
    const action = JSON.stringify({ type: 'redirect', url });
    const view =
      `{"id":"${id}","orderId":"${orderId}","gateway":"alipay","accountId":"${accountId}","method":"page","outTradeNo":"${outTradeNo}",` +
      `"status":"pending","amount":${amount},"currency":"CNY","action":${action},"gatewayRef":null,"usedAs":null,"failureReason":null,` +
      `"expiresAt":"${expires.toISOString()}","createdAt":"${now.toISOString()}","paidAt":null}`;
    const answer = await startPayment.run([
      caller.merchantId,
      idempotencyKey,
      requestHash,
      orderId,
      id,
      number,
      outTradeNo,
      amount,
      accountId,
      wanted.returnUrl ?? null,
      action,
      view,
      expires.toISOString(),
      now.toISOString(),
      new Date(now.getTime() + ASKED_AFTER).toISOString(),
      uuidv7(),
      uuidv7(),
      caller.actor,
    ]);
    return answer.startsWith('{"error"') ? { status: 409, body: answer.slice('{"error":'.length, -1) } : { status: 201, body: answer };
  };
}

function read(body: string): { readonly returnUrl?: string } | undefined {
  try {
    const { gateway, method, returnUrl } = JSON.parse(body) as { gateway?: unknown; method?: unknown; returnUrl?: unknown };
    if (gateway !== 'alipay' || method !== 'page') return undefined;
    if (returnUrl === undefined) return {};
    return typeof returnUrl === 'string' && URL.canParse(returnUrl) ? { returnUrl } : undefined;
  } catch {
    return undefined;
  }
}

/** The order's id in base 36 and two digits, as the program makes it. */
function tradeNumber(orderId: string, number: number): string {
  const digits = BigInt(`0x${orderId.replaceAll('-', '')}`)
    .toString(36)
    .padStart(25, '0');
  return `${digits}${String(number).padStart(2, '0')}`;
}

function beijingTime(at: Date): string {
  return new Date(at.getTime() + BEIJING).toISOString().slice(0, 19).replace('T', ' ');
}
