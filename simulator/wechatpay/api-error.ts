import { GatewayRefusal } from '../gateway.js';
import { Refusal, type RefusalReason } from '../ledger/refusal.js';

/** The HTTP status that goes with a code. Source: docs 4012081709, 4012081717. */
const STATUS: Readonly<Record<string, number>> = {
  USERPAYING: 202,
  PARAM_ERROR: 400,
  INVALID_REQUEST: 400,
  APPID_MCHID_NOT_MATCH: 400,
  MCH_NOT_EXISTS: 400,
  ORDER_CLOSED: 400,
  ORDERPAID: 400,
  REFUND_FEE_MISMATCH: 400,
  TRADE_OVERDUE: 400,
  SIGN_ERROR: 401,
  NO_AUTH: 403,
  NOT_ENOUGH: 403,
  OUT_TRADE_NO_USED: 403,
  RULE_LIMIT: 403,
  TRADE_ERROR: 403,
  USER_ACCOUNT_ABNORMAL: 403,
  ORDER_NOT_EXIST: 404,
  RESOURCE_NOT_EXISTS: 404,
  FREQUENCY_LIMITED: 429,
  RATELIMIT_EXCEEDED: 429,
  SYSTEM_ERROR: 500,
  BANK_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
};

/** WeChat Pay says no: a status and a code, without a signature. */
export class ApiError extends GatewayRefusal {
  readonly status: number;

  constructor(
    readonly code: string,
    text: string,
    readonly detail?: Readonly<Record<string, unknown>>,
  ) {
    super(code, text);
    this.status = STATUS[code] ?? 400;
  }

  body(): string {
    return JSON.stringify({ code: this.code, message: this.shownMessage, ...(this.detail && { detail: this.detail }) });
  }
}

export const badParameter = (text: string): ApiError => new ApiError('PARAM_ERROR', `参数错误：${text}`);

const IN_WECHATS_WORDS: Readonly<Record<RefusalReason, readonly [code: string, text: string]>> = {
  unknown_trade: ['ORDER_NOT_EXIST', '订单不存在'],
  different_order: ['OUT_TRADE_NO_USED', '商户订单号重复：同一单号的参数与之前不一致'],
  already_ordered: ['OUT_TRADE_NO_USED', '商户订单号重复'],
  already_paid: ['ORDERPAID', '该订单已支付'],
  already_closed: ['ORDER_CLOSED', '订单已关闭'],
  expired: ['ORDER_CLOSED', '订单已过期'],
  not_unpaid: ['ORDERPAID', '该订单已支付'],
  not_paid: ['INVALID_REQUEST', '订单未支付，不能退款'],
  request_number_reused: ['REFUND_FEE_MISMATCH', '同一退款单号多次请求，金额不一致'],
  exceeds_remaining: ['INVALID_REQUEST', '申请退款金额大于订单可退金额'],
  unknown_refund: ['RESOURCE_NOT_EXISTS', '退款单不存在'],
  refund_is_over: ['INVALID_REQUEST', '退款单已结束'],
};

/** Anything thrown while a call was answered, as WeChat Pay would put it. What is no refusal is our own mistake, and goes on. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof Refusal) return new ApiError(...IN_WECHATS_WORDS[thrown.reason]);
  throw thrown;
}
