import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { DomainError } from '../../kernel/domain-error.js';
import { isUnavailable } from '../database/database-errors.js';
import { explain } from '../logging/pino-logger.js';
import { RequestProblem } from './problem.js';
import { PROBLEMS, isProblemCode, preferredLanguage, statusOf, titleOf, type ProblemCode } from './problem-catalog.js';
import { routeOf } from './route-of.js';

interface Problem {
  readonly code: ProblemCode;
  readonly status: number;
  readonly detail: string;
  readonly members?: Readonly<Record<string, unknown>>;
  readonly retryAfter?: number;
}

const RETRY_AFTER_SECONDS = 2;

/** Turns whatever went wrong into RFC 9457 `application/problem+json`. What we did not foresee says nothing of its cause. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger(ProblemFilter.name);

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const problem = problemOf(error);
    if (problem.status >= 500) {
      const { method, id: correlationId } = request;
      this.logger.error({ msg: 'request failed', correlationId, method, route: routeOf(request) ?? 'none', error: explain(error) });
    }
    if (problem.status === 503 || problem.status === 429) void reply.header('retry-after', problem.retryAfter ?? RETRY_AFTER_SECONDS);
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer realm="suanpan"');
    const language = request.headers['accept-language'];
    void reply
      .status(problem.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .header('content-language', preferredLanguage(language))
      .send(
        JSON.stringify({
          // First, so that no rule's own facts can stand in the place of what every problem says.
          ...problem.members,
          type: `urn:suanpan:problem:${problem.code}`,
          title: titleOf(problem.code, language),
          status: problem.status,
          detail: problem.detail,
          instance: request.url.split('?')[0],
          code: problem.code,
        }),
      );
  }
}

function problemOf(error: unknown): Problem {
  if (error instanceof RequestProblem) return { ...error, status: PROBLEMS[error.code].status, members: error.members };
  if (error instanceof DomainError && isProblemCode(error.code)) {
    return { code: error.code, status: statusOf(error.kind), detail: error.detail, members: error.facts };
  }
  if (isUnavailable(error))
    return ourProblem(
      'unavailable',
      'The database does not answer just now. It may or may not have been done: send it again with the same Idempotency-Key, or look first.',
    );
  const status = httpStatusOf(error);
  if (status !== undefined && status >= 400 && status < 500) return refusedByServer(status);
  return ourProblem(
    'internal_error',
    'This is a defect; the log has the request id (X-Request-Id). It may or may not have been done: look before you send it again, or use the same Idempotency-Key.',
  );
}

const ourProblem = (code: ProblemCode, detail: string): Problem => ({ code, status: PROBLEMS[code].status, detail });

/** What Fastify or Nest refuse by themselves: their own words could carry anything, so they are not repeated. */
function refusedByServer(status: number): Problem {
  switch (status) {
    case 404:
      return ourProblem('not_found', 'No such address. The addresses are listed at /docs.');
    case 413:
      return ourProblem('payload_too_large', 'The body is larger than this address takes.');
    case 415:
      return ourProblem('unsupported_media_type', 'Send the body as application/json.');
    case 429:
      return ourProblem('too_many_requests', 'Slow down, and send it again later.');
    default:
      return { ...ourProblem('malformed_body', 'The request could not be read: is the body valid JSON in UTF-8?'), status: 400 };
  }
}

function httpStatusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const { statusCode } = (typeof error === 'object' && error !== null ? error : {}) as { statusCode?: unknown };
  return typeof statusCode === 'number' ? statusCode : undefined;
}
