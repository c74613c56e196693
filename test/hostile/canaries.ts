import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';

/** A secret that must turn up nowhere. */
export interface Canary {
  readonly what: string;
  readonly secret: string;
}

/** The secret in whatever dress it could be found: as JSON, in an address, in a form, in base64, in hexadecimal; a key by its lines. */
export function dressesOf({ secret }: Canary): string[] {
  return [...new Set(parts(secret).flatMap((part) => [part, ...dressed(part)]))];
}

/** Where one of the canaries turns up in a text, with what stands around it. */
export function found(canaries: readonly Canary[], text: string): string[] {
  return canaries.flatMap((canary) => {
    const dress = dressesOf(canary).find((one) => text.includes(one));
    if (dress === undefined) return [];
    const at = text.indexOf(dress);
    return [`${canary.what}: …${text.slice(Math.max(0, at - 60), at)}[HERE]${text.slice(at + dress.length, at + dress.length + 10)}…`];
  });
}

/** Of a PEM text the private key alone is a secret, and any whole line of it gives away a part; the first lines hold the public half. */
function parts(secret: string): string[] {
  const key = /-----BEGIN (?:RSA )?PRIVATE KEY-----\s+([\s\S]*?)-----END/.exec(secret)?.[1];
  if (key === undefined) return [secret];
  const lines = key.trim().split(/\s+/);
  return lines.length === 1 ? lines : lines.slice(8, -1);
}

function dressed(text: string): string[] {
  const bytes = Buffer.from(text);
  return [
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text),
    new URLSearchParams({ '': text }).toString().slice(1),
    bytes.toString('base64').replace(/=+$/, '').slice(0, -1),
    bytes.toString('hex'),
  ];
}

export function apiKey(): string {
  return `sk_live_${randomBytes(24).toString('hex')}`;
}

/** A number that a card could have: a scheme's first digits, and a last one that checks the others. */
export function cardNumber(): string {
  const digits = `622638${String(randomInt(1e9)).padStart(9, '0')}`;
  const sum = [...digits].reverse().reduce((total, digit, place) => {
    const doubled = Number(digit) * (place % 2 === 0 ? 2 : 1);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return digits + String((10 - (sum % 10)) % 10);
}

/** As it is printed on a card. */
export function inGroups(card: string, between: string): string {
  return card.replace(/(\d{4})(?=\d)/g, `$1${between}`);
}

export function privateKey(): string {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey;
}

/** The same key as some consoles show it: one line without a beginning and an end. */
export function inOneLine(pem: string): string {
  return pem.replace(/-----[^-]+-----/g, '').replace(/\s/g, '');
}
