import { sign, verify, type KeyObject } from 'node:crypto';

/** What WeChat Pay signs and verifies. Every line ends with a line feed, the last one too. Source: docs 4012365342, 4013053249. */
function lines(...parts: readonly string[]): string {
  return parts.map((part) => `${part}\n`).join('');
}

/** A merchant's request: `target` is path and query exactly as they came, `body` the bytes as text. */
export function requestText(request: {
  readonly method: string;
  readonly target: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly body: string;
}): string {
  return lines(request.method, request.target, request.timestamp, request.nonce, request.body);
}

/** WeChat's answers and notices. */
export function answerText(timestamp: string, nonce: string, body: string): string {
  return lines(timestamp, nonce, body);
}

/** What the payer's client hands over: `what` is `prepay_id=…` inside WeChat, and the bare id from an app. Source: docs 4012365339. */
export function payText(appId: string, timestamp: string, nonce: string, what: string): string {
  return lines(appId, timestamp, nonce, what);
}

/** SHA-256 with RSA, PKCS #1 v1.5, in base64. */
export function signed(text: string, privateKey: KeyObject): string {
  return sign('RSA-SHA256', Buffer.from(text, 'utf8'), privateKey).toString('base64');
}

export function verifies(text: string, signature: string, publicKey: KeyObject): boolean {
  return verify('RSA-SHA256', Buffer.from(text, 'utf8'), publicKey, Buffer.from(signature, 'base64'));
}
