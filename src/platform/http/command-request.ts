import { createParamDecorator, applyDecorators, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { hash } from 'node:crypto';
import type { FastifyReply } from 'fastify';

import { required } from '../../kernel/assert.js';
import { scrub } from '../secrets/scrub.js';
import type { CommandRequest } from '../commands/commands.js';
import { Problems } from './openapi-problems.js';
import { invalidRequest } from './problem.js';
import type { AuthenticatedRequest } from './security.js';

const KEY = /^[\x20-\x7e]{1,255}$/;

/** The request as something to be done once: its origin, and its `Idempotency-Key` where there is one. */
export const CommandParam = createParamDecorator((_: unknown, context: ExecutionContext): CommandRequest => {
  const http = context.switchToHttp();
  const request = http.getRequest<AuthenticatedRequest>();
  const caller = required(request.caller, 'the caller of a guarded route');
  const origin = { correlationId: request.id, causationId: null, actor: `api_key:${caller.apiKeyId}` };
  const key = request.headers['idempotency-key'];
  const { remembered } = request;
  if (key === undefined) return { origin, remembered };
  if (typeof key !== 'string' || !KEY.test(key)) {
    throw invalidRequest([{ path: 'Idempotency-Key', message: 'must have 1 to 255 printable ASCII characters' }]);
  }
  const requestHash = hash('sha256', `${request.method} ${request.url.split('?')[0]}\n${canonical(request.body ?? {})}`, 'base64url');
  const onReplay = () => void http.getResponse<FastifyReply>().header('idempotent-replayed', 'true');
  return { origin, remembered, idempotency: { merchantId: caller.merchantId, key: keptKey(key), requestHash }, onReplay };
});

/** The key as it is kept. One that holds a secret names the request as well by its hash. */
function keptKey(key: string): string {
  return scrub(key) === key ? key : `sha256:${hash('sha256', key, 'base64url')}`;
}

/** Documents the header and what can be wrong with it. */
export const Idempotent = () =>
  applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description:
        'Chosen by you, one a request: sent again with the same body, the first answer is given again and nothing happens twice.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    }),
    Problems(
      'invalid_request',
      'malformed_body',
      'payload_too_large',
      'unsupported_media_type',
      'idempotency_in_progress',
      'idempotency_key_reused',
    ),
  );

/** The same JSON value gives the same text, in whatever order its members came. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? '';
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  let text = '';
  for (const name of Object.keys(value).sort()) {
    text += `${text === '' ? '{' : ','}${JSON.stringify(name)}:${canonical((value as Record<string, unknown>)[name])}`;
  }
  return `${text === '' ? '{' : text}}`;
}
