import { createHash } from 'node:crypto';

import { signedContent, signedDigest } from '../../src/payment/gateway/unionpay/signing.js';
import { changedFields, joined, type FieldBytes } from './changed-fields.js';
import type { Suspects } from './suspects.js';

/** What is signed in place of a message of UnionPay's, by mistake: RSA is to sign the SHA-256 of the string, in hexadecimal. */
export function* wronglySigned(fields: FieldBytes): Suspects {
  const content = signedContent(fields);
  const digest = signedDigest(fields);
  yield { cause: 'the string itself was signed, and not its SHA-256 in hexadecimal', content };
  yield { cause: 'the SHA-256 was signed in capitals', content: Buffer.from(digest.toUpperCase()) };
  yield { cause: 'the SHA-256 was signed as bytes, and not in hexadecimal', content: Buffer.from(digest, 'hex') };
  yield { cause: 'it is signed as in version 5.0.0, over a SHA-1', content: Buffer.from(createHash('sha1').update(content).digest('hex')) };
  const without = ['signature'];
  yield { cause: 'empty fields were signed, too', content: digestOf(joined(fields, { without, empties: 'kept', order: 'by name' })) };
  yield {
    cause: 'the order of fields: they were signed as they come, and not sorted by name',
    content: digestOf(joined(fields, { without, empties: 'dropped', order: 'as they come' })),
  };
  for (const changed of changedFields(fields)) yield { cause: changed.cause, content: Buffer.from(signedDigest(changed.fields)) };
}

function digestOf(content: Buffer): Buffer {
  return Buffer.from(createHash('sha256').update(content).digest('hex'));
}
