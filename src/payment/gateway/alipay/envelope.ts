const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The members of a JSON object by name, each as the raw text it was sent as: Alipay signs the text of the answer's
 * node, so `\/` must stay `\/` and no space may move. Undefined where the bytes are not UTF-8, not a JSON object, or
 * where a name comes twice, because then two readers could see two different answers.
 */
export function rawMembers(body: Buffer): ReadonlyMap<string, string> | undefined {
  const text = parsable(body);
  if (text === undefined) return undefined;
  const members = new Map<string, string>();
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (text[at] !== '}') {
    const nameEnd = endOfString(text, at);
    const name = String(JSON.parse(text.slice(at, nameEnd)));
    const start = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const end = endOfValue(text, start);
    if (members.has(name)) return undefined;
    members.set(name, text.slice(start, end));
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return members;
}

/** A member's raw text as a plain object, or undefined. It was parsed once already, as part of the whole. */
export function objectOf(raw: string | undefined): Readonly<Record<string, unknown>> | undefined {
  return raw?.startsWith('{') === true ? (JSON.parse(raw) as Record<string, unknown>) : undefined;
}

export function stringOf(raw: string | undefined): string | undefined {
  return raw?.startsWith('"') === true ? (JSON.parse(raw) as string) : undefined;
}

/** The text of an object, once JSON.parse has vouched for it: the scanner below relies on that and checks no grammar itself. */
function parsable(body: Buffer): string | undefined {
  try {
    const text = decoder.decode(body);
    JSON.parse(text);
    return text.charAt(skipSpace(text, 0)) === '{' ? text : undefined;
  } catch {
    return undefined;
  }
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text.charAt(at))) at += 1;
  return at;
}

/** The place after the string that starts at `from`. A quote counts unless a backslash stands before it. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** The place after the value that starts at `from`. Braces and brackets within strings do not count. */
function endOfValue(text: string, from: number): number {
  let at = from;
  let depth = 0;
  do {
    const character = text.charAt(at);
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    at = character === '"' ? endOfString(text, at) : at + 1;
  } while (depth > 0 || !endsScalar(text, at));
  return at;
}

function endsScalar(text: string, at: number): boolean {
  return ',}] \t\r\n'.includes(text.charAt(at));
}
