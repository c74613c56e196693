import type { FastifyInstance } from 'fastify';
import type { Cashier } from '../cashier.js';
import { FORGERY_KINDS, type Visit } from '../gateway.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Refund } from '../ledger/refund.js';
import { Refusal } from '../ledger/refusal.js';
import type { Trade } from '../ledger/trade.js';
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
    const input = new Input(body, ['times', 'amount', 'notify', 'concurrent', 'late', ...VISITS]);
    const announcements = input.boolean('notify') === false ? 0 : (input.integer('times', TIMES) ?? 1);
    const amount = input.integer('amount', AMOUNT);
    openFirst(params.outTradeNo, visitIn(input));
    const { trade, announced } = cashier.pay(params.outTradeNo, {
      amount,
      announcements,
      concurrent: input.boolean('concurrent') ?? false,
      late: input.boolean('late') ?? false,
    });
    return { trade: view(trade), notices: (await announced).map(deliveryView) };
  });

  app.post<{ Params: { outTradeNo: string } }>('/control/trades/:outTradeNo/refuse', ({ params, body }) => {
    const input = new Input(body, VISITS);
    openFirst(params.outTradeNo, visitIn(input));
    return { trade: view(cashier.refuse(params.outTradeNo)) };
  });

  app.post<{ Params: { outTradeNo: string } }>('/control/trades/:outTradeNo/notify', async ({ params, body }) => {
    const input = new Input(body, ['times', 'concurrent', 'newIds', 'refund', 'tradeStatus', 'fields', 'tamper', 'forge', 'to']);
    const trade = known(params.outTradeNo);
    const gateway = cashier.gatewayOf(trade);
    const refund = refundIn(trade, input.text('refund'));
    const forge = input.oneOf('forge', FORGERY_KINDS) ?? null;
    if (forge !== null && !gateway.forgeries.has(forge))
      throw new BadInput(`forge at ${gateway.name} is one of ${[...gateway.forgeries].join(', ')}.`);
    const url = input.url('to')?.toString() ?? (refund ?? trade).notifyUrl;
    if (url === null) throw new BadInput('No address was given for its notices: say where this one goes with "to".');
    const wish = {
      refund,
      tradeStatus: input.text('tradeStatus') ?? null,
      fields: input.changes('fields'),
      tamper: input.changes('tamper'),
      forge,
      url,
    };
    const crafted = await gateway.craft(trade, wish);
    const newIds = input.boolean('newIds') ?? false;
    const send = async (): Promise<Notice> => {
      const { message, sealed } = newIds ? await gateway.craft(trade, wish) : crafted;
      return outbox.sendOnce(message, sealed);
    };
    const times = input.integer('times', TIMES) ?? 1;
    return { notices: (await repeat(times, input.boolean('concurrent') ?? false, send)).map(deliveryView) };
  });

  /** What the merchant gave the payer may be unknown to the gateway until the payer comes with it; a test may bring it along. */
  function openFirst(outTradeNo: string, visit: Visit | null): void {
    if (visit && cashier.visit(visit)?.outTradeNo !== outTradeNo) throw new BadInput(`The ${visit.kind} does not lead to ${outTradeNo}.`);
  }

  function refundIn(trade: Trade, outRequestNo: string | undefined): Refund | null {
    if (outRequestNo === undefined) return null;
    const refund = ledger.refund(trade.outTradeNo, outRequestNo);
    if (!refund) throw new Refusal('unknown_refund');
    return refund;
  }

  /** A notice may run ahead of the trade: an order that nobody opened is spoken of as if it had been. */
  function known(outTradeNo: string): Trade {
    const order = ledger.order(outTradeNo);
    const trade = ledger.trade(outTradeNo) ?? (order && ledger.draft(order));
    if (!trade) throw new Refusal('unknown_trade');
    return trade;
  }
}

const VISITS = ['url', 'form', 'params', 'orderString'] as const;

/** At most one of them. */
function visitIn(input: Input): Visit | null {
  const url = input.url('url', ['http', 'https', 'weixin']);
  const form = input.object('form', ['url', 'fields']);
  const params = input.texts('params');
  const text = input.text('orderString', 20_000);
  const visits: Visit[] = [];
  if (url) visits.push({ kind: 'url', url });
  if (form)
    visits.push({ kind: 'form', url: form.url('url') ?? missing('form.url'), fields: form.texts('fields') ?? missing('form.fields') });
  if (params) visits.push({ kind: 'params', params });
  if (text !== undefined) visits.push({ kind: 'orderString', text });
  if (visits.length > 1) throw new BadInput(`Only one of ${VISITS.join(', ')}.`);
  return visits[0] ?? null;
}

function missing(name: string): never {
  throw new BadInput(`${name} is missing.`);
}
