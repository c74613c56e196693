import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** Whose key it is. */
export interface Caller {
  readonly merchantId: string;
  readonly actor: string;
}

/** A request that was let in. */
export interface Sent {
  readonly caller: Caller;
  readonly idempotencyKey: string;
  readonly requestHash: string;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

/** What the server does. */
export interface Handlers {
  placeOrder(sent: Sent): Promise<Reply>;
  startPayment(orderId: string, sent: Sent): Promise<Reply>;
  applyNotice(headers: object, body: string): Promise<string>;
}

const BODY_LIMIT = 256 * 1024;
const PAYMENTS = /^\/v1\/orders\/([0-9a-f-]{36})\/payments$/;
const READY: Reply = { status: 200, body: '{"status":"ok"}' };
const UNAUTHORIZED: Reply = { status: 401, body: '{"code":"unauthorized"}' };
const NOT_FOUND: Reply = { status: 404, body: '{"code":"not_found"}' };
const NO_KEY: Reply = { status: 400, body: '{"code":"invalid_request"}' };
const BROKEN: Reply = { status: 500, body: '{"code":"internal"}' };

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** node:http and nothing else. `keys` has the hash of each API key, read once: no round trip is spent on it. */
export function bareServer(keys: ReadonlyMap<string, Caller>, handlers: Handlers): Server {
  const handle = async ({ method, url = '', headers }: IncomingMessage, body: string): Promise<Reply> => {
    if (url === '/health/ready') return READY;
    if (method !== 'POST') return NOT_FOUND;
    if (url === '/v1/callbacks/alipay/payments') {
      return { status: 200, body: await handlers.applyNotice(headers, body), type: 'text/plain; charset=utf-8' };
    }
    const { authorization = '', 'idempotency-key': idempotencyKey } = headers;
    const caller = authorization.startsWith('Bearer ') ? keys.get(hashOf(authorization.slice(7))) : undefined;
    if (caller === undefined) return UNAUTHORIZED;
    if (typeof idempotencyKey !== 'string' || idempotencyKey === '' || idempotencyKey.length > 255) return NO_KEY;
    const sent = { caller, idempotencyKey, requestHash: hashOf(`POST ${url}\n${body}`), body };
    if (url === '/v1/orders') return handlers.placeOrder(sent);
    const orderId = PAYMENTS.exec(url)?.[1];
    return orderId === undefined ? NOT_FOUND : handlers.startPayment(orderId, sent);
  };
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > BODY_LIMIT) request.destroy();
      else chunks.push(chunk);
    });
    request.on('end', () => {
      const body = chunks.length === 1 && chunks[0] ? chunks[0].toString() : Buffer.concat(chunks).toString();
      handle(request, body).then(
        (reply) => answer(response, reply),
        (error: unknown) => {
          process.stderr.write(`${String(error)}\n`);
          answer(response, BROKEN);
        },
      );
    });
  });
}

function answer(response: ServerResponse, { status, body, type = 'application/json; charset=utf-8' }: Reply): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
