// Nobody means to write a secret into a log or an inbox. It comes inside of something else: an error, a header, a forged notice.

const MASK = '[scrubbed]';

/** Shorter texts are no secrets, and would be found everywhere. */
const SHORTEST_SECRET = 8;

const known = new Set<string>();

const API_KEY = /\bsk_(test|live)_[A-Za-z0-9_-]{4,}/g;
const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----[\s\S]*?(?:-----END (?:[A-Z]+ )?PRIVATE KEY-----|$)/g;
const ADDRESS_PASSWORD = /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/]{0,255}):[^\s@/]{1,255}@/gi;
const BEARER = /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi;
/** A run of digits as long as a card number, alone or in groups of four. */
const CARD_LIKE = /(?<![\d.])(?:\d{4}[ -]){3}\d{1,7}(?!\d)|(?<![\d.])\d{13,19}(?!\d)/g;
const CARD_FIELD = /((?:^|[&{,\s"'])(?:accNo|cardNo|card_no|pan)["']?\s*[=:]\s*["']?)([^&"',}\s]+)/gi;

/** Remembers a secret of ours, to be taken out wherever it turns up. */
export function neverShow(secret: string): void {
  const text = secret.trim();
  if (text.length < SHORTEST_SECRET) return;
  known.add(text);
  // As a value of JSON or of a form it looks different.
  known.add(JSON.stringify(text).slice(1, -1));
  known.add(encodeURIComponent(text));
}

/** The text without what must not be shown: our own secrets, API keys, private keys, passwords in addresses, card numbers. */
export function scrub(text: string): string {
  let clean = text
    .replace(PRIVATE_KEY, MASK)
    .replace(API_KEY, `sk_$1_${MASK}`)
    .replace(ADDRESS_PASSWORD, `$1:${MASK}@`)
    .replace(BEARER, `$1 ${MASK}`)
    .replace(CARD_FIELD, (whole: string, name: string, value: string) => (/^\d[\d*]{11,18}$/.test(value) ? name + maskCard(value) : whole))
    .replace(CARD_LIKE, (digits) => (isCardNumber(digits.replace(/\D/g, '')) ? maskCard(digits.replace(/\D/g, '')) : digits));
  for (const secret of known) if (clean.includes(secret)) clean = clean.replaceAll(secret, MASK);
  return clean;
}

/** The first six and the last four digits, which is what may be shown of a card. Source: PCI DSS 4.0, 3.4.1. */
function maskCard(digits: string): string {
  return `${digits.slice(0, 6)}${'*'.repeat(Math.max(digits.length - 10, 0))}${digits.slice(-4)}`;
}

/** Whether the last digit checks the others, and the first one is a card scheme's. Source: ISO/IEC 7812-1 (Luhn). */
function isCardNumber(digits: string): boolean {
  if (digits.length < 13 || digits.length > 19 || !/^(?:2[2-7]|3[4-7]|4|5|6|8|9)/.test(digits)) return false;
  let sum = 0;
  for (const [place, digit] of [...digits].reverse().entries()) {
    const doubled = Number(digit) * (place % 2 === 1 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
