let codes: ReadonlyMap<string, number> | undefined;

/** A text in GBK, which Node can read and not write, or undefined where a character is not in it. */
export function toGbk(text: string): Buffer | undefined {
  const table = (codes ??= allCodes());
  const bytes: number[] = [];
  for (const character of text) {
    const code = character.charCodeAt(0) < 0x80 ? character.charCodeAt(0) : table.get(character);
    if (code === undefined) return undefined;
    bytes.push(...(code < 0x80 ? [code] : [code >> 8, code & 0xff]));
  }
  return Buffer.from(bytes);
}

/** The text in bytes of GBK, or undefined where they are none. */
export function fromGbk(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('gbk', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Every character of two bytes, found by reading all that there are. */
function allCodes(): ReadonlyMap<string, number> {
  const table = new Map<string, number>();
  for (let first = 0x81; first <= 0xfe; first += 1) {
    for (let second = 0x40; second <= 0xfe; second += 1) {
      const character = fromGbk(Buffer.from([first, second]));
      if (character !== undefined && !table.has(character)) table.set(character, (first << 8) | second);
    }
  }
  return table;
}
