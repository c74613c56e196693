// Nobody means to write a secret into a log or an inbox. It comes inside of something else: an error, a header, a forged notice.

const MASK = '[scrubbed]';

/** Shorter texts are no secrets, and would be found everywhere. */
const SHORTEST_SECRET = 8;

/** Our secrets, by how they begin: however many there are, a text is gone through once. */
const known = new Map<string, Set<string>>();
/** Which two characters any of them begins with. Hardly a place in a text has such a pair, and only there need we look closer. */
const beginnings = new Uint8Array(1 << 16);
const BEGINS_ONE = 1;

const API_KEY = /\bsk_(test|live)_[A-Za-z0-9_-]{4,}/g;
/** As it stands in a file, or in a form or an address, which write a space as `+` or `%20`. */
const PRIVATE_KEY =
  /-----BEGIN(?: |\+|%20)(?:[A-Z]+(?: |\+|%20))?PRIVATE(?: |\+|%20)KEY-----[\s\S]*?(?:-----END(?: |\+|%20)(?:[A-Z]+(?: |\+|%20))?PRIVATE(?: |\+|%20)KEY-----|$)/g;
const ADDRESS_PASSWORD = /(\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/]{0,255}):[^\s@/]{1,255}@/gi;
const BEARER = /\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi;
/** Runs of digits as long as a card number. */
const CARD_IN_ONE = cardPrintedIn('13,19');
/** The same as cards print them. Nineteen digits come first: sixteen are a part of them. */
const CARDS_IN_GROUPS = ['4 4 4 4 1,3', '6 10,13', '4 6 4,5', '4 4 4 1,7'].map(cardPrintedIn);
/** What each of those has in it, and hardly a text has. */
const GROUPS = /\d{4}(?:[ +-]|%20|%2[Dd])\d{4}/;
const CARD_FIELD = /((?:^|[&{,\s"'])(?:accNo|cardNo|card_no|pan)["']?\s*[=:]\s*["']?)([^&"',}\s]+)/gi;

/** Remembers a secret of ours, to be taken out wherever it turns up. */
export function neverShow(secret: string): void {
  const text = secret.trim();
  if (text.length < SHORTEST_SECRET) return;
  for (const part of [text, ...linesOfKey(text)]) {
    // As a value of JSON or of a form it looks different.
    for (const dressed of [part, JSON.stringify(part).slice(1, -1), encodeURIComponent(part)]) {
      const beginning = dressed.slice(0, SHORTEST_SECRET);
      known.set(beginning, (known.get(beginning) ?? new Set()).add(dressed));
      beginnings[pairOf(dressed.charCodeAt(0), dressed.charCodeAt(1))] = BEGINS_ONE;
    }
  }
}

/** A private key is one without its first and last line, too, and in one line: any whole line of it gives it away. */
function linesOfKey(text: string): string[] {
  const [, base64 = ''] = /-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----([^-]+)-----END/.exec(text) ?? [];
  return base64.split(/\s+/).filter((line) => line.length >= SHORTEST_SECRET);
}

/** The text without what must not be shown: our own secrets, API keys, private keys, passwords in addresses, card numbers. */
export function scrub(text: string): string {
  const withoutKeys = withoutPasswords(text.replace(PRIVATE_KEY, MASK).replace(API_KEY, `sk_$1_${MASK}`))
    .replace(BEARER, `$1 ${MASK}`)
    .replace(CARD_FIELD, (whole: string, name: string, value: string) => (/^\d[\d*]{11,18}$/.test(value) ? name + maskCard(value) : whole));
  const cards = GROUPS.test(withoutKeys) ? [...CARDS_IN_GROUPS, CARD_IN_ONE] : [CARD_IN_ONE];
  const withoutCards = cards.reduce(
    (clean, pattern) => clean.replace(pattern, (like) => (isCardNumber(bareDigits(like)) ? maskCard(bareDigits(like)) : like)),
    withoutKeys,
  );
  return withoutKnown(withoutCards);
}

/** To look for addresses takes long; most texts have none. */
function withoutPasswords(text: string): string {
  return text.includes('://') ? text.replace(ADDRESS_PASSWORD, `$1:${MASK}@`) : text;
}

/** Of secrets that overlap, all is taken out together. */
function withoutKnown(text: string): string {
  let clean = '';
  let kept = 0;
  for (let at = 0; at + SHORTEST_SECRET <= text.length; at += 1) {
    if (beginnings[pairOf(text.charCodeAt(at), text.charCodeAt(at + 1))] === 0) continue;
    const found = longestAt(text, at);
    if (found === 0) continue;
    if (at >= kept) clean += text.slice(kept, at) + MASK;
    kept = Math.max(kept, at + found);
  }
  return clean + text.slice(kept);
}

/** Different pairs may be taken for each other, which costs a closer look. */
function pairOf(first: number, second: number): number {
  return ((first & 0xff) << 8) | (second & 0xff);
}

/** The length of the longest secret that begins here, or 0. */
function longestAt(text: string, at: number): number {
  const candidates = known.get(text.slice(at, at + SHORTEST_SECRET));
  if (candidates === undefined) return 0;
  return Math.max(0, ...[...candidates].map((secret) => (text.startsWith(secret, at) ? secret.length : 0)));
}

/** `groups` are how many digits its groups have, or the least and the most. */
function cardPrintedIn(groups: string): RegExp {
  const lengths = groups.split(' ').map((digits) => `\\d{${digits}}`);
  return new RegExp(`(?<![\\d.])${lengths.join('(?:[ +-]|%20|%2[Dd])')}(?!\\d)`, 'g');
}

function bareDigits(text: string): string {
  return text.replace(/%20|%2d/gi, '').replace(/\D/g, '');
}

/** The first six and the last four digits, which is what may be shown of a card. Source: PCI DSS 4.0, 3.4.1. */
function maskCard(digits: string): string {
  return `${digits.slice(0, 6)}${'*'.repeat(digits.length - 10)}${digits.slice(-4)}`;
}

/** Of as many digits as a card has: whether the last one checks the others, and the first one is a card scheme's. Source: ISO/IEC 7812-1 (Luhn). */
function isCardNumber(digits: string): boolean {
  if (!/^(?:2[2-7]|3[4-7]|4|5|6|8|9)/.test(digits)) return false;
  let sum = 0;
  for (const [place, digit] of [...digits].reverse().entries()) {
    const doubled = Number(digit) * (place % 2 === 1 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
