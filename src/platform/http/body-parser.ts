import type { FastifyInstance, FastifyRequest } from 'fastify';

import { RequestProblem, invalidRequest } from './problem.js';

export const CALLBACKS_PATH = '/v1/callbacks';

/** The largest body that any address takes. A full order has about 20 KiB. */
export const BODY_LIMIT = 256 * 1024;

/** No request of ours nests deeper than six; this bounds what a hostile one can make us walk through. */
const MAX_DEPTH = 32;

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/**
 * Reads bodies: JSON everywhere, but for callbacks, whose bytes are kept as they came, whatever they claim to be,
 * because the signature is over them.
 */
export function registerBodyParser(fastify: FastifyInstance): void {
  const parseJson = fastify.getDefaultJsonParser('error', 'error');
  const decoder = new TextDecoder('utf-8', { fatal: true });

  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, (request: FastifyRequest, body: Buffer, done) => {
    if (isFromGateway(request)) return done(null, body);
    if (body.length === 0) return done(null, undefined);
    if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) {
      return done(new RequestProblem('unsupported_media_type', 'Send the body as application/json.'));
    }
    let text: string;
    try {
      text = decoder.decode(body);
    } catch {
      return done(new RequestProblem('malformed_body', 'The body is not UTF-8.'));
    }
    return parseJson(request, text, (error, value) => {
      if (error) return done(new RequestProblem('malformed_body', 'The body is not valid JSON.'));
      return done(flawOf(value), value);
    });
  });
}

const READABLE_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(?:;|$)/;

/** A callback is kept whatever it says it is; Fastify would refuse one whose type it cannot read before we see it. */
export function keepUnreadableContentType(request: FastifyRequest, _reply: unknown, done: () => void): void {
  const { headers } = request.raw;
  const given = headers['content-type'];
  if (given !== undefined && isFromGateway(request) && !READABLE_TYPE.test(given)) {
    headers['x-content-type-as-sent'] = given;
    headers['content-type'] = 'application/octet-stream';
  }
  done();
}

/** True at the addresses of gateways; below the same path are the inbox and its replay, which are the merchant's. */
function isFromGateway({ url }: FastifyRequest): boolean {
  return url.startsWith(`${CALLBACKS_PATH}/`) && !/\/replay(?:\?|$)/.test(url);
}

/** What no body of ours can be, whatever address it is for. */
function flawOf(body: unknown): RequestProblem | null {
  return nestsDeeper(body, MAX_DEPTH) ? invalidRequest([{ path: '', message: `must not nest deeper than ${MAX_DEPTH} levels` }]) : null;
}

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((member) => levels === 0 || nestsDeeper(member, levels - 1));
  // What was parsed of JSON has no members but its own.
  for (const name in value) if (levels === 0 || nestsDeeper((value as Record<string, unknown>)[name], levels - 1)) return true;
  return false;
}
