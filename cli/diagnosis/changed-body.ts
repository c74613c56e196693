import { fromGbk, toGbk } from './gbk.js';
import type { Suspects } from './suspects.js';

/** In bytes. A longer one is no message of a gateway, and not worth being written anew a dozen times. */
const LONGEST = 1024 * 1024;

/** What a body may have been before it was read, parsed and written anew on its way here. `cause` says by what. */
export function* changedBodies(body: Buffer): Suspects {
  if (body.length > LONGEST) return;
  for (const [cause, content] of byBytes(body)) if (content !== undefined && !content.equals(body)) yield { cause, content };
  yield* byJson(body);
}

function byBytes(body: Buffer): (readonly [string, Buffer | undefined])[] {
  const text = body.toString('utf8');
  return [
    ['the body lost the line break at its end', Buffer.from(`${text}\n`)],
    ['a line break was added to the end of the body', Buffer.from(text.replace(/\r?\n$/, ''))],
    ['the line breaks of the body became CR LF on the way, and were LF', Buffer.from(text.replaceAll('\r\n', '\n'))],
    ['the line breaks of the body became LF on the way, and were CR LF', Buffer.from(text.replace(/\r?\n/g, '\r\n'))],
    ['a byte order mark was added before the body', Buffer.from(text.replace(/^\uFEFF/, ''))],
    ['space was added around the body', Buffer.from(text.trim())],
    ['the body is in GBK here, and was signed in UTF-8', asBuffer(fromGbk(body))],
    ['the body is in UTF-8 here, and was signed in GBK', toGbk(text)],
    ['the body was read as latin1 and written as UTF-8 on the way: read its bytes as they are', Buffer.from(text, 'latin1')],
    ['the signature is over an empty body', Buffer.alloc(0)],
  ];
}

function* byJson(body: Buffer): Suspects {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    return;
  }
  const pretty = JSON.stringify(value, null, 2);
  const spaced = pretty.replace(/,\n\s*/g, ', ').replace(/\n\s*/g, '');
  const writings = [JSON.stringify(value), spaced, pretty, JSON.stringify(value, null, 4)];
  const escaped = writings.flatMap((text) => [text, text.replaceAll('/', '\\/')]);
  for (const text of escaped.flatMap((writing) => [writing, inAscii(writing)])) {
    const content = Buffer.from(text);
    if (!content.equals(body)) yield { cause: 'the body was parsed and written as JSON again, and the raw bytes are signed', content };
  }
}

/** As Python and PHP write JSON unless they are told otherwise. */
function inAscii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function asBuffer(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text);
}
