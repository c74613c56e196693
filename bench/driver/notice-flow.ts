import type { Flow } from './flow.js';
import type { Target } from './job.js';
import { Requests } from './requests.js';
import { unexpected } from './answers.js';

/** Hands over notices that were signed before, each once. */
export function noticeFlow(target: Target, bodies: readonly string[]): Flow {
  const requests = new Requests(target);
  let next = 0;
  return async (connection) => {
    const body = bodies[next];
    if (body === undefined) return undefined;
    next += 1;
    const answer = await connection.send(requests.notice(body));
    if (answer.status !== 200 || answer.body !== 'success') throw unexpected('POST /v1/callbacks/alipay/payments', answer);
    return 'applied';
  };
}
