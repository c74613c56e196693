import { randomBytes } from 'node:crypto';
import type { Fields } from '../answer.js';
import type { Call } from '../call.js';
import type { AlipayContext } from '../context.js';
import { orderOf } from '../order-fields.js';
import { badParameter } from '../refused.js';

const CODE_LIFETIME_MS = 2 * 3_600_000;

/** `alipay.trade.precreate`: gives out a code. The trade exists from when the payer scans it. */
export function precreate(call: Call, alipay: AlipayContext): Fields {
  const now = alipay.clock();
  const order = orderOf(call, 'qr', now);
  if (Date.parse(order.expiresAt) <= now.getTime()) throw badParameter('time_expire 已过');
  const code = { value: randomBytes(12).toString('hex'), expiresAt: new Date(now.getTime() + CODE_LIFETIME_MS).toISOString() };
  alipay.ledger.place({ ...order, code });
  return { out_trade_no: order.outTradeNo, qr_code: `${alipay.origin()}/qr/${code.value}` };
}
