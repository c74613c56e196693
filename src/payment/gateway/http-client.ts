import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll, isBrokenCircuitError, type CircuitBreakerPolicy } from 'cockatiel';
import { Pool } from 'undici';
import { SECOND } from '../../kernel/clock.js';
import type { Reachability } from './gateway.js';
import { publicLookup } from './public-lookup.js';
import type { InnerHosts } from './settings.js';

/** How a gateway is called. Times are in milliseconds. */
export interface ClientOptions {
  /** For a connection. */
  readonly connectTimeout: number;
  /** From the call to the last byte of the answer, waiting for a connection included. */
  readonly totalTimeout: number;
  /** So many failures in a row, and the gateway is left in peace. */
  readonly failuresUntilRest: number;
  /** How long it rests before one call finds out whether it is back. */
  readonly rest: number;
  /** Hosts that may be at an address that is none of the public Internet. */
  readonly innerHosts: InnerHosts;
  /** Told of every request that went out, and what came back. */
  readonly onExchange: (exchange: Exchange) => void;
}

/** A request as it may be shown: without what is signed, and without what the answer says. */
export interface Exchange {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  /** Of the answer; undefined where there was none, and `failure` says why. */
  readonly status?: number;
  readonly failure?: string;
  readonly ms: number;
}

export const DEFAULT_CLIENT_OPTIONS: ClientOptions = {
  connectTimeout: 3 * SECOND,
  totalTimeout: 10 * SECOND,
  failuresUntilRest: 10,
  rest: SECOND,
  innerHosts: 'any',
  onExchange: () => undefined,
};

const CONNECTIONS = 16;
/** In bytes. Answers have a few thousand, but for statements, which are fetched elsewhere. */
const LONGEST_ANSWER = 256 * 1024;

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query, exactly as they go out. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `no_answer`: it may have been done all the same. `not_sent`: certainly not, because the gateway is resting. */
export type HttpResult =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: Buffer }
  | { readonly kind: 'no_answer'; readonly cause: string }
  | { readonly kind: 'not_sent'; readonly reason: string };

type Answered = Extract<HttpResult, { kind: 'answer' }>;

/** Speaks HTTP to one gateway: bounded connections, bounded time, no second try, and a rest for a gateway that keeps failing. */
export class GatewayClient {
  private readonly pool: Pool;
  private readonly breaker: CircuitBreakerPolicy;
  private readonly options: ClientOptions;
  private readonly host: string;
  private brokeAt = 0;

  /** `title` is for messages, such as `WeChat Pay`. */
  constructor(
    private readonly title: string,
    origin: string,
    options: Partial<ClientOptions> = {},
  ) {
    this.options = { ...DEFAULT_CLIENT_OPTIONS, ...options };
    const { innerHosts } = this.options;
    const isInner = innerHosts === 'any' || innerHosts.includes(new URL(origin).hostname);
    this.host = new URL(origin).host;
    this.pool = new Pool(origin, {
      connections: CONNECTIONS,
      connect: { timeout: this.options.connectTimeout, ...(isInner ? {} : { lookup: publicLookup }) },
      headersTimeout: this.options.totalTimeout,
      bodyTimeout: this.options.totalTimeout,
      maxResponseSize: LONGEST_ANSWER,
    });
    const failing = handleAll.orWhenResult((result) => isFailure(result as HttpResult));
    this.breaker = circuitBreaker(failing, {
      halfOpenAfter: this.options.rest,
      breaker: new ConsecutiveBreaker(this.options.failuresUntilRest),
    });
    this.breaker.onBreak(() => (this.brokeAt = performance.now()));
  }

  /** Never throws. */
  async send(request: HttpRequest): Promise<HttpResult> {
    try {
      return await this.breaker.execute(() => this.exchange(request));
    } catch (error) {
      if (isBrokenCircuitError(error))
        return { kind: 'not_sent', reason: `${this.title} has been failing and is left in peace for a moment` };
      return { kind: 'no_answer', cause: `no answer from ${this.title} (${codeOf(error)})` };
    }
  }

  reachability(): Reachability {
    if (this.breaker.state === CircuitState.Closed) return 'reachable';
    // The breaker itself notices the end of the rest only with the next call.
    return performance.now() - this.brokeAt < this.options.rest ? 'resting' : 'probing';
  }

  async disconnect(): Promise<void> {
    if (!this.pool.closed && !this.pool.destroyed) await this.pool.close();
  }

  private async exchange(request: HttpRequest): Promise<HttpResult> {
    const begun = performance.now();
    const tell = (end: Pick<Exchange, 'status' | 'failure'>) => {
      const { method, path } = request;
      this.options.onExchange({
        method,
        host: this.host,
        path: path.split('?')[0] ?? '',
        ...end,
        ms: Math.round(performance.now() - begun),
      });
    };
    try {
      const result = await this.ask(request);
      tell({ status: result.status });
      return result;
    } catch (error) {
      tell({ failure: codeOf(error) });
      throw error;
    }
  }

  private async ask(request: HttpRequest): Promise<Answered> {
    const { statusCode, headers, body } = await this.pool.request({
      ...request,
      signal: AbortSignal.timeout(this.options.totalTimeout),
    });
    const bytes = Buffer.from(await body.arrayBuffer());
    return { kind: 'answer', status: statusCode, headers: singleValues(headers), body: bytes };
  }
}

/** A gateway that answers, however it refuses, is there; one that says nothing or fails by its own account is not. */
function isFailure(result: HttpResult): boolean {
  return result.kind !== 'answer' || result.status >= 500;
}

/** Headers by lower-case name; of one that came twice there is none, because nobody could tell which was signed. */
function singleValues(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [])),
  );
}

/** The error's code or name alone: a message could carry the address, and with it the signed request. */
function codeOf(error: unknown): string {
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown };
  return [code, name].find((text): text is string => typeof text === 'string' && text !== '') ?? 'no reason given';
}
