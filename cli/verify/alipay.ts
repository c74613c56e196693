import { formOf, textObject } from '../input/text-fields.js';
import type { Finding } from '../output/finding.js';
import { verifyAnswer } from './alipay-answer.js';
import { verifyForm, verifyFormBody } from './alipay-form.js';
import { verifyRestAnswer } from './alipay-rest-answer.js';
import type { AlipayKeys, AlipayWishes } from './alipay-keys.js';
import type { Message } from './message.js';

const REST_HEADERS = ['alipay-timestamp', 'alipay-nonce', 'alipay-signature'];

/** Verifies what Alipay sent, whatever it is: the body, and of version 3 the headers, say so. */
export function verifyAlipay(message: Message, keys: AlipayKeys, wishes: AlipayWishes): Promise<Finding> {
  const { headers, body } = message;
  if (headers && REST_HEADERS.some((name) => Object.hasOwn(headers, name))) return verifyRestAnswer(headers, body, keys);
  const json = body.toString('utf8').trimStart();
  const fields = json.startsWith('{') ? textObject(json) : undefined;
  if (message.isAnswer || (fields instanceof Map && [...fields].some(isNode))) return verifyAnswer(body, keys, wishes.node);
  if (fields !== undefined && typeof fields !== 'string') {
    return verifyForm(formOf(fields, 'charset'), keys, {
      ...wishes,
      readAs: 'the decoded fields of a notice, in JSON',
      message: undefined,
    });
  }
  return verifyFormBody(message, keys, wishes);
}

function isNode([name, value]: readonly [string, string]): boolean {
  return name.endsWith('_response') && value.startsWith('{');
}
