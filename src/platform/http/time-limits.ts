import { MINUTE, SECOND } from '../../kernel/clock.js';

/** How long a client may take. In milliseconds. Who takes longer is told so with 408 where it still listens, and hung up on. */
export interface TimeLimits {
  /** From the first byte of a request to the last of its headers. */
  readonly headers: number;
  /** To the last byte of its body. */
  readonly request: number;
  /** Without a byte in either direction, whatever is under way: also of a client that does not read its answer. */
  readonly silence: number;
  /** How often the first two are looked at. */
  readonly lookEvery: number;
}

export const TIME_LIMITS: TimeLimits = { headers: 10 * SECOND, request: 30 * SECOND, silence: 5 * MINUTE, lookEvery: SECOND };

/** In bytes, all headers of a request together with its first line. */
const LARGEST_HEAD = 16 * 1024;

/** The same in the words of Fastify and of Node. */
export function serverLimits({ headers, request, silence, lookEvery }: TimeLimits) {
  return {
    requestTimeout: request,
    connectionTimeout: silence,
    http: { headersTimeout: headers, requestTimeout: request, connectionsCheckingInterval: lookEvery, maxHeaderSize: LARGEST_HEAD },
  };
}
