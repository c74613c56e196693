import type { FastifyInstance } from 'fastify';
import { GATEWAY_NAMES } from '../ledger/trade.js';
import type { Outage } from '../outage.js';
import { BadInput, Input } from './input.js';

/** Takes gateways down, and up again. */
export function outageRoutes(app: FastifyInstance, outage: Outage): void {
  app.post('/control/outage', ({ body }) => {
    const input = new Input(body, ['gateway', 'on']);
    const on = input.boolean('on');
    if (on === undefined) throw new BadInput('on is missing: true takes the gateway down, false lets it come up again.');
    outage.set(on, input.oneOf('gateway', GATEWAY_NAMES));
    return { down: outage.list() };
  });

  app.get('/control/outage', () => ({ down: outage.list() }));
}
