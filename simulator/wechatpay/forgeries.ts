import { randomBytes } from 'node:crypto';
import type { ForgeryKind } from '../gateway.js';
import type { SealedNotice } from '../notices/notice.js';
import type { Stranger } from '../stranger.js';
import type { PlatformKey } from './platform-keys.js';
import { signatureHeaders } from './signature-headers.js';

/** A key of 32 characters that is not the merchant's. */
export const OTHER_API_KEY = 'AnotherMerchantsApiV3Key00000000';

const TOO_OLD_MS = 600_000;

type Sealed = Pick<SealedNotice, 'headers' | 'body'>;

/** A notice's headers as a forger would have them, or, for null, as they should be. */
export async function forged(
  body: string,
  forge: ForgeryKind | null,
  key: PlatformKey,
  stranger: Stranger,
  now: Date,
): Promise<Required<Sealed>> {
  const right = signatureHeaders(body, key, now);
  switch (forge) {
    case 'other_key':
      return { body, headers: signatureHeaders(body, { ...key, privateKey: await stranger.privateKey() }, now) };
    case 'no_signature': {
      const { 'Wechatpay-Signature': _left, ...others } = right;
      return { body, headers: others };
    }
    case 'empty_signature':
      return { body, headers: { ...right, 'Wechatpay-Signature': '' } };
    case 'sign_type':
      return { body, headers: { ...right, 'Wechatpay-Signature-Type': 'WECHATPAY2-SM2-WITH-SM3' } };
    case 'expired_timestamp':
      return { body, headers: signatureHeaders(body, key, new Date(now.getTime() - TOO_OLD_MS)) };
    case 'unknown_serial':
      return { body, headers: signatureHeaders(body, { ...key, serial: randomBytes(20).toString('hex').toUpperCase() }, now) };
    case 'signtest':
      // WeChat Pay itself sends these now and then, to see whether a merchant verifies. Source: docs 4013053249.
      return { body, headers: { ...right, 'Wechatpay-Signature': `WECHATPAY/SIGNTEST/${randomBytes(96).toString('base64')}` } };
    default:
      return { body, headers: right };
  }
}
