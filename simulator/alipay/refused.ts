import { GatewayRefusal } from '../gateway.js';
import { Refusal, type RefusalReason } from '../ledger/refusal.js';

/** What each class of answer says. Source: docs common/02km9f. */
const MESSAGES: Readonly<Record<string, string>> = {
  '20000': 'Service Currently Unavailable',
  '40001': 'Missing Required Arguments',
  '40002': 'Invalid Arguments',
  '40004': 'Business Failed',
};

/** The gateway says no, in Alipay's words. */
export class Refused extends GatewayRefusal {
  constructor(
    readonly code: '20000' | '40001' | '40002' | '40004',
    readonly subCode: string,
    readonly subMessage: string,
  ) {
    super(subCode, subMessage);
  }

  fields(): Record<string, string> {
    return { code: this.code, msg: MESSAGES[this.code] ?? '', sub_code: this.subCode, sub_msg: this.subMessage };
  }
}

export const missing = (what: string, message: string): Refused => new Refused('40001', `isv.missing-${what}`, message);
export const invalid = (what: string, message: string): Refused => new Refused('40002', `isv.invalid-${what}`, message);
export const business = (subCode: string, message: string): Refused => new Refused('40004', subCode, message);
export const badParameter = (message: string): Refused => business('ACQ.INVALID_PARAMETER', `参数无效：${message}`);

const IN_ALIPAYS_WORDS: Readonly<Record<RefusalReason, readonly [subCode: string, message: string]>> = {
  unknown_trade: ['ACQ.TRADE_NOT_EXIST', '交易不存在'],
  different_order: ['ACQ.CONTEXT_INCONSISTENT', '交易信息被篡改'],
  already_ordered: ['ACQ.APPLY_PC_MERCHANT_CODE_ERROR', '二维码申请失败：同一订单不能再次申请'],
  already_paid: ['ACQ.TRADE_HAS_SUCCESS', '交易已被支付'],
  already_closed: ['ACQ.TRADE_HAS_CLOSE', '交易已经关闭'],
  expired: ['ACQ.TRADE_HAS_CLOSE', '订单已超时'],
  not_unpaid: ['ACQ.TRADE_STATUS_ERROR', '交易状态不合法'],
  not_paid: ['ACQ.TRADE_STATUS_ERROR', '交易状态不合法：未付款'],
  request_number_reused: ['ACQ.DISCORDANT_REPEAT_REQUEST', '不一致的请求：退款请求号已用于其他金额'],
  exceeds_remaining: ['ACQ.REASON_TRADE_REFUND_FEE_ERR', '退款金额无效：超过可退金额'],
  unknown_refund: ['ACQ.TRADE_NOT_EXIST', '退款不存在'],
  refund_is_over: ['ACQ.TRADE_STATUS_ERROR', '退款已结束'],
};

/** Anything thrown while a call was answered, as Alipay would put it. What is no refusal is our own mistake, and goes on. */
export function asRefused(thrown: unknown): Refused {
  if (thrown instanceof Refused) return thrown;
  if (thrown instanceof Refusal) return business(...IN_ALIPAYS_WORDS[thrown.reason]);
  throw thrown;
}
