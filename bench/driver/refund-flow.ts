import type { Flow } from './flow.js';
import type { Target } from './job.js';
import { Requests } from './requests.js';
import { unexpected } from './answers.js';

/** Asks for all of each order's money back, each once. */
export function refundFlow(target: Target, orderIds: readonly string[]): Flow {
  const requests = new Requests(target);
  let next = 0;
  return async (connection) => {
    const id = orderIds[next];
    if (id === undefined) return undefined;
    next += 1;
    const answer = await connection.send(requests.json(`/v1/orders/${id}/refunds`, `refund-${id}`, '{"reason":"wanted back"}'));
    if (answer.status !== 201) throw unexpected('POST /v1/orders/{id}/refunds', answer);
    return 'requested';
  };
}
