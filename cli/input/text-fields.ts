import { toGbk } from '../diagnosis/gbk.js';
import type { Form } from '../../src/payment/gateway/form.js';

/**
 * The members of a JSON object as texts, in their order, or what is wrong with it, as the rest of a sentence. A number or a boolean is
 * written as JSON writes it, and a list or an object becomes its JSON text, which is how both travel in a form.
 */
export function textObject(json: string): ReadonlyMap<string, string> | string {
  let value: unknown;
  try {
    value = JSON.parse(json.replace(/^\uFEFF/, ''));
  } catch {
    return 'begins like a JSON object and is none';
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is no JSON object';
  const members = Object.entries(value).map(([name, member]) => [name, asText(member)] as const);
  const empty = members.find(([, text]) => text === undefined);
  if (empty) return `has null for ${empty[0].slice(0, 64)}, which is neither a text nor an empty one`;
  return new Map(members.map(([name, text]) => [name, text ?? '']));
}

function asText(value: unknown): string | undefined {
  if (value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Fields that somebody decoded, as a form that was decoded once: bytes of the charset that the fields name. */
export function formOf(text: ReadonlyMap<string, string>, charsetField: 'charset' | 'encoding'): Form {
  const isGbk = /^gb(?:k|2312|18030)$/i.test(text.get(charsetField) ?? '');
  const bytes = [...text].map(([name, value]) => [name, (isGbk && toGbk(value)) || Buffer.from(value)] as const);
  return { text, bytes: new Map(bytes) };
}
