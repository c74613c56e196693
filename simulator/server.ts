import { join } from 'node:path';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { Cashier } from './cashier.js';
import { systemClock, type Clock } from './clock.js';
import { faultRoutes } from './control/fault-routes.js';
import { BadInput } from './control/input.js';
import { logRoutes } from './control/log-routes.js';
import { noticeRoutes } from './control/notice-routes.js';
import { outageRoutes } from './control/outage-routes.js';
import { refundRoutes } from './control/refund-routes.js';
import { tradeRoutes } from './control/trade-routes.js';
import { FaultPlan } from './faults.js';
import { GatewayRefusal } from './gateway.js';
import { createGateways } from './gateways.js';
import { generateSimulatorKeys, simulatorKeysIn, type SimulatorKeys } from './keys.js';
import { FileJournal, MemoryJournal } from './ledger/journal.js';
import { Ledger } from './ledger/ledger.js';
import { Refusal } from './ledger/refusal.js';
import { merchantsOf, type Merchants } from './merchants.js';
import { Outbox } from './notices/outbox.js';
import { Outage } from './outage.js';
import { payerRoutes } from './pages/routes.js';
import { Refunds } from './refunds.js';
import { RequestLog } from './request-log.js';

export { generateSimulatorKeys, type SimulatorKeys };

export interface SimulatorOptions {
  readonly port?: number; // Absent or 0: any free one.
  readonly host?: string;
  readonly dataDir?: string; // Absent: nothing is kept.
  readonly clock?: Clock;
  readonly keys?: SimulatorKeys; // Absent: those of the data folder, or new ones.
}

/** What a merchant's backend needs of each gateway, beside where to reach the simulator and how to stop it. */
export interface Simulator extends Merchants {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the gateways. Resolves when they listen and have taken up what the last run left. */
export async function createSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { dataDir, host = '127.0.0.1', port = 0, clock = systemClock } = options;
  const keys = options.keys ?? (dataDir === undefined ? await generateSimulatorKeys() : await simulatorKeysIn(dataDir));
  const journal = dataDir === undefined ? new MemoryJournal() : new FileJournal(join(dataDir, 'journal.jsonl'));
  const app = fastify({ forceCloseConnections: true, bodyLimit: 1_048_576 });
  const ledger = new Ledger(journal, clock);
  const faults = new FaultPlan();
  const requests = new RequestLog();
  let url = '';

  const outage = new Outage();
  const refunds: Refunds = new Refunds(ledger, clock, (refund) => cashier.announceRefund(refund));
  const gateways = createGateways({ ledger, clock, faults, requests, refunds, origin: () => url }, keys);
  const outbox = new Outbox(journal, clock, (name) => gateways.get(name).writer);
  const cashier: Cashier = new Cashier(ledger, outbox, refunds, gateways);

  app.setErrorHandler<FastifyError>((error, _request, reply) => reply.code(statusFor(error)).send({ message: messageFor(error) }));
  // A clock that a test moved is looked at before anything else, so that whoever asks sees what has become due.
  app.addHook('onRequest', async () => Promise.resolve(refunds.settleDue()));
  for (const gateway of gateways.all()) {
    app.register((scope, _options, done) => {
      rawBodies(scope);
      outage.guard(scope, gateway.name, requests, clock);
      gateway.routes(scope);
      done();
    });
    gateway.controlRoutes?.(app);
  }
  app.register((scope, _options, done) => {
    rawBodies(scope);
    payerRoutes(scope, ledger, cashier);
    done();
  });
  tradeRoutes(app, { ledger, outbox, cashier });
  faultRoutes(app, faults);
  outageRoutes(app, outage);
  noticeRoutes(app, outbox);
  refundRoutes(app, { ledger, refunds, cashier });
  logRoutes(app, { ledger, outbox, requests, cashier });
  app.post('/control/reset', () => {
    journal.clear();
    for (const part of [ledger, outbox, faults, outage, refunds, requests]) part.clear();
    for (const gateway of gateways.all()) gateway.reset?.();
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
  refunds.resume();

  return {
    url,
    ...merchantsOf(keys, url),
    close: async () => {
      await app.close();
      refunds.close();
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

const UNKNOWN: ReadonlySet<string> = new Set(['unknown_trade', 'unknown_refund']);

function statusFor(error: FastifyError): number {
  if (error instanceof BadInput) return 400;
  if (error instanceof Refusal) return UNKNOWN.has(error.reason) ? 404 : 409;
  if (error instanceof GatewayRefusal) return 409;
  return error.statusCode ?? 500;
}

function messageFor(error: FastifyError): string {
  if (!(error instanceof Refusal)) return error.message;
  const hint = 'No such trade: the payer has not opened the pay page. Open it first, or send its address as "url".';
  return error.reason === 'unknown_trade' ? hint : `The gateway refuses: ${error.reason}.`;
}
