import type { Money } from '../../../kernel/money.js';
import { CNY_CODE, fromFen } from './amounts.js';
import type { TextFields } from './signing.js';
import { parseCompactTime, parseYearlessTime } from './times.js';

const REASON_LENGTH = 200;
/** A card number, whole or masked: it must not get into reasons, whatever a message puts where. */
const CARD_NUMBER = /\d[\d*]{11,}\d/g;

/** The fields of an answer or a notice whose signature was found right. */
export class Message {
  readonly kind = 'message';

  constructor(private readonly fields: TextFields) {}

  /** A field, undefined where it is missing or empty. */
  text(name: string): string | undefined {
    const value = this.fields.get(name);
    return value === '' ? undefined : value;
  }

  /** `txnAmt`. A payment says its currency; messages about refunds may leave it out, and it then is the yuan that were sent. */
  get amount(): Money | undefined {
    const assumed = this.text('txnType') === '01' ? '' : CNY_CODE;
    return fromFen(this.text('txnAmt') ?? '', this.text('currencyCode') ?? assumed);
  }

  /** When UnionPay dealt with it: `traceTime` has no year, and the trade's own `txnTime` has. */
  get at(): Date | undefined {
    const started = parseCompactTime(this.text('txnTime') ?? '');
    return started === undefined ? undefined : parseYearlessTime(this.text('traceTime') ?? '', started);
  }

  /** For a person: the code and UnionPay's words, cut short, without line breaks and without anything like a card number. */
  reason(code: 'respCode' | 'origRespCode' = 'respCode'): string {
    return reasonOf(this.fields, code);
  }
}

/** As `Message.reason`, of a message that may be anybody's. */
export function reasonOf(fields: TextFields, code: 'respCode' | 'origRespCode'): string {
  const words = fields.get(code === 'respCode' ? 'respMsg' : 'origRespMsg') ?? '';
  const reason = `${fields.get(code) || 'no code'}${words === '' ? '' : `: ${words}`}`;
  const clean = reason.replace(/[\p{Cc}\p{Cs}]+/gu, ' ').replace(CARD_NUMBER, '…');
  return [...clean].slice(0, REASON_LENGTH).join('');
}
