import { UsageError } from '../usage-error.js';

/** Names in lower case. */
export type Headers = Readonly<Record<string, string>>;

const NEITHER = 'holds neither a JSON object nor lines of `Name: value`';
const BROKEN = 'begins like a JSON object and is none';
const LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;

/**
 * The headers in a JSON object, or in lines of `Name: value` as they stand in an HTTP message, whose first line may be there, too. A
 * header that comes twice is joined by a comma, as HTTP servers do. None at all is fine. Throws `UsageError` where it is
 * something else.
 */
export function parseHeaders(bytes: Buffer): Headers {
  const content = bytes.toString('utf8').replace(/^\uFEFF/, '');
  const looksLikeJson = content.trimStart().startsWith('{');
  const members = looksLikeJson ? fromJson(content) : undefined;
  const pairs = members ?? fromLines(content);
  const headers = new Map<string, string>();
  for (const [name, value] of pairs) {
    const lower = name.toLowerCase();
    const former = headers.get(lower);
    headers.set(lower, former === undefined ? value : `${former}, ${value}`);
  }
  const isEmpty = members !== undefined || content.trim() === '';
  if (headers.size === 0 && !isEmpty) throw new UsageError(`--headers: ${looksLikeJson ? BROKEN : NEITHER}`);
  return Object.fromEntries(headers);
}

/** A list is a header that may come several times, as Node and Go keep them; null is one that is not there. Undefined where it is no JSON. */
function fromJson(content: string): [string, string][] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return undefined;
  }
  return Object.entries(value as Record<string, unknown>).flatMap(([name, member]) =>
    (Array.isArray(member) ? member : [member]).flatMap((one: unknown): [string, string][] => {
      if (one === null) return [];
      return [[name, typeof one === 'string' ? one : JSON.stringify(one)]];
    }),
  );
}

function fromLines(content: string): [string, string][] {
  return content.split(/\r?\n/).flatMap((line): [string, string][] => {
    const [, name, value] = LINE.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
}
