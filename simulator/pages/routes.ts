import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Cashier } from '../cashier.js';
import { GatewayRefusal } from '../gateway.js';
import type { Ledger } from '../ledger/ledger.js';
import { Refusal, type RefusalReason } from '../ledger/refusal.js';
import { indexPage } from './index-page.js';
import { payerPage, payerPath } from './payer-page.js';
import { refusalPage } from './refusal-page.js';
import { codePage, codesPage, type ShownCode } from './scan-page.js';

const TO_THE_PAYER: Partial<Record<RefusalReason, string>> = {
  unknown_trade: '没有这个订单 There is no such order.',
  expired: '订单或二维码已过期 The order or its code has expired.',
};

const SHOWN_CODES = 20;
const LONGEST_CODE = 700; // Characters; a QR picture holds 2331 bytes.

/** The pages on which a person plays the payer. */
export function payerRoutes(app: FastifyInstance, ledger: Ledger, cashier: Cashier): void {
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  app.get('/', (_request, reply) => sendPage(reply, () => indexPage(ledger.allTrades(), ledger.unopenedOrders(), cashier)));

  app.get<{ Params: { code: string } }>('/qr/:code', (request, reply) =>
    orRefusal(reply, () => reply.redirect(payerPath(ledger.scan(request.params.code).outTradeNo), 302)),
  );

  app.get<{ Querystring: { code?: string } }>('/scan', ({ query: { code } }, reply) => {
    const waiting = waitingCodes(ledger, cashier);
    if (code === undefined) return sendPage(reply, () => codesPage(waiting.slice(0, SHOWN_CODES)));
    return sendPage(reply, () =>
      codePage(
        code.slice(0, LONGEST_CODE),
        waiting.find(({ text }) => text === code),
      ),
    );
  });

  app.get<{ Querystring: { code?: string } }>('/scan/open', ({ query: { code = '' } }, reply) =>
    orRefusal(reply, () => {
      const trade = URL.canParse(code) ? cashier.visit({ kind: 'url', url: new URL(code) }) : null;
      if (!trade) throw new Refusal('unknown_trade');
      return reply.redirect(payerPath(trade.outTradeNo), 302);
    }),
  );

  app.get<{ Params: { outTradeNo: string } }>('/pay/:outTradeNo', (request, reply) =>
    orRefusal(reply, () => {
      const trade = cashier.meet(request.params.outTradeNo);
      return sendPage(reply, () => payerPage(trade, cashier.gatewayOf(trade)));
    }),
  );

  app.post<{ Params: { outTradeNo: string } }>('/pay/:outTradeNo/pay', (request, reply) =>
    // The payer sees the result at once; the merchant's answer to the notice is not the payer's business.
    acting(reply, request.params.outTradeNo, (outTradeNo) => void cashier.pay(outTradeNo, { announcements: 1, concurrent: false })),
  );

  app.post<{ Params: { outTradeNo: string } }>('/pay/:outTradeNo/refuse', (request, reply) =>
    acting(reply, request.params.outTradeNo, (outTradeNo) => void cashier.refuse(outTradeNo)),
  );
}

/** Newest first. */
function waitingCodes(ledger: Ledger, cashier: Cashier): ShownCode[] {
  const unpaid = [...ledger.unopenedOrders(), ...ledger.allTrades().filter(({ state }) => state === 'unpaid')];
  const codes = unpaid.flatMap((order) => {
    const gateway = cashier.gatewayOf(order);
    const text = gateway.codeText(order);
    return text === null ? [] : [{ order, title: gateway.title, text }];
  });
  return codes.reverse();
}

/** After a button, the page is shown anew by a request of its own, so that reloading it presses nothing. */
function acting(reply: FastifyReply, outTradeNo: string, act: (outTradeNo: string) => void): FastifyReply {
  return orRefusal(reply, () => {
    try {
      act(outTradeNo);
    } catch (thrown) {
      // Too late or already done: the page itself tells the payer which.
      if (!(thrown instanceof Refusal) || thrown.reason === 'unknown_trade' || thrown.reason === 'expired') throw thrown;
    }
    return reply.redirect(payerPath(outTradeNo), 303);
  });
}

function orRefusal(reply: FastifyReply, answer: () => FastifyReply): FastifyReply {
  try {
    return answer();
  } catch (thrown) {
    if (thrown instanceof GatewayRefusal) return sendPage(reply.code(404), () => refusalPage(thrown.shownCode, thrown.shownMessage));
    if (!(thrown instanceof Refusal)) throw thrown;
    return sendPage(reply.code(404), () => refusalPage(thrown.reason, TO_THE_PAYER[thrown.reason] ?? '无法付款 Cannot be paid.'));
  }
}

function sendPage(reply: FastifyReply, render: () => string): FastifyReply {
  return reply.type('text/html;charset=utf-8').send(render());
}
