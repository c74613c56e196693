import { parseBeijingTime } from '../../../kernel/clock.js';
import type { Money } from '../../../kernel/money.js';
import { fromYuan } from './amounts.js';
import { refusalOf, type Refusal } from './codes.js';

const REASON_LENGTH = 200;

/** What Alipay answered, once its signature, where it had one, was found right. */
export class Answer {
  readonly kind = 'answer';

  constructor(
    private readonly fields: Readonly<Record<string, unknown>>,
    private readonly signed: boolean,
  ) {}

  /** The call worked, which is not to say that money moved. An unsigned success is none. */
  get worked(): boolean {
    return this.signed && this.text('code') === '10000';
  }

  /** What the answer means, where the call did not work. */
  get refusal(): Refusal {
    const code = this.text('code') ?? '';
    return code === '10000' ? 'unclear' : refusalOf(code, this.text('sub_code') ?? '', this.signed);
  }

  /** For a person: the code and Alipay's words, cut short and without line breaks. */
  get reason(): string {
    const code = this.text('sub_code') ?? this.text('code') ?? 'no code';
    const words = this.text('sub_msg') ?? this.text('msg') ?? '';
    const reason = `${code}${words === '' ? '' : `: ${words}`}${this.signed ? '' : ' (unsigned)'}`;
    return [...reason.replace(/[\p{Cc}\p{Cs}]+/gu, ' ')].slice(0, REASON_LENGTH).join('');
  }

  /** A field as text, undefined where it is missing or empty. A JSON number is read as it is written, not calculated with. */
  text(name: string): string | undefined {
    const value = Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  money(name: string): Money | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : fromYuan(text);
  }

  /** An instant that Alipay wrote in Beijing's time. */
  time(name: string): Date | undefined {
    return parseBeijingTime(this.text(name) ?? '');
  }

  /** How many members a list has. Alipay writes some lists as JSON within a string; what cannot be read counts as empty. */
  count(name: string): number {
    const value = Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
    try {
      const list: unknown = typeof value === 'string' ? JSON.parse(value) : value;
      return Array.isArray(list) ? list.length : 0;
    } catch {
      return 0;
    }
  }
}
