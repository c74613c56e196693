import { Agent, request, type Dispatcher } from 'undici';
import type { Clock } from '../clock.js';
import type { Attempt, SealedNotice } from './notice.js';

const KEPT_BODY_BYTES = 4_096;

/** Posts notices to merchants, as a gateway does: no redirect is followed, and no connection outlives its answer. */
export class Delivery {
  private readonly agent = new Agent({ pipelining: 0 });
  private readonly stopped = new AbortController();

  constructor(private readonly clock: Clock) {}

  async post(url: string, notice: SealedNotice, timeoutMs: number): Promise<Attempt> {
    const at = this.clock().toISOString();
    try {
      const answer = await request(url, {
        method: 'POST',
        headers: { ...notice.headers, 'content-type': notice.contentType },
        body: notice.body,
        dispatcher: this.agent,
        signal: AbortSignal.any([this.stopped.signal, AbortSignal.timeout(timeoutMs)]),
      });
      return { at, status: answer.statusCode, body: await beginningOf(answer.body), error: null };
    } catch (cause) {
      return { at, status: null, body: null, error: reasonOf(cause, timeoutMs) };
    }
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.stopped.abort(new Error('the simulator stopped'));
    await this.agent.destroy();
  }
}

/** A gateway looks for one word; an endless answer must not fill its memory. */
async function beginningOf(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > KEPT_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, KEPT_BODY_BYTES).toString('utf8');
}

function reasonOf(cause: unknown, timeoutMs: number): string {
  if (!(cause instanceof Error)) return String(cause);
  if (cause.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const code = 'code' in cause && typeof cause.code === 'string' ? `${cause.code}: ` : '';
  return `${code}${cause.message}`;
}
