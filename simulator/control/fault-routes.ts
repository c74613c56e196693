import type { FastifyInstance } from 'fastify';
import { FAULT_KINDS, type FaultPlan } from '../faults.js';
import { GATEWAY_NAMES } from '../ledger/trade.js';
import { BadInput, Input } from './input.js';

const LONGEST_DELAY_MS = 600_000;
const DEFAULT_DELAY_MS = 1_000;

/** What a test makes go wrong between the merchant and the gateway. */
export function faultRoutes(app: FastifyInstance, faults: FaultPlan): void {
  app.post('/control/faults', ({ body }) => {
    const input = new Input(body, ['gateway', 'method', 'kind', 'ms', 'subCode', 'times']);
    const kind = input.oneOf('kind', FAULT_KINDS);
    if (kind === undefined) throw new BadInput(`kind is missing: one of ${FAULT_KINDS.join(', ')}.`);
    const subCode = input.text('subCode') ?? null;
    if (kind === 'declined' && subCode === null)
      throw new BadInput('A declined call needs its subCode, for example ACQ.SELLER_BALANCE_NOT_ENOUGH or NOT_ENOUGH.');
    const times = input.integer('times', { from: 0, to: 1_000_000 }) ?? 1;
    const ms = input.integer('ms', { from: 0, to: LONGEST_DELAY_MS }) ?? DEFAULT_DELAY_MS;
    const which = { gateway: input.oneOf('gateway', GATEWAY_NAMES) ?? null, method: input.text('method') ?? null };
    return { fault: faults.plant({ kind, ...which, ms, subCode, remaining: times === 0 ? null : times }) };
  });

  app.get('/control/faults', () => ({ faults: faults.list() }));

  app.delete('/control/faults', () => {
    faults.clear();
    return { faults: faults.list() };
  });
}
