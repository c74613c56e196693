import type { FastifyInstance } from 'fastify';
import type { Cashier } from '../cashier.js';
import { FORGERY_KINDS } from '../gateway.js';
import type { Ledger } from '../ledger/ledger.js';
import { Refusal, type Trade } from '../ledger/trade.js';
import type { Notice } from '../notices/notice.js';
import type { Outbox } from '../notices/outbox.js';
import { repeat } from '../repeat.js';
import { BadInput, Input } from './input.js';
import { deliveryView, tradeView } from './views.js';

const MOST_NOTICES = 1_000;
const TIMES = { from: 1, to: MOST_NOTICES };
const AMOUNT = { from: 1, to: 10_000_000_000 };

export interface TradeParts {
  readonly ledger: Ledger;
  readonly outbox: Outbox;
  readonly cashier: Cashier;
}

/** What a test makes payers do, and what it makes the gateway say about a trade. */
export function tradeRoutes(app: FastifyInstance, { ledger, outbox, cashier }: TradeParts): void {
  const view = (trade: Trade): Record<string, unknown> => tradeView(trade, cashier.gatewayOf(trade));

  app.post<{ Params: { outTradeNo: string } }>('/control/trades/:outTradeNo/pay', async ({ params, body }) => {
    const input = new Input(body, ['times', 'amount', 'notify', 'concurrent', 'url']);
    const announcements = input.boolean('notify') === false ? 0 : (input.integer('times', TIMES) ?? 1);
    const amount = input.integer('amount', AMOUNT);
    openFirst(params.outTradeNo, input.url('url'));
    const { trade, announced } = cashier.pay(params.outTradeNo, {
      amount,
      announcements,
      concurrent: input.boolean('concurrent') ?? false,
    });
    return { trade: view(trade), notices: (await announced).map(deliveryView) };
  });

  app.post<{ Params: { outTradeNo: string } }>('/control/trades/:outTradeNo/refuse', ({ params, body }) => {
    const input = new Input(body, ['url']);
    openFirst(params.outTradeNo, input.url('url'));
    return { trade: view(cashier.refuse(params.outTradeNo)) };
  });

  app.post<{ Params: { outTradeNo: string } }>('/control/trades/:outTradeNo/notify', async ({ params, body }) => {
    const input = new Input(body, ['times', 'concurrent', 'newIds', 'tradeStatus', 'fields', 'tamper', 'forge', 'to']);
    const trade = known(params.outTradeNo);
    const url = input.url('to')?.toString() ?? trade.notifyUrl;
    if (url === null) throw new BadInput('The order has no notify_url: say where the notice goes with "to".');
    const wish = {
      tradeStatus: input.text('tradeStatus') ?? null,
      fields: input.changes('fields'),
      tamper: input.changes('tamper'),
      forge: input.oneOf('forge', FORGERY_KINDS) ?? null,
      url,
    };
    const crafted = await cashier.gatewayOf(trade).craft(trade, wish);
    const newIds = input.boolean('newIds') ?? false;
    const send = async (): Promise<Notice> => {
      const { message, sealed } = newIds ? await cashier.gatewayOf(trade).craft(trade, wish) : crafted;
      return outbox.sendOnce(message, sealed);
    };
    const times = input.integer('times', TIMES) ?? 1;
    return { notices: (await repeat(times, input.boolean('concurrent') ?? false, send)).map(deliveryView) };
  });

  /** A page URL that nobody opened is unknown to the gateway; a test may bring it along. */
  function openFirst(outTradeNo: string, url: URL | undefined): void {
    if (!url) return;
    const order = Object.values(cashier.gateways)
      .find((gateway) => gateway.ownsPage(url))
      ?.openPage(url);
    if (order?.outTradeNo !== outTradeNo) throw new BadInput(`The url is not the pay page of ${outTradeNo}.`);
  }

  /** A notice may run ahead of the trade: an order that nobody opened is spoken of as if it had been. */
  function known(outTradeNo: string): Trade {
    const order = ledger.order(outTradeNo);
    const trade = ledger.trade(outTradeNo) ?? (order && ledger.draft(order));
    if (!trade) throw new Refusal('unknown_trade');
    return trade;
  }
}
