import { verify as verifyNow, type KeyObject } from 'node:crypto';
import { verify } from '../rsa.js';
import type { Form } from './form.js';
import { noticeContent } from './signing.js';

/** The signature fits what a usual mistake would have made of the notice: then that mistake is the cause. */
interface Suspicion {
  readonly cause: string;
  readonly content: Buffer;
  readonly signature: string;
  readonly key: KeyObject;
}

/**
 * The likeliest cause why a notice's signature does not fit, or undefined where none of the usual ones does. It is for a person who looks
 * for a mistake: nothing that is found here makes a notice genuine. `ownKey` is the application's public key, where it is at hand.
 */
export async function likelyCause(form: Form, alipayKey: KeyObject, ownKey?: KeyObject): Promise<string | undefined> {
  const signature = form.text.get('sign') ?? '';
  const content = noticeContent(form.bytes, 'dropped');
  const asIs = { content, signature, key: alipayKey };
  const suspicions: Suspicion[] = [
    { ...asIs, cause: 'the plus signs of sign arrived as spaces: the body was not URL-encoded', signature: signature.replaceAll(' ', '+') },
    {
      ...asIs,
      cause: 'the plus signs of the body were lost: it was decoded twice or sent without being URL-encoded',
      signature: signature.replaceAll(' ', '+'),
      content: noticeContent(
        changed(form, (value) => value.replaceAll(' ', '+')),
        'dropped',
      ),
    },
    { ...asIs, cause: 'sign_type is signed too: it is a message of another product, and not about a payment', content: withSignType(form) },
    {
      ...asIs,
      cause: 'the values are still URL-encoded: the body was encoded twice',
      content: noticeContent(changed(form, decodedAgain), 'dropped'),
    },
    {
      ...asIs,
      cause: 'the signature is over URL-encoded values',
      content: noticeContent(
        changed(form, (value) => encodeURIComponent(value)),
        'dropped',
      ),
    },
    { ...asIs, cause: 'the fields were signed in the order of the body and not sorted by name', content: unsorted(form) },
    {
      ...asIs,
      cause: 'space was added around a value on the way',
      content: noticeContent(
        changed(form, (value) => value.trim()),
        'dropped',
      ),
    },
    ...(ownKey ? [{ ...asIs, cause: "it is signed with the application's own key, and not with Alipay's", key: ownKey }] : []),
  ];
  for (const suspicion of suspicions) {
    if (await verify(suspicion.content, suspicion.signature, suspicion.key)) return suspicion.cause;
  }
  const isSha1 = verifyNow('RSA-SHA1', content, alipayKey, Buffer.from(signature, 'base64'));
  return isSha1 ? 'it is signed with RSA (SHA-1): set the application to RSA2' : undefined;
}

function changed(form: Form, change: (value: string) => string): Map<string, Buffer> {
  return new Map([...form.text].map(([name, value]) => [name, Buffer.from(change(value))]));
}

function withSignType(form: Form): Buffer {
  const type = form.bytes.get('sign_type') ?? Buffer.from('RSA2');
  // Under another name it is not left out, and sorts where `sign_type` does.
  const renamed = new Map([...form.bytes, ['sign_type\u0000', type] as const]);
  return Buffer.from(noticeContent(renamed, 'dropped').toString('latin1').replace('sign_type\u0000=', 'sign_type='), 'latin1');
}

function unsorted(form: Form): Buffer {
  const signed = [...form.bytes].filter(([name, value]) => name !== 'sign' && name !== 'sign_type' && value.length > 0);
  return Buffer.concat(signed.flatMap(([name, value], index) => [Buffer.from(`${index === 0 ? '' : '&'}${name}=`), value]));
}

function decodedAgain(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}
