import type { ProblemCode } from './problem-catalog.js';

/** What the HTTP layer itself refuses, before any rule is asked. */
export class RequestProblem extends Error {
  constructor(
    readonly code: ProblemCode,
    readonly detail: string,
    readonly members: Readonly<Record<string, unknown>> = {},
    /** Seconds after which it may be sent again. */
    readonly retryAfter?: number,
  ) {
    super(`${code}: ${detail}`);
  }
}

export interface FieldError {
  /** Where: `items.0.quantity`. */
  readonly path: string;
  readonly message: string;
}

export function invalidRequest(errors: readonly FieldError[]): RequestProblem {
  const [first] = errors;
  const detail = first ? `${first.path === '' ? 'The body' : first.path}: ${first.message}.` : 'The request is not valid.';
  return new RequestProblem('invalid_request', detail, { errors });
}
