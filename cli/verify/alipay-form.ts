import type { Rejected, Notice } from '../../src/payment/gateway/gateway.js';
import { parseForm, type Form } from '../../src/payment/gateway/form.js';
import { readNotice, signatureFlaw } from '../../src/payment/gateway/alipay/notices.js';
import { isByOneOf, noticeContent } from '../../src/payment/gateway/alipay/signing.js';
import { changedFields, joined, undecodedFields, type FieldBytes } from '../diagnosis/changed-fields.js';
import { likeliestCause } from '../diagnosis/likeliest-cause.js';
import type { Suspects } from '../diagnosis/suspects.js';
import type { NamedKey } from '../input/keys.js';
import type { Failure, Finding } from '../output/finding.js';
import { mixedUp, wrongKey, type AlipayKeys, type AlipayWishes } from './alipay-keys.js';
import type { Message } from './message.js';

/** What the fields came in; `message` is undefined where they came in no form. */
interface Origin extends AlipayWishes {
  readonly readAs: string;
  readonly message: Message | undefined;
}

/** A notice in a form, or the parameters of a return address, with or without the address. */
export async function verifyFormBody(message: Message, keys: AlipayKeys, wishes: AlipayWishes): Promise<Finding> {
  const address = /^(?:https?:\/\/[^?]*)?\?([^#]*)/.exec(message.body.toString('latin1'));
  const body = address?.[1] === undefined ? message.body : Buffer.from(address[1].trimEnd(), 'latin1');
  const readAs = address === null ? 'a notice, or parameters of a return address, in a form' : 'the parameters of a return address';
  const form = parseForm(body, 'charset');
  if (typeof form !== 'string') return verifyForm(form, keys, { ...wishes, readAs, message: { ...message, body } });
  const fields = undecodedFields(body);
  const content = noticeContent(fields, 'dropped');
  const allKeys = keys.keys.map(({ key }) => key);
  const wasDecoded = await isByOneOf(allKeys, content, fields.get('sign')?.toString('latin1') ?? '');
  const cause = wasDecoded
    ? 'the body was URL-decoded before it was written down: the body as it came is needed'
    : isEncoded(body)
      ? 'the body was changed on the way, or put together by hand: this is no form as Alipay posts it'
      : causeOf(fields, content, keys);
  return { gateway: 'alipay', readAs, verified: false, reason: 'malformed', detail: form, cause, remarks: [] };
}

/** A form as it is posted, in which the end of the signature is `%3D%3D`, and not one that was decoded already. */
function isEncoded(body: Buffer): boolean {
  return /(?:^|&)sign=[^&=]*%[0-9A-F]{2}/i.test(body.toString('latin1'));
}

/** The signature of a form's fields. */
export async function verifyForm(form: Form, keys: AlipayKeys, origin: Origin): Promise<Finding> {
  const fitting = await fittingKey(form, keys.keys, origin.keepSignType);
  const content = await signedContent(form, keys.keys, origin.keepSignType);
  const notice = fitting && origin.message && !origin.keepSignType ? await noticeIn(form, fitting, origin.message) : undefined;
  const failure = fitting ? {} : await failureOf(form, content, keys, origin.keepSignType);
  return {
    gateway: 'alipay',
    readAs: origin.readAs,
    verified: fitting !== undefined,
    ...failure,
    content,
    ...(fitting && { key: fitting.title }),
    remarks: fitting ? remarksOn(form, notice, origin) : [],
    ...(notice?.kind === 'notice' && { notice }),
  };
}

async function fittingKey(form: Form, keys: readonly NamedKey[], keepSignType: boolean): Promise<NamedKey | undefined> {
  for (const key of keys) {
    const flaw = keepSignType ? await flawWithSignType(form, key) : await signatureFlaw(form, [key.key]);
    if (flaw === undefined) return key;
  }
  return undefined;
}

/** `sign_type` is covered here, and is still not asked which algorithm it is. */
async function flawWithSignType(form: Form, { key }: NamedKey): Promise<string | undefined> {
  if (form.text.get('sign_type') !== 'RSA2') return 'sign_type is not RSA2';
  for (const empties of ['dropped', 'kept'] as const) {
    if (await isByOneOf([key], withSignType(form.bytes, empties), form.text.get('sign') ?? '')) return undefined;
  }
  return 'the signature does not fit';
}

/** The content that the signature fits, where it fits one: Alipay's pages disagree on whether empty fields are signed. */
async function signedContent({ bytes, text }: Form, named: readonly NamedKey[], keepSignType: boolean): Promise<Buffer> {
  const contentWith = keepSignType ? withSignType : noticeContent;
  const keys = named.map(({ key }) => key);
  const kept = contentWith(bytes, 'kept');
  const dropped = contentWith(bytes, 'dropped');
  const isKept = await isByOneOf(keys, kept, text.get('sign') ?? '');
  return isKept ? kept : dropped;
}

async function failureOf(form: Form, content: Buffer, keys: AlipayKeys, keepSignType: boolean): Promise<Failure> {
  const [key] = keys.keys;
  const detail = key && (keepSignType ? await flawWithSignType(form, key) : await signatureFlaw(form, [key.key]));
  const cause = causeOf(form.bytes, content, keys);
  return { reason: 'signature', detail: detail ?? 'the signature does not fit', cause };
}

function causeOf(fields: FieldBytes, content: Buffer, keys: AlipayKeys): string {
  const signature = fields.get('sign')?.toString('latin1') ?? '';
  if (signature === '') return 'there is no field sign: the body is not what Alipay sent, or not all of it';
  return likeliestCause({
    signature,
    content,
    keys: keys.keys.map(({ key }) => key),
    ...mixedUp(keys),
    wrongKey: wrongKey(fields.get('alipay_cert_sn')?.toString('latin1'), keys),
    suspects: suspects(fields),
  });
}

function* suspects(fields: FieldBytes): Suspects {
  yield {
    cause:
      'sign_type is signed, too: it is a message of the service market or a life account, which --keep-sign-type verifies, and no notice about a payment',
    content: withSignType(fields, 'dropped'),
  };
  yield { cause: 'sign_type and empty fields are signed, too: it is no notice about a payment', content: withSignType(fields, 'kept') };
  const unsorted = 'the order of fields: they were signed as they come, and not sorted by name';
  for (const without of [['sign', 'sign_type'], ['sign']]) {
    yield { cause: unsorted, content: joined(fields, { without, empties: 'dropped', order: 'as they come' }) };
  }
  for (const changed of changedFields(fields)) yield { cause: changed.cause, content: noticeContent(changed.fields, 'dropped') };
}

function withSignType(fields: FieldBytes, empties: 'dropped' | 'kept'): Buffer {
  return joined(fields, { without: ['sign'], empties, order: 'by name' });
}

/** What the program would take it for, if it were for the application and the seller that it names. */
function noticeIn(form: Form, { key }: NamedKey, { body, at }: Message): Promise<Notice | Rejected> {
  const us = {
    appId: form.text.get('app_id') ?? '',
    sellerId: form.text.get('seller_id') ?? '',
    keys: { allowed: () => Promise.resolve([key]) },
  };
  return readNotice({ headers: {}, body, receivedAt: at }, us);
}

function remarksOn(form: Form, notice: Notice | Rejected | undefined, { keepSignType }: Origin): string[] {
  return [
    ...(keepSignType ? ['sign_type was taken as signed: the program takes no such message for a notice about a payment'] : []),
    ...(form.text.has('sign_type') ? [] : ['sign_type is missing: RSA2 was taken for granted']),
    ...(notice?.kind === 'rejected'
      ? [`it is no notice about a payment (${notice.reason}): parameters of a return address prove nothing`]
      : []),
  ];
}
