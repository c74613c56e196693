/** One message of UnionPay's, either way: names and values, all text. */
export type Fields = Readonly<Record<string, string>>;

/** What a merchant's server or a payer's browser posts: an ordinary form in UTF-8. */
export function fieldsOfForm(body: string): Fields {
  return Object.fromEntries(new URLSearchParams(body));
}

export function formOf(fields: Fields): string {
  return new URLSearchParams(fields).toString();
}

/**
 * The body of a synchronous answer: `name=value&name=value`, and not URL-encoded. Base64 keeps its `+`, `/` and `=`, the
 * certificate its line ends, and Chinese text is UTF-8 as it is. Names are in order, the certificate and the signature last.
 */
export function answerText(fields: Fields): string {
  const last = ['signPubKeyCert', 'signature'];
  const names = Object.keys(fields).filter((name) => !last.includes(name));
  return [...names.sort(), ...last.filter((name) => name in fields)].map((name) => `${name}=${fields[name]}`).join('&');
}

/** A value as an answer can carry it: where nothing is encoded, a separator inside a value would start another field. */
export function isPlain(value: string): boolean {
  return !/[&={}[\]\r\n]/.test(value);
}
