import type { Product, Trade } from '../../ledger/trade.js';
import type { Call } from '../call.js';
import type { AlipayContext } from '../context.js';
import { orderOf } from '../order-fields.js';

/**
 * `alipay.trade.page.pay` and `alipay.trade.wap.pay`: the payer's browser comes with a request that the merchant signed, and only now
 * does the trade exist. The same request again, a reload for instance, leads to the same trade.
 */
export function openPage(call: Call, product: Product, alipay: AlipayContext): Trade {
  return alipay.ledger.open(orderOf(call, product, alipay.clock()));
}
