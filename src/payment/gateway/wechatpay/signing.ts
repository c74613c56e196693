import { verify } from '../rsa.js';
import type { KeyObject } from 'node:crypto';

/** The only kind of signature there is here; the name of the scheme in `Authorization`, too. */
export const SIGNATURE_TYPE = 'WECHATPAY2-SHA256-RSA2048';

/** How far a signature's time may be from ours, in seconds. */
const WINDOW = 300;
const PROBE = 'WECHATPAY/SIGNTEST/';

/** What a request's signature is over, and what its `Authorization` says. */
export interface SignedParts {
  readonly method: string;
  /** Path and query exactly as they go out, percent signs and all. */
  readonly path: string;
  /** Seconds since 1970. */
  readonly timestamp: string;
  readonly nonce: string;
  /** The bytes that are sent, as text; empty where there are none. */
  readonly body: string;
}

/** The string that a request's signature is over: five lines, each ended by a line feed. Source: WeChat Pay, 4012365336. */
export function requestContent({ method, path, timestamp, nonce, body }: SignedParts): string {
  return `${method}\n${path}\n${timestamp}\n${nonce}\n${body}\n`;
}

/** The value of the `Authorization` header. `serialNo` is that of the merchant's certificate. Source: WeChat Pay, 4012365336. */
export function authorization(mchId: string, serialNo: string, parts: Pick<SignedParts, 'timestamp' | 'nonce'>, signature: string): string {
  const fields = { mchid: mchId, nonce_str: parts.nonce, signature, timestamp: parts.timestamp, serial_no: serialNo };
  return `${SIGNATURE_TYPE} ${Object.entries(fields)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',')}`;
}

/** The bytes that the signature of an answer or a notice is over. Source: WeChat Pay, 4013053249. */
export function answerContent(timestamp: string, nonce: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')]);
}

/**
 * The string that the payer's client has signed for it: `prepay` is `prepay_id=…` for an official account or a mini
 * program, and the bare prepay id for an app. Source: WeChat Pay, 4012365339 to 4012365341.
 */
export function invocationContent(appId: string, timestamp: string, nonce: string, prepay: string): string {
  return `${appId}\n${timestamp}\n${nonce}\n${prepay}\n`;
}

/** The key that a serial number or key id names, or the rest of a sentence that says why there is none. */
export type KeyLookup = (serial: string) => KeyObject | string | Promise<KeyObject | string>;

/** The first thing that is wrong with a signature. The checks are made in this order. */
export interface SignatureFlaw {
  readonly check: 'headers' | 'timestamp' | 'serial' | 'signature';
  /** For a person. It quotes nothing of the message. */
  readonly reason: string;
}

/** An answer or a notice as it came; header names in lower case. */
export interface SignedMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/**
 * What is wrong with the signature of an answer or a notice, or undefined. The algorithm is pinned: a message that names
 * another is refused, and one that names none is held to the one there is.
 * Source: WeChat Pay, 4013053249.
 */
export async function signatureFlaw({ headers, body }: SignedMessage, at: Date, keyOf: KeyLookup): Promise<SignatureFlaw | undefined> {
  const header = (name: string): string => headers[name] ?? '';
  const missing = ['wechatpay-timestamp', 'wechatpay-nonce', 'wechatpay-serial', 'wechatpay-signature'].find((name) => header(name) === '');
  if (missing !== undefined) return { check: 'headers', reason: `${missing} is missing` };
  const type = header('wechatpay-signature-type');
  if (type !== '' && type !== SIGNATURE_TYPE) return { check: 'headers', reason: `wechatpay-signature-type is not ${SIGNATURE_TYPE}` };
  const timestamp = header('wechatpay-timestamp');
  if (!/^\d+$/.test(timestamp)) return { check: 'timestamp', reason: 'wechatpay-timestamp is no number of seconds' };
  const seconds = Math.abs(Number(timestamp) - at.getTime() / 1000);
  if (seconds > WINDOW) return { check: 'timestamp', reason: `wechatpay-timestamp is more than ${WINDOW} seconds away` };
  const content = answerContent(timestamp, header('wechatpay-nonce'), body);
  return contentFlaw(content, header('wechatpay-serial'), header('wechatpay-signature'), keyOf);
}

/** What is wrong with the signature over a content, or undefined: first the key is looked up, then the signature is checked. */
export async function contentFlaw(
  content: string | Buffer,
  serial: string,
  signature: string,
  keyOf: KeyLookup,
): Promise<SignatureFlaw | undefined> {
  const key = await keyOf(serial);
  if (typeof key === 'string') return { check: 'serial', reason: `wechatpay-serial ${key}` };
  if (await verify(content, signature, key)) return undefined;
  // WeChat Pay now and then sends a signature that is wrong on purpose, to see that it is refused; the message comes again, signed well.
  const reason = signature.startsWith(PROBE) ? "the signature is WeChat Pay's probe, which is to be refused" : 'the signature does not fit';
  return { check: 'signature', reason };
}
