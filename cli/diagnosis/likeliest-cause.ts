import type { KeyObject } from 'node:crypto';

import { isOver, recoveredDigest, type RecoveredDigest } from './recovered-digest.js';
import { spellingsOf, type Spelling } from './spellings.js';
import type { Suspects } from './suspects.js';

/** A signature that does not fit, and all that may explain it. */
export interface Mismatch {
  readonly signature: string;
  /** What should have been signed. */
  readonly content: Buffer;
  readonly keys: readonly KeyObject[];
  /** The key that is often taken for the other one, where it is at hand. */
  readonly mixedUp?: { readonly key: KeyObject; readonly cause: string };
  /** What to say where none of the keys made the signature. */
  readonly wrongKey: string;
  readonly suspects: Suspects;
}

const RIGHT_KEY = 'the key is the right one, and something else was signed: a value differs, or the body was changed on the way';
const FITS = 'the signature itself fits, and is refused for the reason above: what is not signed was changed on the way';

/**
 * The likeliest cause of a mismatch, for a person who looks for a mistake. Each usual mistake is tried, and one that makes the signature
 * fit is the cause. Nothing that is found here makes a message genuine.
 */
export function likeliestCause(mismatch: Mismatch): string {
  const spellings = spellingsOf(mismatch.signature);
  if (spellings.length === 0) return 'the signature is no base64: it was cut off, changed, or is none';
  for (const spelling of spellings) {
    for (const key of mismatch.keys) {
      const recovered = recoveredDigest(spelling.bytes, key);
      if (recovered !== undefined) return phrase(spelling.cause, whatWasSigned(recovered, mismatch)) ?? FITS;
    }
  }
  return byNoneOfThem(spellings, mismatch);
}

/** Undefined where it is the right content after all, signed in the right way. */
function whatWasSigned(recovered: RecoveredDigest, { content, suspects }: Mismatch): string | undefined {
  const algorithm = recovered.algorithm === 'sha256' ? undefined : algorithmCause(recovered);
  if (isOver(recovered, content)) return algorithm;
  for (const suspect of suspects) if (isOver(recovered, suspect.content)) return phrase(suspect.cause, algorithm);
  return phrase(algorithm, RIGHT_KEY);
}

function phrase(...causes: readonly (string | undefined)[]): string | undefined {
  const said = causes.filter((cause) => cause !== undefined);
  return said.length === 0 ? undefined : said.join('; ');
}

function algorithmCause({ algorithm }: RecoveredDigest): string {
  if (algorithm === 'sha1') return 'it is signed in SHA-1 (Alipay calls that sign_type RSA, UnionPay version 5.0.0), and SHA-256 is wanted';
  return `it is signed with ${algorithm?.toUpperCase() ?? 'a digest of no kind that is known'}, and SHA-256 is wanted`;
}

function byNoneOfThem(spellings: readonly Spelling[], { keys, mixedUp, wrongKey }: Mismatch): string {
  if (mixedUp && spellings.some(({ bytes }) => recoveredDigest(bytes, mixedUp.key) !== undefined)) return mixedUp.cause;
  const sizes = keys.map(({ asymmetricKeyDetails }) => (asymmetricKeyDetails?.modulusLength ?? 0) / 8);
  const [length] = spellings.map(({ bytes }) => bytes.length);
  if (length !== undefined && !sizes.includes(length)) {
    return `the signature has ${length} bytes, and one by this key has ${sizes.join(' or ')}: it was cut off, or another key made it`;
  }
  return wrongKey;
}
