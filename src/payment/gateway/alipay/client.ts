import type { KeyObject } from 'node:crypto';
import { Pool } from 'undici';
import { SECOND } from '../../../kernel/clock.js';
import { assert } from '../../../kernel/assert.js';
import { Answer } from './answer.js';
import { objectOf, rawMembers, stringOf } from './envelope.js';
import { unknown, type Unknown } from './outcomes.js';
import { encode } from './requests.js';
import { verify, type Parameters } from './signing.js';

/** In milliseconds. `total` counts from the call to the last byte of the answer, waiting for a connection included. */
export interface Timeouts {
  readonly connect: number;
  readonly total: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = { connect: 3 * SECOND, total: 10 * SECOND };

const CONNECTIONS = 16;
/** In bytes. Answers have a few thousand. */
const LONGEST_ANSWER = 256 * 1024;

/** Speaks to `gateway.do`. Whatever goes wrong on the way is an `unknown`: the call may have been executed. */
export class AlipayClient {
  private readonly pool: Pool;
  private readonly path: string;
  private readonly timeouts: Timeouts;

  constructor(
    gatewayUrl: string,
    private readonly alipayPublicKey: KeyObject,
    timeouts: Partial<Timeouts> = {},
  ) {
    const url = new URL(gatewayUrl);
    assert(url.search === '' && url.hash === '', 'the gateway URL of Alipay must have neither a query nor a fragment');
    this.path = url.pathname;
    this.timeouts = { ...DEFAULT_TIMEOUTS, ...timeouts };
    this.pool = new Pool(url.origin, {
      connections: CONNECTIONS,
      connect: { timeout: this.timeouts.connect },
      headersTimeout: this.timeouts.total,
      bodyTimeout: this.timeouts.total,
      maxResponseSize: LONGEST_ANSWER,
    });
  }

  /** The signed parameters as Alipay wants them: `biz_content` in the form, the others in the address. */
  async post(parameters: Parameters): Promise<Answer | Unknown> {
    const content = [...parameters].filter(([name]) => name === 'biz_content');
    const common = [...parameters].filter(([name]) => name !== 'biz_content');
    try {
      const { statusCode, body } = await this.pool.request({
        method: 'POST',
        path: `${this.path}?${encode(common)}`,
        headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8', accept: 'application/json' },
        body: encode(content),
        signal: AbortSignal.timeout(this.timeouts.total),
      });
      const bytes = Buffer.from(await body.arrayBuffer());
      if (statusCode !== 200) return unknown(`Alipay answered with HTTP status ${statusCode}`);
      return await readAnswer(bytes, parameters.get('method') ?? '', this.alipayPublicKey);
    } catch (error) {
      return unknown(`no answer from Alipay (${codeOf(error)})`);
    }
  }

  async disconnect(): Promise<void> {
    if (!this.pool.closed && !this.pool.destroyed) await this.pool.close();
  }
}

/**
 * The answer in the bytes of a response, whose signature is checked over the raw text of the node.
 * A signature that does not fit makes the whole of it worthless; a missing one leaves an answer that can only refuse.
 */
export async function readAnswer(body: Buffer, method: string, alipayPublicKey: KeyObject): Promise<Answer | Unknown> {
  const members = rawMembers(body);
  if (members === undefined) return unknown('the answer is no JSON object');
  const nodes = [`${method.replaceAll('.', '_')}_response`, 'error_response'].filter((name) => members.has(name));
  const raw = members.get(nodes[0] ?? '');
  const fields = objectOf(raw);
  if (nodes.length !== 1 || raw === undefined || fields === undefined) return unknown('the answer does not have the one node it should');
  if (!members.has('sign')) return new Answer(fields, false);
  const fits = await verify(Buffer.from(raw, 'utf8'), stringOf(members.get('sign')) ?? '', alipayPublicKey);
  return fits ? new Answer(fields, true) : unknown("the answer's signature does not fit");
}

/** The error's code or name alone: a message could carry the address, and with it the signed request. */
function codeOf(error: unknown): string {
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown };
  return [code, name].find((text): text is string => typeof text === 'string' && text !== '') ?? 'no reason given';
}
