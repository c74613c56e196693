import { randomBytes } from 'node:crypto';
import type { PlatformKey } from './platform-keys.js';
import { answerText, signed } from './signing.js';

/** How WeChat Pay signs an answer or a notice: fresh each time, in headers beside the body. Source: docs 4013053249. */
export function signatureHeaders(body: string, { serial, privateKey }: PlatformKey, now: Date): Record<string, string> {
  const timestamp = String(Math.floor(now.getTime() / 1_000));
  const nonce = randomBytes(16).toString('hex');
  return {
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': nonce,
    'Wechatpay-Signature': signed(answerText(timestamp, nonce, body), privateKey),
    'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
    'Wechatpay-Serial': serial,
  };
}
