import { AsyncLocalStorage } from 'node:async_hooks';

/** What is being done just now, and on whose behalf: it stands in every line of the log that is written meanwhile. */
export interface Trail {
  /** One for a request and everything that follows from it. */
  readonly correlationId: string;
  readonly orderId?: string | undefined;
  /** The job that is being done. */
  readonly task?: string | undefined;
}

const trails = new AsyncLocalStorage<Trail>();

/** Does it under this trail, whatever it waits for. */
export function following<Result>(trail: Trail, act: () => Result): Result {
  return trails.run(trail, act);
}

/** Does it under none: what is done for many at once belongs to no one of them. */
export function followingNobody<Result>(act: () => Result): Result {
  return trails.exit(act);
}

export function presentTrail(): Trail | undefined {
  return trails.getStore();
}
