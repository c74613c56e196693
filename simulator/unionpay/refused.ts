import { GatewayRefusal } from '../gateway.js';
import { Refusal, type RefusalReason } from '../ledger/refusal.js';

/** The gateway says no, in UnionPay's words. */
export class Refused extends GatewayRefusal {
  constructor(
    readonly respCode: string,
    readonly reason: string,
  ) {
    super(respCode, reason);
  }
}

export const malformed = (reason: string): Refused => new Refused('10', `报文格式错误：${reason}`);
export const unverified = (reason: string): Refused => new Refused('11', `验证签名失败：${reason}`);
export const repeated = (): Refused => new Refused('12', '重复交易');
export const missing = (name: string): Refused => new Refused('13', `报文交易要素缺失：${name}`);
export const unknownMerchant = (): Refused => new Refused('31', '商户状态不正确：未知的 merId');
export const notFound = (): Refused => new Refused('34', '查无此交易');
export const wrongState = (reason: string): Refused => new Refused('35', `原交易状态不正确：${reason}`);
export const wrongAmount = (reason: string): Refused => new Refused('36', `与原交易信息不符：${reason}`);
export const tooLate = (reason: string): Refused => new Refused('39', `交易不在受理时间范围内：${reason}`);

const IN_UNIONPAYS_WORDS: Readonly<Record<RefusalReason, () => Refused>> = {
  unknown_trade: notFound,
  different_order: repeated,
  already_ordered: repeated,
  already_paid: repeated,
  already_closed: repeated,
  expired: () => tooLate('已超过 payTimeout'),
  not_unpaid: () => wrongState('不是待支付的交易'),
  not_paid: () => wrongState('未支付'),
  request_number_reused: repeated,
  exceeds_remaining: () => wrongAmount('超过可退金额'),
  unknown_refund: notFound,
  refund_is_over: () => wrongState('退货已结束'),
};

/** Anything thrown while a call was answered, as UnionPay would put it. What is no refusal is our own mistake, and goes on. */
export function asRefused(thrown: unknown): Refused {
  if (thrown instanceof Refused) return thrown;
  if (thrown instanceof Refusal) return IN_UNIONPAYS_WORDS[thrown.reason]();
  throw thrown;
}
