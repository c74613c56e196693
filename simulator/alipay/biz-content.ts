import { badParameter, invalid } from './refused.js';
import { fen } from './yuan.js';

/** The business fields of a call, read by Alipay's rules. Alipay takes numbers for texts, as its own examples write amounts. */
export class BizContent {
  private constructor(private readonly fields: ReadonlyMap<string, unknown>) {}

  static parse(json: string): BizContent {
    const value = parsed(json);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid('parameter', 'biz_content 不是 JSON 对象');
    return new BizContent(new Map(Object.entries(value)));
  }

  optional(name: string, maxLength: number): string | null {
    const value = this.fields.get(name);
    if (value === undefined || value === null || value === '') return null;
    if (typeof value !== 'string' && typeof value !== 'number') throw badParameter(`${name} 不是文本`);
    const text = String(value);
    if (text.length > maxLength) throw badParameter(`${name} 超过 ${maxLength} 个字符`);
    return text;
  }

  required(name: string, maxLength: number): string {
    const text = this.optional(name, maxLength);
    if (text === null) throw badParameter(`缺少 ${name}`);
    return text;
  }

  /** In fen. */
  amount(name: string): number {
    const text = this.required(name, 20);
    const amount = fen(text);
    if (amount === undefined) throw badParameter(`${name} 须为 0.01 至 100000000.00 的金额，至多两位小数`);
    return amount;
  }

  outTradeNo(): string {
    const text = this.required('out_trade_no', 64);
    if (!/^\w+$/.test(text)) throw badParameter('out_trade_no 只能包含字母、数字、下划线');
    return text;
  }

  /** For the log, where a call that is refused is written down as well. */
  forLog(name: string): string | null {
    const value = this.fields.get(name);
    return typeof value === 'string' ? value.slice(0, 64) : null;
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw invalid('parameter', 'biz_content 不是 JSON');
  }
}
