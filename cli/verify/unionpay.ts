import { parseForm } from '../../src/payment/gateway/form.js';
import { parseAnswerBody } from '../../src/payment/gateway/unionpay/answer-body.js';
import { readNotice } from '../../src/payment/gateway/unionpay/notices.js';
import { signedContent, signedDigest, type Fields } from '../../src/payment/gateway/unionpay/signing.js';
import { messageFlaw, type TrustAnchors } from '../../src/payment/gateway/unionpay/verification.js';
import { formOf, textObject } from '../input/text-fields.js';
import type { Finding } from '../output/finding.js';
import type { Message } from './message.js';
import { causeOf } from './unionpay-causes.js';

const FORM = 'a notice in a form';
const ANSWER = 'the text of an answer, of which nothing is URL-encoded';

/** Verifies what UnionPay sent: a notice in a form, the text of an answer, or fields that somebody decoded. */
export async function verifyUnionpay(message: Message, anchors: TrustAnchors): Promise<Finding> {
  const { fields, readAs } = read(message);
  if (typeof fields === 'string') {
    return {
      gateway: 'unionpay',
      readAs,
      verified: false,
      reason: 'malformed',
      detail: fields,
      cause: malformedCause(message),
      remarks: [],
    };
  }
  const flaw = await messageFlaw(fields, anchors, message.at);
  const finding = {
    gateway: 'unionpay',
    readAs,
    content: signedContent(fields),
    more: { digest: signedDigest(fields) },
    remarks: [],
  } as const;
  if (flaw)
    return { ...finding, verified: false, reason: flaw.reason, detail: flaw.says, cause: causeOf(flaw, fields, anchors, message.at) };
  const notice = readAs === FORM ? await noticeIn(message, fields, anchors) : undefined;
  return {
    ...finding,
    verified: true,
    key: 'signPubKeyCert, which leads to the root that was given',
    ...(notice?.kind === 'notice' && { notice }),
    ...(notice?.kind === 'rejected' && { remarks: [`it is no notice about a transaction: ${notice.reason}`] }),
  };
}

/** A form has no raw line breaks, and an answer has those of the certificate in it. */
function read({ body, isAnswer }: Message): { readonly readAs: string; readonly fields: Fields | string } {
  const text = body.toString('utf8').trimStart();
  if (text.startsWith('{')) {
    const fields = textObject(text);
    return { readAs: 'decoded fields, in JSON', fields: typeof fields === 'string' ? fields : formOf(fields, 'encoding').bytes };
  }
  if (isAnswer || /[\r\n]/.test(text.trimEnd())) return { readAs: ANSWER, fields: parseAnswerBody(body) };
  const form = parseForm(body, 'encoding');
  return { readAs: FORM, fields: typeof form === 'string' ? form : form.bytes };
}

function malformedCause({ body, isAnswer }: Message): string {
  if (body.length === 0) return 'the body is empty: it was read by somebody else before it was written down';
  if (isAnswer) return 'the body is not what UnionPay answered: it has the form k=v&k=v, and nothing in it is URL-encoded';
  return 'the body is not what UnionPay sent: a form, URL-encoded once (an answer to a call of ours needs --answer)';
}

/** What the program would take it for, if it were for the merchant that it names. */
function noticeIn({ body, at }: Message, fields: Fields, anchors: TrustAnchors) {
  return readNotice({ headers: {}, body, receivedAt: at }, (fields.get('merId') ?? '').toString(), anchors);
}
