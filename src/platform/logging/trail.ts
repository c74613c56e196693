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
let followed = 0;

/**
 * Does it under this trail, whatever it waits for. For jobs and for calls of gateways: while anything is followed, Node 20 follows
 * every promise of the process, which is a fifth of what a request costs. So requests say themselves which they are.
 */
export async function following<Result>(trail: Trail, act: () => Promise<Result>): Promise<Result> {
  followed += 1;
  try {
    return await trails.run(trail, act);
  } finally {
    followed -= 1;
    if (followed === 0) trails.disable();
  }
}

/** Does it under none: what is done for many at once belongs to no one of them. */
export function followingNobody<Result>(act: () => Result): Result {
  return trails.exit(act);
}

export function presentTrail(): Trail | undefined {
  return trails.getStore();
}
