import type { WechatpayContext } from '../context.js';
import type { Answered, Call } from './call.js';
import { certificates } from './certificates.js';
import { close } from './close.js';
import { order } from './order.js';
import { queryById, queryByOutTradeNo } from './query.js';
import { refund } from './refund.js';
import { refundQuery } from './refund-query.js';

/** A call by its method and path. `name` is what faults and the log call it. */
export interface Route {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: RegExp;
  readonly answer: (call: Call, wechatpay: WechatpayContext) => Answered;
}

const ORDERS = '/v3/pay/transactions';
const REFUNDS = '/v3/refund/domestic/refunds';

export const ROUTES: readonly Route[] = [
  ...(['native', 'jsapi', 'h5', 'app'] as const).map((product) => ({
    name: product,
    method: 'POST' as const,
    path: new RegExp(`^${ORDERS}/${product}$`),
    answer: (call: Call, wechatpay: WechatpayContext) => order(call, wechatpay, product),
  })),
  { name: 'query', method: 'GET', path: new RegExp(`^${ORDERS}/out-trade-no/([^/]+)$`), answer: queryByOutTradeNo },
  { name: 'query', method: 'GET', path: new RegExp(`^${ORDERS}/id/([^/]+)$`), answer: queryById },
  { name: 'close', method: 'POST', path: new RegExp(`^${ORDERS}/out-trade-no/([^/]+)/close$`), answer: close },
  { name: 'refund', method: 'POST', path: new RegExp(`^${REFUNDS}$`), answer: refund },
  { name: 'refund_query', method: 'GET', path: new RegExp(`^${REFUNDS}/([^/]+)$`), answer: refundQuery },
  { name: 'certificates', method: 'GET', path: /^\/v3\/certificates$/, answer: certificates },
];
