import { ApiError } from '../api-error.js';
import type { WechatpayContext } from '../context.js';
import { refundAnswer } from '../transaction-fields.js';
import type { Answered, Call } from './call.js';

/** `GET /v3/refund/domestic/refunds/{out_refund_no}`. Source: docs 4013071041. */
export function refundQuery({ path }: Call, { ledger }: WechatpayContext): Answered {
  const refund = ledger.refundByNumber('wechatpay', path[0] ?? '');
  const trade = refund && ledger.trade(refund.outTradeNo);
  if (!refund || !trade) throw new ApiError('RESOURCE_NOT_EXISTS', '退款单不存在');
  return refundAnswer(refund, trade);
}
