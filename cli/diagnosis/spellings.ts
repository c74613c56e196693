/** A signature as it was perhaps meant. `cause` says what became of it on the way; undefined where nothing did. */
export interface Spelling {
  readonly bytes: Buffer;
  readonly cause: string | undefined;
}

/** The signatures that a text may have been before it was damaged, the text itself first. None where it is not base64 at all. */
export function spellingsOf(signature: string): Spelling[] {
  const candidates: (readonly [string | undefined, string])[] = [
    [undefined, signature],
    [
      'the plus signs of the signature arrived as spaces: it was not URL-encoded, or decoded once too often',
      signature.replaceAll(' ', '+'),
    ],
    ['the signature has spaces or line breaks that do not belong to it', signature.replace(/\s/g, '')],
    ['the signature is still URL-encoded', percentDecoded(signature)],
    ['the signature is in base64url, and plain base64 is wanted', padded(signature.replaceAll('-', '+').replaceAll('_', '/'))],
    ['the signature has lost the equals signs at its end', padded(signature)],
    ['the signature is in hexadecimal, and base64 is wanted', fromHex(signature)],
  ];
  return candidates.flatMap(([cause, text]) => {
    const bytes = Buffer.from(text, 'base64');
    return bytes.length > 0 && bytes.toString('base64') === text && (cause === undefined || text !== signature) ? [{ bytes, cause }] : [];
  });
}

function padded(text: string): string {
  return text.replace(/=+$/, '').padEnd(Math.ceil(text.replace(/=+$/, '').length / 4) * 4, '=');
}

function percentDecoded(text: string): string {
  return text.replace(/%(2B|2F|3D)/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

function fromHex(text: string): string {
  return /^(?:[0-9a-f]{2}){64,}$/i.test(text) ? Buffer.from(text, 'hex').toString('base64') : '';
}
