import { createHash } from 'node:crypto';
import { badParameter } from './api-error.js';

interface TextRule {
  readonly max: number;
  readonly pattern?: RegExp;
}

/** The JSON body of a call, read field by field. A name such as `amount.total` is a field inside a field. */
export class JsonFields {
  private constructor(private readonly root: unknown) {}

  static parse(body: string): JsonFields {
    const root = parsed(body);
    if (typeof root !== 'object' || root === null || Array.isArray(root)) throw badParameter('请求体须为 JSON 对象');
    return new JsonFields(root);
  }

  optional(name: string, { max, pattern }: TextRule): string | null {
    const value = this.at(name);
    if (value === undefined || value === null) return null;
    // Strictly by type: a number where a text belongs is refused, and the other way round.
    if (typeof value !== 'string') throw badParameter(`${name} 须为字符串`);
    if (value === '' || value.length > max) throw badParameter(`${name} 的长度须为 1 至 ${max}`);
    if (pattern && !pattern.test(value)) throw badParameter(`${name} 的格式不正确`);
    return value;
  }

  required(name: string, rule: TextRule): string {
    const text = this.optional(name, rule);
    if (text === null) throw badParameter(`缺少 ${name}`);
    return text;
  }

  /** Fen, at least one. */
  amount(name: string): number {
    const value = this.at(name);
    if (value === undefined || value === null) throw badParameter(`缺少 ${name}`);
    if (!Number.isSafeInteger(value) || Number(value) < 1) throw badParameter(`${name} 须为正整数，单位为分`);
    return Number(value);
  }

  /** An address that WeChat Pay could reach; its rule against a query of its own is one that merchants run into. */
  address(name: string, max: number): string | null {
    const text = this.optional(name, { max });
    if (text === null) return null;
    if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) throw badParameter(`${name} 须为 http(s) 地址`);
    if (/[?#]/.test(text)) throw badParameter(`${name} 不能携带参数`);
    return text;
  }

  /** The same for two bodies that say the same, in whatever order. */
  fingerprint(): string {
    return createHash('sha256')
      .update(JSON.stringify(sorted(this.root)))
      .digest('hex');
  }

  private at(name: string): unknown {
    return name.split('.').reduce<unknown>((value, part) => {
      const isObject = typeof value === 'object' && value !== null && Object.hasOwn(value, part);
      return isObject ? (value as Record<string, unknown>)[part] : undefined;
    }, this.root);
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badParameter('请求体不是 JSON');
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.map(([name, inner]) => [name, sorted(inner)]);
}
