import type { FastifyInstance } from 'fastify';
import type { Outbox } from '../notices/outbox.js';
import { Input } from './input.js';
import { deliveryView } from './views.js';

const LONGEST_DELAY_MS = 600_000;

/** What becomes of the notices that the gateway sends by itself. A field that is left out goes back to what it is at a real gateway. */
export function noticeRoutes(app: FastifyInstance, outbox: Outbox): void {
  app.post('/control/notices', ({ body }) => {
    const input = new Input(body, ['mode', 'delayMs', 'refunds']);
    const mode = input.oneOf('mode', ['deliver', 'drop', 'hold']) ?? 'deliver';
    const delayMs = input.integer('delayMs', { from: 0, to: LONGEST_DELAY_MS }) ?? 0;
    outbox.mode = { mode, delayMs, refunds: input.boolean('refunds') ?? false };
    return outbox.mode;
  });

  app.get('/control/notices', () => outbox.mode);

  app.post('/control/notices/release', async ({ body }) => {
    const input = new Input(body, ['order']);
    const released = await outbox.release(input.oneOf('order', ['sent', 'reversed']) ?? 'sent');
    return { notices: released.map(deliveryView) };
  });

  app.post('/control/notices/retry', async ({ body }) => {
    new Input(body, []);
    return { notices: (await outbox.retryNow()).map(deliveryView) };
  });
}
