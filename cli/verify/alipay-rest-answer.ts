import { restAnswerContent, restAnswerFlaw } from '../../src/payment/gateway/alipay/rest-signing.js';
import { changedBodies } from '../diagnosis/changed-body.js';
import { likeliestCause } from '../diagnosis/likeliest-cause.js';
import type { Suspects } from '../diagnosis/suspects.js';
import type { Headers } from '../input/headers.js';
import type { Finding } from '../output/finding.js';
import { mixedUp, wrongKey, type AlipayKeys } from './alipay-keys.js';

/** The signature of an answer of version 3, which is in the headers. */
export async function verifyRestAnswer(headers: Headers, body: Buffer, keys: AlipayKeys): Promise<Finding> {
  const answer = {
    timestamp: headers['alipay-timestamp'] ?? '',
    nonce: headers['alipay-nonce'] ?? '',
    signature: headers['alipay-signature'] ?? '',
    body,
  };
  const finding = { gateway: 'alipay', readAs: 'an answer of version 3', content: restAnswerContent(answer) } as const;
  let detail = 'no key is given';
  for (const { key, title } of keys.keys) {
    const flaw = await restAnswerFlaw(answer, key);
    if (flaw === undefined) return { ...finding, verified: true, key: title, remarks: [] };
    detail = flaw;
  }
  if (detail.endsWith('is missing')) {
    const cause = 'Alipay signs answers of status 2xx only; or a proxy took the header away';
    return { ...finding, verified: false, reason: 'headers', detail, cause, remarks: [] };
  }
  const cause = likeliestCause({
    signature: answer.signature,
    content: finding.content,
    keys: keys.keys.map(({ key }) => key),
    ...mixedUp(keys),
    wrongKey: wrongKey(undefined, keys),
    suspects: suspects(answer),
  });
  return { ...finding, verified: false, reason: 'signature', detail, cause, remarks: [] };
}

function* suspects(answer: Parameters<typeof restAnswerContent>[0] & { readonly body: Buffer }): Suspects {
  for (const { cause, content } of changedBodies(answer.body)) yield { cause, content: restAnswerContent({ ...answer, body: content }) };
  yield { cause: 'the last line feed is missing from the string that was signed', content: restAnswerContent(answer).subarray(0, -1) };
}
