import type { Trade } from '../../ledger/trade.js';
import type { Call } from '../call.js';
import type { AlipayContext } from '../context.js';
import { orderOf, type AlipayProduct } from '../order-fields.js';

/**
 * `alipay.trade.page.pay`, `alipay.trade.wap.pay` and `alipay.trade.app.pay`: the payer's device comes with a request that the merchant
 * signed, and only now does the trade exist. The same request again, a reload for instance, leads to the same trade.
 */
export function openPage(call: Call, product: AlipayProduct, alipay: AlipayContext): Trade {
  return alipay.ledger.open(orderOf(call, product, alipay.clock()));
}
