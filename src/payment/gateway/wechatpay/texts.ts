const REASON_LENGTH = 200;

/** Without control characters and lone surrogates, single-spaced, and cut to so many characters as a person counts them. */
export function plainText(text: string, length: number): string {
  const plain = text.replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ').trim();
  return [...plain].slice(0, length).join('').trimEnd();
}

/** WeChat Pay's own words for a person to read: the code and the message, cut short. */
export function reasonOf(status: number, code: string, message: string): string {
  return plainText(`${code === '' ? `HTTP status ${status}` : code}${message === '' ? '' : `: ${message}`}`, REASON_LENGTH);
}
