import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FaultKind } from './faults.js';

/**
 * Answers in place of the gateway, for the faults that leave nothing of its answer. Undefined for the others: `delay`, a wrong or
 * missing signature, and the errors that the gateway itself tells of are each gateway's own to do.
 */
export function spoilt(request: FastifyRequest, reply: FastifyReply, kind: FaultKind): FastifyReply | undefined {
  switch (kind) {
    case 'timeout':
      return reply.hijack();
    case 'reset':
    case 'succeed_then_reset':
      return resetConnection(request, reply);
    case 'http_500':
    case 'succeed_then_500':
      return reply.code(500).type('text/html').send('<html><body><h1>500 Internal Server Error</h1></body></html>');
    case 'http_502':
      return reply.code(502).type('text/html').send('<html><body><h1>502 Bad Gateway</h1></body></html>');
    case 'garbage':
      return reply.type('text/html;charset=utf-8').send(Buffer.from('{"alipay_trade_\u0000\uFFFD":{"code":"100', 'utf16le'));
    case 'delay':
    case 'wrong_signature':
    case 'unsigned':
    case 'system_error':
    case 'system_error_done':
    case 'declined':
      return undefined;
  }
}

/** The connection breaks without a byte of an answer. */
export function resetConnection(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  request.raw.socket.resetAndDestroy();
  return reply.hijack();
}
