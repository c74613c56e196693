import type { TextFields } from './signing.js';

const MOST_FIELDS = 128;
const NAME = /^[A-Za-z0-9_]{1,64}$/;
const CLOSING: ReadonlyMap<string, string> = new Map([
  ['{', '}'],
  ['[', ']'],
]);

/**
 * Reads the body of a synchronous answer, or says why it is none. It looks like a form and is not one: nothing is
 * URL-encoded, so base64 has its raw `+`, `/` and `=`, certificates have their line breaks, and an `&` in braces is part
 * of a value. A name that comes twice is refused, because two readers could differ on which counts.
 * Source: UnionPay, ACPSample_B2C, `SDKUtil.parseQString`.
 */
export function parseAnswerBody(body: Buffer): TextFields | string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return 'the answer is not in UTF-8';
  }
  // A line break at the very end is the transport's: no value ends in one.
  const pairs = splitOutsideBraces(text.replace(/\r?\n$/, ''));
  if (pairs.length > MOST_FIELDS) return 'the answer has too many fields';
  const fields = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0));
    if (!NAME.test(name)) return 'the answer is not what UnionPay writes';
    if (fields.has(name)) return 'the answer has a field twice';
    fields.set(name, pair.slice(equals + 1));
  }
  return fields;
}

/** Within braces only their own kind counts, so that those that lie in one another find their ends. */
function splitOutsideBraces(text: string): string[] {
  const pairs: string[] = [];
  let start = 0;
  let opened: string | undefined;
  let depth = 0;
  for (let at = 0; at < text.length && pairs.length <= MOST_FIELDS; at += 1) {
    const character = text.charAt(at);
    if (opened === undefined) {
      if (character === '&') {
        pairs.push(text.slice(start, at));
        start = at + 1;
      } else if (CLOSING.has(character)) {
        opened = character;
        depth = 1;
      }
    } else if (character === opened) depth += 1;
    else if (character === CLOSING.get(opened)) {
      depth -= 1;
      if (depth === 0) opened = undefined;
    }
  }
  return [...pairs, text.slice(start)];
}
