import { isAscii } from 'node:buffer';
import { TextDecoder } from 'node:util';

/** In bytes. A notice has two or three thousand. */
const LONGEST_BODY = 64 * 1024;
const MOST_FIELDS = 128;
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
const CHARSETS: ReadonlyMap<string, string> = new Map([
  ['utf-8', 'utf-8'],
  ['utf8', 'utf-8'],
  ['gbk', 'gbk'],
  ['gb2312', 'gbk'],
  ['gb18030', 'gb18030'],
]);

/** A form that was decoded once: the bytes that were signed, and the text that they say in the form's own charset. */
export interface Form {
  readonly bytes: ReadonlyMap<string, Buffer>;
  readonly text: ReadonlyMap<string, string>;
}

const PLUS = '+'.charCodeAt(0);
const PERCENT = '%'.charCodeAt(0);
const SPACE = ' '.charCodeAt(0);

/** What `-1` is as a byte. */
const NO_DIGIT = 255;
/** What a byte is worth as a hexadecimal digit. */
const HEX_DIGIT = Uint8Array.from({ length: 256 }, (_, code) => '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase()));

/** What was read last: a body is read once, however many accounts it could be meant for. */
let last: { readonly body: Buffer; readonly charsetField: string; readonly form: Form | string } | undefined;

/**
 * Reads a body as a form, whatever its content type says, or answers why it is none. Stricter than browsers are: what
 * two parsers could read in two ways (a field twice, a stray percent sign, bytes outside the charset) is refused.
 * `charsetField` is the field in which the provider names the charset; a form without it is in UTF-8.
 */
export function parseForm(body: Buffer, charsetField: 'charset' | 'encoding'): Form | string {
  if (last?.body === body && last.charsetField === charsetField) return last.form;
  const form = parse(body, charsetField);
  last = { body, charsetField, form };
  return form;
}

function parse(body: Buffer, charsetField: 'charset' | 'encoding'): Form | string {
  if (body.length > LONGEST_BODY) return 'the body is too long';
  // In latin1 a byte is a character.
  const raw = body.toString('latin1');
  const values = Buffer.allocUnsafe(body.length);
  const bytes = new Map<string, Buffer>();
  let filled = 0;
  for (let from = 0; from <= raw.length;) {
    if (bytes.size === MOST_FIELDS) return 'the form has too many fields';
    const ampersand = raw.indexOf('&', from);
    const end = ampersand === -1 ? raw.length : ampersand;
    const equals = raw.indexOf('=', from);
    // Where the next one is another pair's, an ampersand is part of the name, and no name has one.
    const name = raw.slice(from, Math.max(equals, from));
    const decoded = decodeOnce(body.subarray(equals + 1, end), values.subarray(filled));
    if (!NAME.test(name) || decoded === undefined) return 'the body is no form';
    if (bytes.has(name)) return 'a field comes twice';
    bytes.set(name, decoded);
    filled += decoded.length;
    from = end + 1;
  }
  return inItsCharset(bytes, bytes.get(charsetField)?.toString('latin1') ?? 'utf-8');
}

function inItsCharset(bytes: ReadonlyMap<string, Buffer>, named: string): Form | string {
  const charset = CHARSETS.get(named.toLowerCase());
  if (charset === undefined) return 'the charset is none that is known';
  let decoder: TextDecoder | undefined;
  const decode = (value: Buffer) => (decoder ??= new TextDecoder(charset, { fatal: true, ignoreBOM: true })).decode(value);
  const text = new Map<string, string>();
  try {
    // ASCII is the same in all of them, and most fields are nothing else.
    for (const [name, value] of bytes) text.set(name, isAscii(value) ? value.toString('latin1') : decode(value));
    return { bytes, text };
  } catch {
    return 'a field is not in the charset';
  }
}

/** The bytes of a value: a plus is a space, `%` and two hexadecimal digits are a byte, and nothing is decoded again. */
function decodeOnce(value: Buffer, into: Buffer): Buffer | undefined {
  let length = 0;
  for (let at = 0; at < value.length; at += 1) {
    let byte = value[at] ?? 0;
    if (byte === PLUS) byte = SPACE;
    else if (byte === PERCENT) {
      const [high, low] = [digitAt(value, at + 1), digitAt(value, at + 2)];
      if (high === NO_DIGIT || low === NO_DIGIT) return undefined;
      byte = high * 16 + low;
      at += 2;
    }
    into[length] = byte;
    length += 1;
  }
  return into.subarray(0, length);
}

function digitAt(value: Buffer, at: number): number {
  return HEX_DIGIT[value[at] ?? 0] ?? NO_DIGIT;
}
