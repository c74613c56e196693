import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createSimulator, type Simulator, type SimulatorKeys } from '../../simulator/server.js';
import { MINUTE, HOUR, after, beijingTime } from '../../src/kernel/clock.js';
import { required } from '../../src/kernel/assert.js';
import { money } from '../../src/kernel/money.js';
import type {
  AttemptRef,
  AttemptRequest,
  Notice,
  Outcome,
  PaymentGateway,
  PayOutcome,
  RefundRequest,
  Rejected,
} from '../../src/payment/gateway/gateway.js';
import type { ClientOptions } from '../../src/payment/gateway/http-client.js';
import { PROVIDERS } from '../../src/payment/gateway/providers.js';
import { ManualClock } from '../support/manual-clock.js';
import { Payer, type BookedRefund, type Trade } from '../support/payer.js';
import type { Contract } from './contracts.js';

/** What is asked for and the payer's action, which is what the payer comes to the gateway with. */
export interface Started extends AttemptRequest {
  readonly outcome: PayOutcome;
  readonly action: Extract<PayOutcome, { kind: 'action' }>['action'] | null;
}

/** Patient, so that a machine that has much else to do is not taken for a silent gateway; never at rest. */
const PATIENT: Partial<ClientOptions> = { connectTimeout: 20_000, totalTimeout: 20_000, failuresUntilRest: 1_000, rest: 0 };
/** So that a gateway that says nothing costs little. */
const HASTY: Partial<ClientOptions> = { ...PATIENT, totalTimeout: 300 };

const AMOUNT = 8_888;

/** A shop's counter: one adapter, the simulated gateway behind it, and an address that hears the gateway's notices. */
export class Counter {
  readonly heard: (Notice | Rejected)[] = [];
  private orders = 0;
  private refunds = 0;

  private constructor(
    private readonly contract: Contract,
    readonly clock: ManualClock,
    readonly simulator: Simulator,
    readonly gateway: PaymentGateway,
    /** The same account, for calls that are never answered: what it says of any other depends on the machine. */
    readonly hasty: PaymentGateway,
    readonly payer: Payer,
    private readonly address: Server,
    private readonly openAnother: (options: Partial<ClientOptions>, reachedBy: (fields: string) => string) => PaymentGateway,
  ) {}

  static async open(contract: Contract): Promise<Counter> {
    const keys = JSON.parse(process.env.TEST_SIMULATOR_KEYS ?? '{}') as SimulatorKeys;
    const clock = new ManualClock();
    // A morning in Beijing: a cancel at UnionPay is a matter of the hour.
    clock.advance(untilTen(clock.now()));
    const simulator = await createSimulator({ keys, clock: () => clock.now() });
    const payer = new Payer(simulator.url);
    await contract.prepare?.(payer);
    const fields = contract.fields(simulator);
    const openAnother = (options: Partial<ClientOptions>, reachedBy: (address: string) => string) => {
      const reached = Object.entries(fields).map(([name, value]) => [name, value?.startsWith('http') ? reachedBy(value) : value]);
      return PROVIDERS[contract.gateway].open(Object.fromEntries(reached) as typeof fields, clock, options);
    };
    const server = createServer();
    const [gateway, hasty] = [openAnother(PATIENT, (address) => address), openAnother(HASTY, (address) => address)];
    const counter = new Counter(contract, clock, simulator, gateway, hasty, payer, server, openAnother);
    server.on('request', (request, response) => {
      void counter.hear(request).then(({ status, contentType, body }) => {
        response.writeHead(status, { 'content-type': contentType }).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return counter;
  }

  async close(): Promise<void> {
    await Promise.all([this.gateway.disconnect(), this.hasty.disconnect()]);
    await this.simulator.close();
    await new Promise((resolve) => this.address.close(resolve));
  }

  /** The same account, called in another way, or reached by another address. */
  another(options: Partial<ClientOptions>, reachedBy: (address: string) => string = (address) => address): PaymentGateway {
    return this.openAnother(options, reachedBy);
  }

  /** An order that was not sent to the gateway yet. */
  order(method: string = this.contract.methods[0]): AttemptRequest {
    this.orders += 1;
    return {
      outTradeNo: `contract${String(this.orders).padStart(19, '0')}`,
      method,
      amount: money(AMOUNT),
      subject: '订单 R2-D2 & "friends"',
      startedAt: this.clock.now(),
      expiresAt: after(this.clock.now(), 30 * MINUTE),
      notifyUrl: `${this.url}/payments`,
      returnUrl: `${this.url}/thanks`,
      ...(this.gateway.needs(method).includes('openId') ? { openId: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' } : {}),
      ...(this.gateway.needs(method).includes('clientIp') ? { clientIp: '203.0.113.7' } : {}),
    };
  }

  async start(method?: string): Promise<Started> {
    return this.send(this.order(method));
  }

  async send(order: AttemptRequest): Promise<Started> {
    const outcome = await this.gateway.pay(order);
    return { ...order, outcome, action: outcome.kind === 'action' ? outcome.action : null };
  }

  /** An order whose payer stands at the till and has not paid yet: at gateways that keep no track of that, an order like any. */
  async opened(): Promise<Started> {
    const started = await this.start();
    if (started.action?.type === 'redirect') await fetch(started.action.url, { redirect: 'manual' });
    if (started.action?.type === 'form') {
      await fetch(started.action.url, { method: 'POST', body: new URLSearchParams(started.action.fields), redirect: 'manual' });
    }
    return started;
  }

  /** A paid order, with the number that the gateway gave it. */
  async paid(): Promise<Started & { readonly gatewayRef: string; readonly paidAt: Date }> {
    const started = await this.start();
    const { trade } = await this.payer.pays(started);
    return { ...started, gatewayRef: trade.tradeNo, paidAt: this.clock.now() };
  }

  /** A refund that was not sent yet. The whole amount where none is named. */
  refundOf(paid: AttemptRef & { readonly paidAt: Date }, amount = AMOUNT): RefundRequest {
    this.refunds += 1;
    return {
      outTradeNo: paid.outTradeNo,
      gatewayRef: required(paid.gatewayRef, 'the number of a paid trade'),
      startedAt: paid.startedAt,
      expiresAt: paid.expiresAt,
      refundNo: `refund${String(this.refunds).padStart(26, '0')}`,
      amount: money(amount),
      sentAt: this.clock.now(),
      paid: money(AMOUNT),
      paidAt: paid.paidAt,
      reason: '不想要了',
      notifyUrl: `${this.url}/refunds`,
    };
  }

  /** Refunds that are accepted end a moment later: asks until this one has. */
  async ended(ask: () => Promise<Outcome>): Promise<Outcome> {
    for (;;) {
      const outcome = await ask();
      if (outcome.kind !== 'pending') return outcome;
    }
  }

  async trade({ outTradeNo }: { readonly outTradeNo: string }): Promise<Trade | undefined> {
    return this.payer.trade({ outTradeNo });
  }

  async booked({ outTradeNo }: { readonly outTradeNo: string }): Promise<readonly BookedRefund[]> {
    return (await this.payer.books({ outTradeNo })).refunds;
  }

  /** How often the gateway was called so far. */
  async calls(): Promise<number> {
    return (await this.payer.books()).requests.length;
  }

  /** What the last notice was read as. */
  latest(): Notice | Rejected | undefined {
    return this.heard.at(-1);
  }

  /** The gateway says something by itself, a moment later. */
  async hears(count: number): Promise<readonly (Notice | Rejected)[]> {
    while (this.heard.length < count) await new Promise((resolve) => setImmediate(resolve));
    return this.heard;
  }

  private get url(): string {
    return `http://127.0.0.1:${(this.address.address() as AddressInfo).port}`;
  }

  private async hear(request: IncomingMessage) {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const headers = Object.entries(request.headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []));
    const callback = { headers: Object.fromEntries(headers), body: Buffer.concat(chunks), receivedAt: this.clock.now() };
    const read = await this.gateway.readCallback(callback);
    this.heard.push(read);
    return read.kind === 'notice' && this.gateway.claims(callback) !== 'no' ? this.gateway.acknowledged : this.gateway.refused;
  }
}

/** A counter for the specs of a describe block. */
export function useCounter(contract: Contract): Counter {
  let counter: Counter | undefined;
  beforeAll(async () => void (counter = await Counter.open(contract)));
  beforeEach(async () => {
    await counter?.payer.isMended();
    await counter?.payer.refundsEnd();
    await counter?.payer.noticesAre('deliver');
    counter?.heard.splice(0);
  });
  afterAll(() => counter?.close());
  return new Proxy({} as Counter, {
    get: (_, property) => {
      const value: unknown = Reflect.get(counter ?? {}, property, counter);
      return typeof value === 'function' ? (value.bind(counter) as unknown) : value;
    },
  });
}

function untilTen(now: Date): number {
  const [, hours = 0, minutes = 0, seconds = 0] = /(\d+):(\d+):(\d+)$/.exec(beijingTime(now))?.map(Number) ?? [];
  return ((24 + 10 - hours) % 24) * HOUR - minutes * MINUTE - seconds * 1_000 + (hours === 10 ? 24 * HOUR : 0);
}
