import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../kernel/clock.js';
import type { Outcome, Reachability } from '../gateway.js';
import { GatewayClient, type ClientOptions, type HttpResult } from '../http-client.js';
import { sign } from '../rsa.js';
import { readCertificates, type CertificateList } from './certificates.js';
import { refusalOf, type Refusal } from './codes.js';
import { parseObject, textIn, type Fields } from './fields.js';
import { PlatformKeys } from './platform-keys.js';
import type { WechatpaySettings } from './settings.js';
import { authorization, requestContent, signatureFlaw } from './signing.js';
import { reasonOf } from './texts.js';

/** WeChat Pay refuses calls that do not say these. */
const COMMON_HEADERS = { accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'Suanpan' };

type HttpAnswer = Extract<HttpResult, { kind: 'answer' }>;

/** It worked, which the signature proves; an answer without a body has no fields. Or WeChat Pay said no, unsigned. */
export type Reply =
  | { readonly kind: 'worked'; readonly fields: Fields }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly reason: string }
  | Extract<Outcome, { kind: 'unknown' | 'not_now' }>;

/** Signs calls, and believes a success only when WeChat Pay's signature is found right. */
export class WechatpayClient {
  /** What answers and notices are verified with. */
  readonly keys: PlatformKeys;
  private readonly http: GatewayClient;

  constructor(
    private readonly settings: WechatpaySettings,
    private readonly clock: Clock,
    options: Partial<ClientOptions>,
  ) {
    this.http = new GatewayClient('WeChat Pay', settings.baseUrl, options);
    this.keys = new PlatformKeys(settings.publicKey, () => this.fetchCertificates(), clock);
  }

  /** `path` with its query, as it goes out. Never throws. */
  async call(method: 'GET' | 'POST', path: string, content?: unknown): Promise<Reply> {
    const result = await this.send(method, path, content);
    if (result.kind === 'no_answer') return { kind: 'unknown', cause: result.cause };
    if (result.kind === 'not_sent') return { kind: 'not_now', reason: result.reason };
    return result.status === 200 || result.status === 204 ? this.worked(result) : refused(result);
  }

  reachability(): Reachability {
    return this.http.reachability();
  }

  disconnect(): Promise<void> {
    return this.http.disconnect();
  }

  private async worked(answer: HttpAnswer): Promise<Reply> {
    const now = this.clock.now();
    const flaw = await signatureFlaw(answer, now, (serial) => this.keys.find(serial, now));
    if (flaw !== undefined) return { kind: 'unknown', cause: `the answer is not to be believed: ${flaw.reason}` };
    const fields = answer.body.length === 0 ? {} : parseObject(answer.body);
    return fields === undefined ? { kind: 'unknown', cause: 'the answer is no JSON object' } : { kind: 'worked', fields };
  }

  private async send(method: 'GET' | 'POST', path: string, content?: unknown): Promise<HttpResult> {
    const { mchId, serialNo, privateKey, publicKey } = this.settings;
    // Turned into text once, so that what is signed is what is sent.
    const body = content === undefined ? '' : JSON.stringify(content);
    const timestamp = String(Math.floor(this.clock.now().getTime() / 1000));
    const parts = { method, path, timestamp, nonce: nonce(), body };
    const signature = await sign(requestContent(parts), privateKey);
    return this.http.send({
      method,
      path,
      headers: {
        ...COMMON_HEADERS,
        authorization: authorization(mchId, serialNo, parts, signature),
        // Asks for answers that are signed with the public key.
        ...(publicKey !== undefined && { 'wechatpay-serial': publicKey.id }),
      },
      ...(body !== '' && { body }),
    });
  }

  private async fetchCertificates(): Promise<CertificateList> {
    const result = await this.send('GET', '/v3/certificates');
    if (result.kind !== 'answer') return { kind: 'failed', cause: result.kind === 'no_answer' ? result.cause : result.reason };
    if (result.status === 200) return readCertificates(result, this.settings, this.clock.now());
    const { refusal, reason } = refused(result);
    if (refusal === 'not_found') return { kind: 'none' };
    return { kind: refusal === 'unclear' ? 'failed' : 'refused', cause: `the certificates were not given out: ${reason}` };
  }
}

/** 32 characters that nobody can guess. */
export function nonce(): string {
  return randomBytes(16).toString('hex');
}

function refused({ status, body }: HttpAnswer): Extract<Reply, { kind: 'refused' }> {
  const fields = parseObject(body);
  const code = textIn(fields, 'code') ?? '';
  return { kind: 'refused', refusal: refusalOf(status, code), reason: reasonOf(status, code, textIn(fields, 'message') ?? '') };
}
