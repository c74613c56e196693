import { DEFAULT_CURRENCY, money, type Money } from '../../../kernel/money.js';

/** A JSON object that came from outside. Whatever is in it may be missing or of another kind. */
export type Fields = Readonly<Record<string, unknown>>;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The JSON object in the bytes, or undefined where they are not UTF-8 or not an object. */
export function parseObject(bytes: Buffer): Fields | undefined {
  try {
    return asObject(JSON.parse(decoder.decode(bytes)));
  } catch {
    return undefined;
  }
}

export function objectIn(fields: Fields | undefined, name: string): Fields | undefined {
  return asObject(valueIn(fields, name));
}

export function listIn(fields: Fields | undefined, name: string): readonly (Fields | undefined)[] {
  const value = valueIn(fields, name);
  return Array.isArray(value) ? value.map(asObject) : [];
}

/** A text that is there and not empty. */
export function textIn(fields: Fields | undefined, name: string): string | undefined {
  const value = valueIn(fields, name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A text that fits the pattern. */
export function matchIn(fields: Fields | undefined, name: string, pattern: RegExp): string | undefined {
  const text = textIn(fields, name);
  return text !== undefined && pattern.test(text) ? text : undefined;
}

/**
 * An amount of WeChat Pay's `amount`: a whole number of fen above zero under `name`, in its `currency`, which is left out
 * in some messages and is the yuan then.
 */
export function moneyIn(fields: Fields | undefined, name: string): Money | undefined {
  const amount = objectIn(fields, 'amount');
  const value = valueIn(amount, name);
  const currency = valueIn(amount, 'currency') ?? DEFAULT_CURRENCY;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value <= 0) return undefined;
  return typeof currency === 'string' && /^[A-Z]{3}$/.test(currency) ? money(value, currency) : undefined;
}

/** An instant in RFC 3339, which says how far its clock is from UTC. */
export function timeIn(fields: Fields | undefined, name: string): Date | undefined {
  const text = matchIn(fields, name, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/);
  const instant = new Date(text ?? '');
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}

/** An own value only: `constructor` and its kin are no fields. */
function valueIn(fields: Fields | undefined, name: string): unknown {
  return fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
}

function asObject(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
