import { connect } from 'node:net';

export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  /** Of a JSON answer, else null. */
  readonly body: Body | null;
  /** In milliseconds, from the last byte of the request on. */
  readonly took: number;
}

export type Body = Readonly<Record<string, unknown>>;
type Headers = Readonly<Record<string, string>> | readonly (readonly [name: string, value: string])[];

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Headers;
  readonly body?: string | Buffer;
}

const PATIENCE = 20_000;

/** Sends a request byte by byte as it is given: no client library tidies up addresses, headers or bodies. */
export function speak(url: string, request: RawRequest): Promise<Answer> {
  const { method = 'GET', path, headers = {}, body } = request;
  const { host } = new URL(url);
  const bytes = Buffer.from(body ?? '');
  const given: readonly (readonly [string, string])[] = isList(headers) ? headers : Object.entries(headers);
  const length: readonly (readonly [string, string])[] = body === undefined ? [] : [['content-length', String(bytes.length)]];
  const lines = [['host', host], ['connection', 'close'], ...length, ...given].map(([name = '', value = '']) => `${name}: ${value}\r\n`);
  return exchange(url, Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1'), bytes]));
}

/** Sends bytes and answers the first answer to them. */
export async function exchange(url: string, bytes: Buffer): Promise<Answer> {
  const began = performance.now();
  const received = await receive(url, bytes);
  return { ...parse(received), took: performance.now() - began };
}

/** All that comes back on a connection until it is closed. */
export function receive(url: string, bytes: Buffer, patience = PATIENCE): Promise<Buffer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const timer = setTimeout(() => {
      socket.destroy();
      resolve(Buffer.concat(chunks));
    }, patience);
    socket.on('data', (chunk) => chunks.push(chunk));
    // Whoever refuses a large body may hang up while it is still being sent.
    const hungUp = new Set(['EPIPE', 'ECONNRESET']);
    socket.on('error', (error: NodeJS.ErrnoException) => (hungUp.has(error.code ?? '') ? resolve(Buffer.concat(chunks)) : reject(error)));
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    socket.write(bytes);
  });
}

export function parse(received: Buffer): Omit<Answer, 'took'> {
  const split = received.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = received.subarray(0, Math.max(split, 0)).toString('latin1').split('\r\n');
  const headers = new Map(
    lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const text = split < 0 ? '' : unchunked(received.subarray(split + 4), headers).toString('utf8');
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, text, body: json(text) };
}

function unchunked(body: Buffer, headers: ReadonlyMap<string, string>): Buffer {
  if (headers.get('transfer-encoding') !== 'chunked') return body;
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('latin1', at, end), 16);
    if (end < 0 || !(size > 0)) break;
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

function json(text: string): Body | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Body) : null;
  } catch {
    return null;
  }
}

function isList(headers: Headers): headers is readonly (readonly [string, string])[] {
  return Array.isArray(headers);
}
