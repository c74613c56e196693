import type { FastifyInstance } from 'fastify';
import type { Cashier } from '../cashier.js';
import type { Ledger } from '../ledger/ledger.js';
import { REFUND_OUTCOMES, type Refund } from '../ledger/refund.js';
import { Refusal } from '../ledger/refusal.js';
import type { Notice } from '../notices/notice.js';
import type { Refunds } from '../refunds.js';
import { BadInput, Input } from './input.js';
import { deliveryView, refundView } from './views.js';

const LONGEST_WAIT_MS = 3_600_000 * 24 * 30;
const AMOUNT = { from: 1, to: 10_000_000_000 };

export interface RefundParts {
  readonly ledger: Ledger;
  readonly refunds: Refunds;
  readonly cashier: Cashier;
}

/** How accepted refunds end, and refunds that the merchant's program never asked for. */
export function refundRoutes(app: FastifyInstance, { ledger, refunds, cashier }: RefundParts): void {
  const view = (refund: Refund): Record<string, unknown> => refundView(refund, cashier.gatewayOf(refund));

  app.post('/control/refunds', ({ body }) => {
    const input = new Input(body, ['settleAfterMs', 'outcome', 'hold']);
    refunds.plan = {
      settleAfterMs: input.integer('settleAfterMs', { from: 0, to: LONGEST_WAIT_MS }) ?? 0,
      outcome: input.oneOf('outcome', REFUND_OUTCOMES) ?? 'succeeded',
      hold: input.boolean('hold') ?? false,
    };
    return refunds.plan;
  });

  app.get('/control/refunds', () => refunds.plan);

  app.post('/control/refunds/settle', async ({ body }) => {
    const input = new Input(body, ['outRequestNo', 'outcome']);
    const outRequestNo = input.text('outRequestNo');
    const outcome = input.oneOf('outcome', REFUND_OUTCOMES);
    const chosen = ledger
      .allRefunds()
      .filter((refund) => (outRequestNo === undefined ? refund.state === 'processing' : refund.outRequestNo === outRequestNo));
    if (outRequestNo !== undefined && chosen.length === 0) throw new Refusal('unknown_refund');
    const notices: Notice[] = [];
    for (const refund of chosen) {
      const notice = await refunds.end(refund, outcome ?? refund.due?.outcome ?? 'succeeded');
      if (notice) notices.push(notice);
    }
    const settled = chosen.map((refund) => view(ledger.refund(refund.outTradeNo, refund.outRequestNo) ?? refund));
    return { refunds: settled, notices: notices.map(deliveryView) };
  });

  app.post<{ Params: { outTradeNo: string } }>('/control/trades/:outTradeNo/refunds', ({ params, body }) => {
    const input = new Input(body, ['amount']);
    const amount = input.integer('amount', AMOUNT);
    if (amount === undefined) throw new BadInput('amount is missing: fen.');
    return { refund: view(cashier.refundInPortal(params.outTradeNo, amount)) };
  });
}
