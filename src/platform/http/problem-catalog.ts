import type { DomainErrorKind } from '../../kernel/domain-error.js';

interface ProblemTitle {
  readonly status: number;
  readonly en: string;
  readonly zh: string;
}

/** Every code that an answer can carry, with its status and its title. A code never changes once published. */
export const PROBLEMS = {
  invalid_request: { status: 400, en: 'The request is not valid', zh: '请求参数有误' },
  malformed_body: { status: 400, en: 'The body could not be read', zh: '请求体无法解析' },
  malformed_request: { status: 400, en: 'The request could not be read', zh: '请求无法解析' },
  unauthorized: { status: 401, en: 'An API key is needed', zh: '缺少或无效的 API 密钥' },
  insufficient_scope: { status: 403, en: 'The API key may not do this', zh: 'API 密钥权限不足' },
  not_found: { status: 404, en: 'There is no such thing', zh: '资源不存在' },
  illegal_transition: { status: 409, en: 'The present state does not permit this', zh: '当前状态不允许此操作' },
  insufficient_stock: { status: 409, en: 'Not enough stock', zh: '库存不足' },
  sku_exists: { status: 409, en: 'The SKU exists already', zh: 'SKU 已存在' },
  order_not_payable: { status: 409, en: 'The order takes no payment now', zh: '订单当前不可支付' },
  order_not_paid: { status: 409, en: 'The order is not paid', zh: '订单尚未支付' },
  gateway_account_exists: { status: 409, en: 'The gateway account exists already', zh: '支付渠道账户已存在' },
  order_refunded: { status: 409, en: 'The order was refunded', zh: '订单已退款' },
  refund_exceeds_paid: { status: 409, en: 'More than what is left to refund', zh: '退款金额超过可退金额' },
  idempotency_in_progress: { status: 409, en: 'The first request is still under way', zh: '相同幂等键的请求正在处理' },
  request_timeout: { status: 408, en: 'The request came too slowly', zh: '请求超时' },
  payload_too_large: { status: 413, en: 'The body is too large', zh: '请求体过大' },
  unsupported_media_type: { status: 415, en: 'The body must be application/json', zh: '请求体必须为 JSON' },
  unknown_sku: { status: 422, en: 'Unknown SKU', zh: '未知的 SKU' },
  mixed_currencies: { status: 422, en: 'One order has one currency', zh: '订单币种不一致' },
  amount_too_large: { status: 422, en: 'The amount is too large', zh: '金额过大' },
  nothing_due: { status: 422, en: 'There is nothing to pay', zh: '订单金额必须大于零' },
  units_exceed_order: { status: 422, en: 'More units than the order has left', zh: '数量超过订单可用数量' },
  payment_method_unavailable: { status: 422, en: 'The payment method is not available', zh: '支付方式不可用' },
  payment_declined: { status: 422, en: 'The gateway declined', zh: '支付渠道拒绝了请求' },
  idempotency_key_reused: { status: 422, en: 'The Idempotency-Key belongs to another request', zh: '幂等键已被其他请求使用' },
  too_many_requests: { status: 429, en: 'Too many requests', zh: '请求过于频繁' },
  headers_too_large: { status: 431, en: 'The headers are too large', zh: '请求头过大' },
  internal_error: { status: 500, en: 'Something went wrong on our side', zh: '服务器内部错误' },
  overloaded: { status: 503, en: 'Too much is under way just now', zh: '系统繁忙，请稍后重试' },
  unavailable: { status: 503, en: 'Temporarily unavailable', zh: '服务暂时不可用' },
} as const satisfies Record<string, ProblemTitle>;

export type ProblemCode = keyof typeof PROBLEMS;

const STATUS_OF_KIND: Record<DomainErrorKind, number> = {
  invalid: 400,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  impossible: 422,
  unauthorized: 401,
};

export function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

export function statusOf(kind: DomainErrorKind): number {
  return STATUS_OF_KIND[kind];
}

/** The title in Chinese where the client prefers it, and in English otherwise. Source: RFC 9110, 12.5.4. */
export function titleOf(code: ProblemCode, acceptLanguage: string | undefined): string {
  return PROBLEMS[code][preferredLanguage(acceptLanguage)];
}

export function preferredLanguage(acceptLanguage: string | undefined): 'en' | 'zh' {
  let best: { language: 'en' | 'zh'; weight: number } = { language: 'en', weight: 0 };
  for (const range of (acceptLanguage ?? '').slice(0, 200).split(',')) {
    const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
    const language = tag.startsWith('zh') ? 'zh' : tag.startsWith('en') ? 'en' : undefined;
    const quality = parameters.map((parameter) => /^\s*q=([01](?:\.\d{1,3})?)\s*$/.exec(parameter)?.[1]).find((q) => q !== undefined);
    const weight = quality === undefined ? 1 : Number(quality);
    if (language && weight > best.weight) best = { language, weight };
  }
  return best.language;
}
