const TITLE_WIDTH = 17;

/** A title and what belongs to it a line; those without a value are left out. */
export function lines(pairs: Iterable<readonly [string, string | undefined]>): string {
  return [...pairs].map(([title, value]) => (value === undefined ? '' : `${title.padEnd(TITLE_WIDTH)} ${value}\n`)).join('');
}

/** A text between two lines that do not belong to it. Nothing is added to it but what a terminal would obey. */
export function block(title: string, content: Buffer): string {
  const { text, lossy } = asText(content);
  const note = [
    `${content.length} bytes`,
    ...(lossy ? ['not in UTF-8, shown as GBK'] : []),
    ...(text.endsWith('\n') ? ['ends with a line feed'] : []),
  ];
  const shown = printable(text);
  return `----- ${title} (${note.join(', ')}) -----\n${shown}${shown.endsWith('\n') ? '' : '\n'}----- end -----\n`;
}

/** Bytes as a person reads them. `lossy` where they are not UTF-8, so that the text is not all there is to know. */
export function asText(content: Buffer): { readonly text: string; readonly lossy: boolean } {
  const text = content.toString('utf8');
  if (Buffer.from(text).equals(content)) return { text, lossy: false };
  return { text: new TextDecoder('gbk').decode(content), lossy: true };
}

/** A message comes from outside, and must not speak to the terminal: control characters but line breaks and tabs are spelled out. */
export function printable(text: string): string {
  return text.replace(/\r(?!\n)|(?![\n\r\t])[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu, spelled);
}

function spelled(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
