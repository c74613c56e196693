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

/**
 * Reads a body as a form, whatever its content type says, or answers why it is none. Stricter than browsers are: what
 * two parsers could read in two ways (a field twice, a stray percent sign, bytes outside the charset) is refused.
 * `charsetField` is the field in which the provider names the charset; a form without it is in UTF-8.
 */
export function parseForm(body: Buffer, charsetField: 'charset' | 'encoding'): Form | string {
  if (body.length > LONGEST_BODY) return 'the body is too long';
  // In latin1 a character is a byte, so that bytes outside ASCII survive the splitting.
  const pairs = body.toString('latin1').split('&', MOST_FIELDS + 1);
  if (pairs.length > MOST_FIELDS) return 'the form has too many fields';
  const bytes = new Map<string, Buffer>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0));
    const value = decodeOnce(pair.slice(equals + 1));
    if (!NAME.test(name) || value === undefined) return 'the body is no form';
    if (bytes.has(name)) return 'a field comes twice';
    bytes.set(name, value);
  }
  return inItsCharset(bytes, bytes.get(charsetField)?.toString('latin1') ?? 'utf-8');
}

function inItsCharset(bytes: ReadonlyMap<string, Buffer>, named: string): Form | string {
  const charset = CHARSETS.get(named.toLowerCase());
  if (charset === undefined) return 'the charset is none that is known';
  try {
    const decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true });
    return { bytes, text: new Map([...bytes].map(([name, value]) => [name, decoder.decode(value)])) };
  } catch {
    return 'a field is not in the charset';
  }
}

/** The bytes of a value: a plus is a space, `%` and two hexadecimal digits are a byte, and nothing is decoded again. */
function decodeOnce(value: string): Buffer | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(value)) return undefined;
  const decoded = value
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(decoded, 'latin1');
}
