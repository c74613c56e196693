import { createSign } from 'node:crypto';
import { likelyCause } from '../../../src/payment/gateway/alipay/diagnosis.js';
import { parseForm } from '../../../src/payment/gateway/alipay/form.js';
import { alipays, noticeFields, ours, rsa2, signedNotice, signedText, strangers } from './support.js';

async function causeOf(body: string): Promise<string | undefined> {
  const form = parseForm(Buffer.from(body));
  if (typeof form === 'string') throw new Error(form);
  return likelyCause(form, alipays.publicKey, ours.publicKey);
}

const signedOver = (text: string, fields: Record<string, string> = { ...noticeFields }) =>
  new URLSearchParams({ ...fields, sign_type: 'RSA2', sign: rsa2(text, alipays.privateKey) }).toString();

const encoded = Object.fromEntries(Object.entries(noticeFields).map(([name, value]) => [name, encodeURIComponent(value)]));
const sha1 = createSign('RSA-SHA1').update(signedText(noticeFields)).sign(alipays.privateKey, 'base64');
const inOrder = Object.entries(noticeFields).map((pair) => pair.join('='));

/** A signature with a plus sign in it, which is lost where the body is not encoded. */
function withPlus(): string {
  for (let count = 0; ; count += 1) {
    const body = signedNotice({ notify_id: `n${count}` });
    if (/sign=[^&]*%2B/.test(body)) return body;
  }
}

describe('The likeliest cause why a notice does not verify', () => {
  it.each<[string, string]>([
    ['the plus signs of sign arrived as spaces', withPlus().replace(/(&sign=.*)$/, (sign) => sign.replaceAll('%2B', '+'))],
    ['sign_type is signed too', signedOver(`${signedText({ ...noticeFields, sign_typf: 'RSA2' }).replace('sign_typf', 'sign_type')}`)],
    [
      'the values are still URL-encoded',
      new URLSearchParams({ ...encoded, sign: rsa2(signedText(noticeFields), alipays.privateKey) }).toString(),
    ],
    ['the signature is over URL-encoded values', signedOver(signedText(encoded))],
    ['the fields were signed in the order of the body', signedOver(inOrder.join('&'))],
    [
      'space was added around a value',
      signedOver(signedText(noticeFields), { ...noticeFields, subject: `${noticeFields['subject'] ?? ''}\n` }),
    ],
    ["it is signed with the application's own key", signedNotice({}, ours.privateKey)],
    ['it is signed with RSA (SHA-1)', new URLSearchParams({ ...noticeFields, sign_type: 'RSA', sign: sha1 }).toString()],
  ])('%s', async (cause, body) => {
    expect(await causeOf(body)).toContain(cause);
  });

  it('is none of the usual ones where a stranger signed it, or where a character was changed', async () => {
    expect(await causeOf(signedNotice({}, strangers.privateKey))).toBeUndefined();
    expect(await causeOf(signedNotice().replace('88.88', '88.89'))).toBeUndefined();
    expect(await causeOf('a=1')).toBeUndefined();
  });
});
