import { join } from 'node:path';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { createAlipay } from './alipay/alipay.js';
import { ALIPAY_APP_ID, ALIPAY_SELLER_ID } from './alipay/context.js';
import { generateAlipayKeys, keysOf, type AlipayKeys } from './alipay/keys.js';
import { Refused } from './alipay/refused.js';
import { Cashier } from './cashier.js';
import { systemClock, type Clock } from './clock.js';
import { faultRoutes } from './control/fault-routes.js';
import { BadInput } from './control/input.js';
import { logRoutes } from './control/log-routes.js';
import { noticeRoutes } from './control/notice-routes.js';
import { tradeRoutes } from './control/trade-routes.js';
import { FaultPlan } from './faults.js';
import type { Gateway } from './gateway.js';
import { FileJournal, MemoryJournal } from './ledger/journal.js';
import { Ledger } from './ledger/ledger.js';
import { Refusal } from './ledger/trade.js';
import { Outbox } from './notices/outbox.js';
import { payerRoutes } from './pages/routes.js';
import { RequestLog } from './request-log.js';

export { ALIPAY_APP_ID, ALIPAY_SELLER_ID, generateAlipayKeys, type AlipayKeys };

export interface SimulatorOptions {
  readonly port?: number; // Absent or 0: any free one.
  readonly host?: string;
  readonly dataDir?: string; // Absent: nothing is kept.
  readonly clock?: Clock;
  readonly alipayKeys?: AlipayKeys; // Absent: those of the data folder, or new ones.
}

export interface Simulator {
  readonly url: string;
  readonly alipay: AlipayKeys & { readonly gatewayUrl: string; readonly appId: string; readonly sellerId: string };
  close(): Promise<void>;
}

/** Starts the gateways. Resolves when they listen and have taken up what the last run left. */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { dataDir, host = '127.0.0.1', port = 0, clock = systemClock } = options;
  const keys = options.alipayKeys ?? (dataDir === undefined ? await generateAlipayKeys() : await keysOf(dataDir));
  const journal = dataDir === undefined ? new MemoryJournal() : new FileJournal(join(dataDir, 'journal.jsonl'));
  const app = fastify({ forceCloseConnections: true, bodyLimit: 1_048_576 });
  const ledger = new Ledger(journal, clock);
  const faults = new FaultPlan();
  const requests = new RequestLog();
  let url = '';

  const alipay: Gateway = createAlipay({
    ledger,
    clock,
    faults,
    requests,
    keys,
    origin: () => url,
    refunded: (trade, refund) => cashier.announceRefund(trade, refund),
  });
  const outbox = new Outbox(journal, clock, { alipay: alipay.writer });
  const cashier: Cashier = new Cashier(ledger, outbox, { alipay });

  app.setErrorHandler<FastifyError>((error, _request, reply) => reply.code(statusFor(error)).send({ message: messageFor(error) }));
  app.register((scope, _options, done) => {
    rawBodies(scope);
    alipay.routes(scope);
    payerRoutes(scope, ledger, cashier);
    done();
  });
  tradeRoutes(app, { ledger, outbox, cashier });
  faultRoutes(app, faults);
  noticeRoutes(app, outbox);
  logRoutes(app, { ledger, outbox, requests, cashier });
  app.post('/control/reset', () => {
    journal.clear();
    for (const part of [ledger, outbox, faults, requests]) part.clear();
    return { message: 'Everything is forgotten.' };
  });

  try {
    journal.replay((change) => (change.kind === 'notice' ? outbox.restore(change.value) : ledger.apply(change)));
    await app.listen({ port, host });
  } catch (cause) {
    journal.close();
    throw cause;
  }
  url = addressOf(app, host);
  outbox.resume();

  return {
    url,
    alipay: { ...keys, gatewayUrl: `${url}/gateway.do`, appId: ALIPAY_APP_ID, sellerId: ALIPAY_SELLER_ID },
    close: async () => {
      await app.close();
      await outbox.close();
      journal.close();
    },
  };
}

/** A gateway verifies bytes, whatever they claim to be: nothing of a request is parsed before its signature is checked. */
function rawBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/** A server that listens everywhere is reached, from here, at home. */
function addressOf(app: FastifyInstance, host: string): string {
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  const name = ['0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${address.port}`;
}

function statusFor(error: FastifyError): number {
  if (error instanceof BadInput) return 400;
  if (error instanceof Refusal) return error.reason === 'unknown_trade' ? 404 : 409;
  if (error instanceof Refused) return 409;
  return error.statusCode ?? 500;
}

function messageFor(error: FastifyError): string {
  if (!(error instanceof Refusal)) return error.message;
  const hint = 'No such trade: the payer has not opened the pay page. Open it first, or send its address as "url".';
  return error.reason === 'unknown_trade' ? hint : `The gateway refuses: ${error.reason}.`;
}
