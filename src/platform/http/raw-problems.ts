import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';
import { STATUS_CODES } from 'node:http';

import { PROBLEMS, titleOf, type ProblemCode } from './problem-catalog.js';
import type { HeaderLines } from './security-headers.js';

// What goes wrong before there is a request that Nest could handle: addresses and headers that cannot even be read.

function problemText(code: ProblemCode, detail: string, acceptLanguage?: string): string {
  const { status } = PROBLEMS[code];
  return JSON.stringify({ type: `urn:suanpan:problem:${code}`, title: titleOf(code, acceptLanguage), status, detail, instance: '/', code });
}

/** An address that the router cannot read leads to nothing. */
export function answerUnroutable(headers: HeaderLines) {
  return (_error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    const text = problemText('not_found', 'No such address. The addresses are listed at /docs.', request.headers['accept-language']);
    void reply.status(404).headers(headers).header('content-type', 'application/problem+json; charset=utf-8').send(text);
  };
}

/** A request that is no HTTP, or has headers that are none. */
export function answerUnreadable(headers: HeaderLines) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return (error: Error & { code?: string }, socket: Socket): void => answerWith(lines, error, socket);
}

function answerWith(lines: readonly string[], error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy(error);
  const code =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? 'headers_too_large'
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? 'request_timeout'
        : 'malformed_request';
  const { status } = PROBLEMS[code];
  const text = problemText(code, 'The request could not be read as HTTP: look at its headers.');
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'connection: close',
    ...lines,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
}
