import type { KeyObject } from 'node:crypto';
import { sign, verify } from '../rsa.js';

/** A call of version 3, Alipay's REST interface. */
export interface RestRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query, exactly as they go out. */
  readonly uri: string;
  /** Empty where the call has none. */
  readonly body: string;
  /** Where it acts for another merchant; it goes into the header `alipay-app-auth-token`. */
  readonly appAuthToken?: string;
}

/** Who calls, and when: the beginning of the `Authorization` header. `at` must be within ten minutes of Alipay's clock. */
export function restAuthString(appId: string, nonce: string, at: Date, appCertSn?: string): string {
  const certificate = appCertSn === undefined ? '' : `,app_cert_sn=${appCertSn}`;
  return `app_id=${appId}${certificate},nonce=${nonce},timestamp=${at.getTime()}`;
}

/**
 * The string that a request's signature is over in version 3: each part ends with a line feed, the last one too.
 * Source: Alipay, version 3 (documents under "version 3" in docs/gateways/alipay.md).
 */
export function restRequestContent(authString: string, { method, uri, body, appAuthToken }: RestRequest): string {
  const token = appAuthToken === undefined || appAuthToken === '' ? '' : `${appAuthToken}\n`;
  return `${authString}\n${method}\n${uri}\n${body}\n${token}`;
}

/** The whole `Authorization` header. */
export async function restAuthorization(authString: string, request: RestRequest, privateKey: KeyObject): Promise<string> {
  return `ALIPAY-SHA256withRSA ${authString},sign=${await sign(restRequestContent(authString, request), privateKey)}`;
}

/** An answer of version 3 as it came. The headers are `alipay-timestamp`, `alipay-nonce` and `alipay-signature`. */
export interface RestAnswer {
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
  readonly body: string | Buffer;
}

/** The bytes that an answer's signature is over in version 3. Source: as above. */
export function restAnswerContent({ timestamp, nonce, body }: RestAnswer): Buffer {
  return Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), Buffer.from(body), Buffer.from('\n')]);
}

/** What is wrong with an answer's signature, or undefined. Alipay signs answers of status 2xx only. */
export async function restAnswerFlaw(answer: RestAnswer, alipayPublicKey: KeyObject): Promise<string | undefined> {
  const missing = (['timestamp', 'nonce', 'signature'] as const).find((name) => answer[name] === '');
  if (missing !== undefined) return `alipay-${missing} is missing`;
  const fits = await verify(restAnswerContent(answer), answer.signature, alipayPublicKey);
  return fits ? undefined : 'the signature does not fit';
}
