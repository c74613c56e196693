import { GatewayClient, type ClientOptions } from '../http-client.js';
import type { Reachability } from '../gateway.js';
import { Answer } from './answer.js';
import { objectOf, rawMembers, stringOf } from './envelope.js';
import type { AlipayKeys } from './keys.js';
import { unknown, type Unknown, type Unsettled } from './outcomes.js';
import { encode } from './requests.js';
import { isByOneOf, type Parameters } from './signing.js';

/** What came back, not yet believed. */
export interface RawAnswer {
  readonly kind: 'raw';
  readonly method: string;
  readonly body: Buffer;
}

/** Speaks to `gateway.do`. Whatever goes wrong on the way is an `unknown`: the call may have been executed. */
export class AlipayClient {
  private readonly http: GatewayClient;
  private readonly path: string;

  constructor(gatewayUrl: string, options: Partial<ClientOptions>) {
    const { origin, pathname } = new URL(gatewayUrl);
    this.path = pathname;
    this.http = new GatewayClient('Alipay', origin, options);
  }

  /** The signed parameters as Alipay wants them: `biz_content` in the form, the others in the address. */
  async post(parameters: Parameters): Promise<RawAnswer | Unsettled> {
    const content = [...parameters].filter(([name]) => name === 'biz_content');
    const common = [...parameters].filter(([name]) => name !== 'biz_content');
    const result = await this.http.send({
      method: 'POST',
      path: `${this.path}?${encode(common)}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8', accept: 'application/json' },
      body: encode(content),
    });
    switch (result.kind) {
      case 'not_sent':
        return { kind: 'not_now', reason: result.reason };
      case 'no_answer':
        return unknown(result.cause);
      case 'answer':
        if (result.status !== 200) return unknown(`Alipay answered with HTTP status ${result.status}`);
        return { kind: 'raw', method: parameters.get('method') ?? '', body: result.body };
    }
  }

  reachability(): Reachability {
    return this.http.reachability();
  }

  disconnect(): Promise<void> {
    return this.http.disconnect();
  }
}

/**
 * The answer in the bytes of a response, whose signature is checked over the raw text of the node.
 * A signature that does not fit makes the whole of it worthless; a missing one leaves an answer that can only refuse.
 */
export async function readAnswer(body: Buffer, method: string, keys: AlipayKeys): Promise<Answer | Unknown> {
  const found = nodeOf(body, method);
  if (typeof found === 'string') return unknown(found);
  const { members, raw, fields } = found;
  if (!members.has('sign')) return new Answer(fields, false);
  const allowed = await keys.allowed(stringOf(members.get('alipay_cert_sn')), 'freely');
  if ('verdict' in allowed) return unknown(`the answer cannot be verified: ${allowed.reason}`);
  const fits = await isByOneOf(allowed, raw, stringOf(members.get('sign')) ?? '');
  return fits ? new Answer(fields, true) : unknown("the answer's signature does not fit");
}

/** The answer with its signature left aside, as if it had none. */
export function readUnproven(body: Buffer, method: string): Answer | Unknown {
  const found = nodeOf(body, method);
  return typeof found === 'string' ? unknown(found) : new Answer(found.fields, false);
}

interface SignedNode {
  readonly members: ReadonlyMap<string, string>;
  /** The text that is signed. */
  readonly raw: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The node that answers the method, or what is wrong with the answer. */
function nodeOf(body: Buffer, method: string): SignedNode | string {
  const members = rawMembers(body);
  if (members === undefined) return 'the answer is no JSON object';
  const nodes = [`${method.replaceAll('.', '_')}_response`, 'error_response'].filter((name) => members.has(name));
  const raw = members.get(nodes[0] ?? '');
  const fields = objectOf(raw);
  if (nodes.length !== 1 || raw === undefined || fields === undefined) return 'the answer does not have the one node it should';
  return { members, raw, fields };
}
