import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';

import { assert, required } from '../../kernel/assert.js';
import { Clock, SECOND } from '../../kernel/clock.js';
import { impossible } from '../../kernel/domain-error.js';
import type { GatewayAccountId, MerchantId } from '../../kernel/ids.js';
import { insideTransaction } from '../../platform/events/transactions.js';
import { GatewayAccounts } from '../accounts/gateway-accounts.js';
import type { GatewayAccountEntity } from '../accounts/gateway-account.entity.js';
import { isGatewayName, type GatewayName, type PaymentGateway, type Reachability } from './gateway.js';
import { scrub } from '../../platform/secrets/scrub.js';
import type { ClientOptions } from './http-client.js';
import { AccountFigures } from './account-figures.js';
import { logCalls, type CallLog, type CallName, type Called, type Subject } from './call-log.js';
import { PROVIDERS } from './providers.js';

/** How long what was read of the accounts is good: so late does another process hear of a change. In milliseconds. */
const READ_EVERY = 5 * SECOND;

/** An account, ready to be spoken through. */
export interface OpenAccount {
  readonly account: GatewayAccountEntity;
  readonly gateway: PaymentGateway;
}

/** How gateways are called; tests are in more of a hurry than the program. */
export class GatewayOptions {
  constructor(readonly client: Partial<ClientOptions> = {}) {}
}

/** The accounts of every merchant, each with the adapter that speaks for it. */
@Injectable()
export class Gateways implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(Gateways.name);
  private opened: ReadonlyMap<GatewayAccountId, OpenAccount> = new Map();
  private readAt = -Infinity;
  private reading: Promise<void> | undefined;

  constructor(
    private readonly accounts: GatewayAccounts,
    private readonly clock: Clock,
    private readonly options: GatewayOptions,
    private readonly figures: AccountFigures,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.refresh('now');
  }

  /** The account that an attempt was started at. */
  async of({ accountId }: { readonly accountId: GatewayAccountId | null }): Promise<PaymentGateway> {
    const id = required(accountId, 'the gateway account of an attempt: set up the gateway that it was started at');
    await this.refresh();
    if (!this.opened.has(id)) await this.refresh('now');
    return required(this.opened.get(id), `the gateway account ${id}`).gateway;
  }

  /** The account of a merchant that offers a method: the one named, or else the default one. Throws the 422 `payment_method_unavailable`. */
  async offering(merchantId: MerchantId, name: GatewayName, method: string, accountId?: GatewayAccountId): Promise<OpenAccount> {
    await this.refresh();
    const find = () =>
      this.ofMerchant(merchantId).find(({ account, gateway }) => {
        const meant = accountId === undefined ? account.isDefault : account.id === accountId;
        return meant && account.gateway === name && gateway.methods.includes(method);
      });
    const found = find() ?? (await this.refresh('now').then(find));
    if (found) return found;
    const offered = this.ofMerchant(merchantId).flatMap(({ gateway }) => gateway.methods.map((offer) => `${gateway.name} ${offer}`));
    const there = [...new Set(offered)];
    const whose = accountId === undefined ? '' : ` with the account ${accountId}`;
    throw impossible(
      'payment_method_unavailable',
      `${name} ${method} is not set up${whose}. There is: ${there.join(', ') || 'nothing yet'}.`,
      {
        offered: there,
      },
    );
  }

  /**
   * Every account of a gateway, whose ever it is: one of them is the addressee of a callback. `now` where it was none of those that
   * were read last: another process may just have added it.
   */
  async receiving(name: string, when: 'when_due' | 'now' = 'when_due'): Promise<readonly OpenAccount[]> {
    await this.refresh(when);
    const find = () => [...this.opened.values()].filter(({ account }) => account.gateway === name);
    const found = find();
    if (found.length > 0 || !isGatewayName(name)) return found;
    return this.refresh('now').then(find);
  }

  /** The accounts of a gateway that are not to be called as usual, and how they are. */
  async unreachable(name: GatewayName): Promise<ReadonlyMap<GatewayAccountId, Exclude<Reachability, 'reachable'>>> {
    const states = (await this.receiving(name)).map(({ account, gateway }) => [account.id, gateway.reachability()] as const);
    return new Map(states.flatMap(([id, state]) => (state === 'reachable' ? [] : [[id, state] as const])));
  }

  /** After a change in this process: it must not see the former accounts any more. */
  async changed(): Promise<void> {
    await this.refresh('now');
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.opened.values()].map(({ gateway }) => gateway.disconnect()));
  }

  private ofMerchant(merchantId: MerchantId): OpenAccount[] {
    return [...this.opened.values()].filter(({ account }) => account.merchantId === merchantId && account.enabled);
  }

  private async refresh(when: 'when_due' | 'now' = 'when_due'): Promise<void> {
    if (when === 'when_due' && performance.now() - this.readAt < READ_EVERY) return;
    // What is being read may be older than the change that we were called for.
    if (this.reading && when === 'now') await this.reading;
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    // While the database is away, what was read last is good enough to go on with: whatever is to be changed fails for itself.
    await this.reading.catch((error: unknown) => {
      if (this.opened.size === 0) throw error;
    });
  }

  private async read(): Promise<void> {
    const readAt = performance.now();
    const former = this.opened;
    const rows = await this.accounts.all();
    this.opened = new Map(rows.flatMap((row) => this.open(row, former.get(row.id))).map((open) => [open.account.id, open]));
    this.readAt = readAt;
    this.figures.are([...this.opened.values()]);
    const replaced = [...former.values()].filter(({ account, gateway }) => this.opened.get(account.id)?.gateway !== gateway);
    for (const { gateway } of replaced) void gateway.disconnect();
  }

  /** An account that cannot be opened is one less: the others go on, and the log says which it is. */
  private open(account: GatewayAccountEntity, former: OpenAccount | undefined): OpenAccount[] {
    if (former?.account.version === account.version) return [{ ...former, account }];
    try {
      const fields = this.accounts.usableFieldsOf(account);
      this.figures.opens(account, fields);
      const adapter = PROVIDERS[account.gateway].open(fields, this.clock, {
        onExchange: (exchange) =>
          this.logger.debug(() => ({ msg: 'gateway request', gateway: account.gateway, accountId: account.id, ...exchange })),
        ...this.options.client,
      });
      return [{ account, gateway: neverInsideTransaction(adapter, logCalls(account, this.figures)) }];
    } catch (error) {
      const { id: accountId, gateway } = account;
      this.logger.error({ msg: 'a gateway account cannot be opened', accountId, gateway, error: messageOf(error) });
      return [];
    }
  }
}

/** The seventh promise, kept by machine wherever transactions are watched: a network call inside one is a defect, and stops there. */
function neverInsideTransaction(gateway: PaymentGateway, log: CallLog): PaymentGateway {
  const outside = <Call extends CallName>(call: Call): PaymentGateway[Call] => {
    const made = gateway[call].bind(gateway) as (subject: Subject) => Promise<Called>;
    return (async (subject: Subject) => {
      assert(!insideTransaction(), `the gateway ${gateway.name} was called inside a transaction`);
      const begun = performance.now();
      const said = withoutSecrets(await made(subject));
      log(call, subject, said, performance.now() - begun);
      return said;
    }) as unknown as PaymentGateway[Call];
  };
  const pay = outside('pay');
  return {
    name: gateway.name,
    namesRefundsByTime: gateway.namesRefundsByTime,
    methods: gateway.methods,
    acknowledged: gateway.acknowledged,
    refused: gateway.refused,
    needs: (method) => gateway.needs(method),
    signsOnly: (method) => gateway.signsOnly(method),
    pay: (attempt) => (gateway.signsOnly(attempt.method) ? gateway.pay(attempt) : pay(attempt)),
    query: outside('query'),
    close: outside('close'),
    refund: outside('refund'),
    queryRefund: outside('queryRefund'),
    claims: (callback) => gateway.claims(callback),
    // It may have to fetch a certificate before it can verify.
    readCallback: (callback) => {
      assert(!insideTransaction(), `the gateway ${gateway.name} was called inside a transaction`);
      return gateway.readCallback(callback).then(withoutSecrets);
    },
    reachability: () => gateway.reachability(),
    disconnect: () => gateway.disconnect(),
  };
}

/** A gateway's own words could repeat what it was sent: they are kept, logged and shown to the merchant. */
function withoutSecrets<Result>(result: Result): Result {
  const said = Object(result) as { readonly reason?: unknown; readonly cause?: unknown };
  const clean = Object.fromEntries(
    (['reason', 'cause'] as const).flatMap((name) => (typeof said[name] === 'string' ? [[name, scrub(said[name])]] : [])),
  );
  return Object.keys(clean).length === 0 ? result : { ...result, ...clean };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
