import type { KeyObject } from 'node:crypto';

import type { NoticeFlaw } from '../../src/payment/gateway/wechatpay/notices.js';
import { answerContent, signatureFlaw } from '../../src/payment/gateway/wechatpay/signing.js';
import { changedBodies } from '../diagnosis/changed-body.js';
import { likeliestCause } from '../diagnosis/likeliest-cause.js';
import type { Suspects } from '../diagnosis/suspects.js';
import type { Headers } from '../input/headers.js';
import type { OwnKey } from './message.js';
import { causeOfDecryption } from './wechatpay-decryption.js';
import type { Keyring } from './wechatpay-keyring.js';

/** A message that did not pass. */
export interface Failed {
  readonly headers: Headers;
  /** What should have been signed. */
  readonly content: Buffer;
  /** Undefined where the content was given, and not made of a body. */
  readonly body: Buffer | undefined;
  readonly at: Date;
  readonly apiV3Key: KeyObject | undefined;
  readonly own: OwnKey;
}

const MINUTES = 60_000;
const OWN_KEY_GIVEN = "wrong key: it is the merchant's own public key, and WeChat Pay's is needed (微信支付公钥, 平台证书)";
const WRONG_KEY =
  "wrong key: this key did not make the signature. It must be WeChat Pay's public key or platform certificate (微信支付公钥, 平台证书), not the merchant's own (apiclient_cert.pem, 商户证书); or the signature itself was changed";

/** Why a check failed, as far as that can be found out. */
export async function causeOf(flaw: NoticeFlaw, failed: Failed, keyring: Keyring): Promise<string> {
  switch (flaw.check) {
    case 'headers':
      return causeOfHeaders(failed.headers);
    case 'timestamp':
      return causeOfTimestamp(failed, keyring);
    case 'serial':
      return causeOfSerial(failed.headers, keyring);
    case 'signature':
      return causeOfSignature(failed, keyring);
    case 'decrypt':
      return causeOfDecryption(failed.body ?? Buffer.alloc(0), failed.apiV3Key);
    case 'resource':
      return 'what was signed is not what a notice carries: a JSON object with a resource, which holds a JSON object (an answer needs --answer)';
  }
}

function causeOfHeaders(headers: Headers): string {
  const names = Object.keys(headers);
  if (names.some((name) => name.startsWith('alipay-'))) return 'these are headers of Alipay: the gateway is another one';
  const asVariables = names.find((name) => /^(?:http_)?wechatpay_/.test(name));
  if (asVariables !== undefined) return `${asVariables} is how a web server hands a header on: name it as it came, with hyphens`;
  if (names.includes('authorization'))
    return 'Authorization is what a request of ours carries: the headers of the answer or the notice are needed';
  return 'a proxy took the header away, or it is an answer of status 4xx or 5xx, which WeChat Pay does not sign; or WeChat Pay did not send it';
}

async function causeOfTimestamp({ headers, body, at }: Failed, keyring: Keyring): Promise<string> {
  const timestamp = headers['wechatpay-timestamp'] ?? '';
  if (/^\d{13}$/.test(timestamp)) return 'the clock: the timestamp is in milliseconds, and WeChat Pay writes seconds';
  if (!/^\d{1,12}$/.test(timestamp)) return 'the header was changed: WeChat Pay writes ten digits';
  const then = new Date(Number(timestamp) * 1000);
  const late = at.getTime() - then.getTime();
  const flaw = body && (await signatureFlaw({ headers, body }, then, keyring.find));
  const apart = flaw === undefined ? 'apart from the time the signature fits' : `and apart from the time ${flaw.reason}`;
  const minutes = Math.round(Math.abs(late) / MINUTES);
  const zone = Math.abs(Math.abs(late) - 480 * MINUTES) < 6 * MINUTES ? ' Eight hours are the difference between Beijing and UTC.' : '';
  const when = `it was signed at ${then.toISOString()}, ${minutes} minutes ${late > 0 ? 'before' : 'after'} the time it is judged by`;
  return `the clock: ${when}.${zone} An old recording needs --at with the time it arrived; else set this machine's clock; ${apart}`;
}

async function causeOfSerial(headers: Headers, keyring: Keyring): Promise<string> {
  const fitting = await keyring.madeBy();
  const serial = headers['wechatpay-serial'] ?? '';
  if (fitting)
    return `wrong key or wrong serial: the signature fits ${fitting.title}, which was given as ${fitting.serial ?? 'no serial'}, and not as ${serial}`;
  const kind = serial.startsWith('PUB_KEY_ID_')
    ? "WeChat Pay's public key of that id (微信支付公钥, in the merchant platform) is needed"
    : 'the platform certificate of that serial is needed (GET /v3/certificates), not the merchant certificate';
  return `wrong key: ${kind}; WeChat Pay changes from one to the other over some days, and both must be known meanwhile`;
}

async function causeOfSignature(failed: Failed, keyring: Keyring): Promise<string> {
  const signature = failed.headers['wechatpay-signature'] ?? '';
  if (signature.startsWith('WECHATPAY/SIGNTEST/')) {
    return 'it is a probe: WeChat Pay signs wrongly on purpose to see that it is refused, and sends the message again; nothing is wrong';
  }
  const serial = failed.headers['wechatpay-serial'] ?? '';
  const named = await keyring.keyFor(serial);
  const other = await keyring.madeBy();
  if (other && other !== named)
    return `wrong key: ${other.title} made the signature, and the serial ${serial} names ${named?.title ?? 'another'}`;
  const { own, content } = failed;
  return likeliestCause({
    signature,
    content,
    keys: named ? [named.key] : [],
    ...(own && {
      mixedUp: { key: own, cause: "it is signed with the merchant's own key: it is a request of ours, and not from WeChat Pay" },
    }),
    wrongKey: own && named?.key.equals(own) ? OWN_KEY_GIVEN : WRONG_KEY,
    suspects: failed.body === undefined ? [] : suspects(failed.headers, failed.body),
  });
}

function contentOf(headers: Headers, body: Buffer): Buffer {
  return answerContent(headers['wechatpay-timestamp'] ?? '', headers['wechatpay-nonce'] ?? '', body);
}

function* suspects(headers: Headers, body: Buffer): Suspects {
  for (const { cause, content } of changedBodies(body)) yield { cause, content: contentOf(headers, content) };
  const timestamp = headers['wechatpay-timestamp'] ?? '';
  const nonce = headers['wechatpay-nonce'] ?? '';
  yield { cause: 'the last line feed is missing from the string that was signed', content: contentOf(headers, body).subarray(0, -1) };
  yield { cause: 'the order of fields: the nonce was signed before the timestamp', content: answerContent(nonce, timestamp, body) };
  yield { cause: 'the clock: the timestamp was signed in milliseconds', content: answerContent(`${timestamp}000`, nonce, body) };
  yield { cause: 'the body alone was signed', content: body };
}
