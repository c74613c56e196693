import { UsageError } from '../usage-error.js';
import { textObject } from './text-fields.js';

/** Names in lower case. */
export type Headers = Readonly<Record<string, string>>;

const NEITHER = 'holds neither a JSON object nor lines of `Name: value`';
const LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;

/**
 * The headers in a JSON object, or in lines of `Name: value` as they stand in an HTTP message, whose first line may be there, too. A
 * header that comes twice is joined by a comma, as HTTP servers do. None at all is fine. Throws `UsageError` where it is
 * something else.
 */
export function parseHeaders(bytes: Buffer): Headers {
  const content = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const fields = content.trimStart().startsWith('{') ? textObject(content) : undefined;
  const isJson = fields !== undefined && typeof fields !== 'string';
  const pairs = isJson ? [...fields] : fromLines(content);
  const headers = new Map<string, string>();
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    const former = headers.get(lower);
    headers.set(lower, former === undefined ? value : `${former}, ${value}`);
  }
  const isEmpty = isJson || content.trim() === '';
  if (headers.size === 0 && !isEmpty) throw new UsageError(`--headers: ${typeof fields === 'string' ? fields : NEITHER}`);
  return Object.fromEntries(headers);
}

function fromLines(content: string): [string, string][] {
  return content.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [, name, value] = LINE.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
}
