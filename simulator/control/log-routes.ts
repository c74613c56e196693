import type { FastifyInstance } from 'fastify';
import type { Cashier } from '../cashier.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Outbox } from '../notices/outbox.js';
import type { RequestLog } from '../request-log.js';
import { refundView, tradeView } from './views.js';

export interface LogParts {
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly requests: RequestLog;
  readonly cashier: Cashier;
}

/** What the gateways know, for people and for tests to hold a merchant's books against. */
export function logRoutes(app: FastifyInstance, { ledger, outbox, requests, cashier }: LogParts): void {
  app.get<{ Querystring: { outTradeNo?: string } }>('/log', ({ query }) => {
    const asked = (entry: { readonly outTradeNo: string | null }): boolean =>
      query.outTradeNo === undefined || entry.outTradeNo === query.outTradeNo;
    return {
      trades: ledger
        .allTrades()
        .filter(asked)
        .map((trade) => tradeView(trade, cashier.gatewayOf(trade))),
      unopened: ledger.unopenedOrders().filter(asked),
      refunds: ledger
        .allRefunds()
        .filter(asked)
        .map((refund) => refundView(refund, cashier.gatewayOf(refund))),
      notices: outbox.list().filter(asked),
      requests: requests.list().filter(asked),
    };
  });
}
