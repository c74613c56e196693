import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { CallbackReplayed } from '../contracts/callback-replayed.js';
import { required } from '../kernel/assert.js';
import { Clock } from '../kernel/clock.js';
import type { Origin } from '../kernel/domain-event.js';
import { notFound } from '../kernel/domain-error.js';
import { NO_MERCHANT } from '../kernel/ids.js';
import { Commands, type CommandRequest } from '../platform/commands/commands.js';
import { Reads } from '../platform/database/reads.js';
import { Transactions } from '../platform/events/transactions.js';
import { explain } from '../platform/logging/pino-logger.js';
import { Metrics } from '../platform/http/metrics.js';
import { Vault } from '../platform/secrets/vault.js';
import { ApplyNotices, arrived, type Arrived, type Finding } from './apply-notices.js';
import { drawRecord, rawCallbackOf, type Heard } from './callback-record.js';
import { CallbackEntity } from './callback.entity.js';
import type { CallbackAnswer, RawCallback, RejectionVerdict } from './gateway/gateway.js';
import { Gateways, type OpenAccount } from './gateway/gateways.js';

/** A callback that several accounts could be meant by is read by so many of them at most. */
const MOST_READERS = 64;
const MOST_ASKERS = 4;

const KNOWS_MORE: ReadonlySet<RejectionVerdict> = new Set(['wrong_app', 'wrong_merchant', 'malformed']);

/** Genuine, and for none of the accounts that we know of. */
const isForSomebodyElse = ({ read }: Heard): boolean =>
  read.kind === 'rejected' && (read.verdict === 'wrong_app' || read.verdict === 'wrong_merchant');

/** What a replay did, or would do. */
export interface Replayed {
  readonly record: CallbackEntity;
  readonly dryRun: boolean;
  /** True where the gateway would be told that it need not send it again. */
  readonly settled: boolean;
}

/** Carries what a rehearsal found past its rollback. */
class Rehearsed extends Error {
  constructor(readonly finding: Finding) {
    super('a rehearsal is rolled back');
  }
}

/**
 * Takes in what gateways send. Each callback is kept as it came, with its verdict and its effect, in the transaction of
 * that effect; the gateway hears its own word for success only after that commit, and else sends the callback again.
 */
@Injectable()
export class ReceiveCallbacks {
  private readonly logger = new Logger(ReceiveCallbacks.name);
  private readonly applyTogether: (request: CommandRequest, arrived: Arrived) => Promise<Finding>;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly reads: Reads,
    private readonly transactions: Transactions,
    private readonly gateways: Gateways,
    private readonly notices: ApplyNotices,
    private readonly vault: Vault,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    commands: Commands,
  ) {
    this.applyTogether = commands.batched(
      {
        act: (work, members) =>
          notices.apply(
            work,
            members.map(({ input }) => input),
          ),
      },
      ({ orderId }) => orderId,
    );
  }

  /** Throws `not_found` where no account of such a gateway is set up. */
  async receive(
    name: string,
    topic: string,
    sent: { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer },
    requestId: string,
  ): Promise<CallbackAnswer> {
    const callback: RawCallback = { ...sent, receivedAt: this.clock.now() };
    const accounts = await this.gateways.receiving(name);
    const [first] = accounts;
    if (!first) throw notFound('not_found', 'No gateway is set up that calls back here.');
    const { acknowledged, refused } = first.gateway;
    let heard = await this.hear(accounts, callback);
    if (isForSomebodyElse(heard)) heard = await this.hear(await this.gateways.receiving(name, 'now'), callback);
    const record = drawRecord(this.vault, first.account.gateway, topic, callback, heard);
    this.metrics.callbacks.inc({ gateway: record.gateway, verdict: record.verdict });
    const origin = { correlationId: requestId, causationId: null, actor: `gateway:${record.gateway}` };
    try {
      const found = await this.applyTogether({ origin }, arrived(record, heard, origin));
      this.tell(found, requestId);
      return found.settled ? acknowledged : refused;
    } catch (error) {
      await this.keepFailed(origin, record, error);
      return refused;
    }
  }

  /**
   * Reads a callback of the inbox again, with the keys and the books as they are now and the time as it was then. A dry run goes all
   * the way and is then rolled back, so it says what would happen without that it happens. Throws `not_found`, `CannotOpen`.
   */
  async replay(former: CallbackEntity, dryRun: boolean, origin: Origin): Promise<Replayed> {
    const callback = rawCallbackOf(this.vault, former);
    const accounts = await this.gateways.receiving(former.gateway);
    if (accounts.length === 0) throw notFound('not_found', `No account of ${former.gateway} is set up any more.`);
    const heard = await this.hear(accounts, callback);
    const drawn = drawRecord(this.vault, former.gateway, former.topic, callback, heard, former.id);
    const found = await this.transactions
      .run(origin, async (work) => {
        const [applied] = await this.notices.apply(work, [arrived(drawn, heard, origin)]);
        const finding = required(applied, 'what a callback did');
        const { merchantId } = finding.record;
        const facts = { merchantId: merchantId ?? NO_MERCHANT, orderId: null, callbackId: former.id, gateway: former.gateway };
        work.publish(new CallbackReplayed(facts));
        await work.settle();
        if (dryRun) throw new Rehearsed(finding);
        return finding;
      })
      .catch((error: unknown) => {
        if (error instanceof Rehearsed) return error.finding;
        throw error;
      });
    return { record: found.record, dryRun, settled: found.settled };
  }

  /**
   * By the accounts whose it says it is, then by those who would have to ask for its key first; where it is nobody's, by the first
   * one, which then says what is wrong with it. Accounts of one merchant share keys: of several that can read it, the one counts
   * that the attempt was started at.
   */
  private async hear(accounts: readonly OpenAccount[], callback: RawCallback): Promise<Heard> {
    const claims = accounts.map((account) => ({ account, claim: account.gateway.claims(callback) }));
    const certain = claims.flatMap(({ account, claim }) => (claim === 'yes' ? [account] : [])).slice(0, MOST_READERS);
    const perhaps = claims.flatMap(({ account, claim }) => (claim === 'maybe' ? [account] : [])).slice(0, MOST_ASKERS);
    let rejected: Heard | undefined;
    for (const readers of [certain, perhaps, certain.length + perhaps.length === 0 ? accounts.slice(0, 1) : []]) {
      const heard = await Promise.all(readers.map(async (account) => ({ account, read: await account.gateway.readCallback(callback) })));
      const read = heard.filter((one) => one.read.kind === 'notice');
      if (read.length > 1) return this.addressee(read);
      if (read[0]) return read[0];
      // Whoever got past the signature and the decryption knows more than who did not.
      rejected ??= heard.find((one) => one.read.kind === 'rejected' && KNOWS_MORE.has(one.read.verdict)) ?? heard[0];
    }
    return rejected ?? { account: undefined, read: { kind: 'rejected', verdict: 'malformed', reason: 'nobody could read it' } };
  }

  private async addressee(heard: readonly (Heard & { readonly account: OpenAccount })[]): Promise<Heard> {
    const [first] = heard;
    const [named] =
      first?.read.kind === 'notice'
        ? await this.notices.attemptsOf(this.reads, [{ ...first.read, gateway: first.account.account.gateway }])
        : [];
    return required(heard.find(({ account }) => account.account.id === named?.accountId) ?? first, 'somebody who read it');
  }

  /** One that is about an attempt of ours goes on with what the request began that started it. */
  private tell({ record, ...found }: Finding, requestId: string): void {
    const correlationId = found.correlationId ?? requestId;
    const { id: callbackId, orderId, gateway, topic, verdict, effect, reason, outTradeNo } = record;
    const about = { msg: 'callback', correlationId, requestId, orderId, callbackId, gateway, topic, verdict, effect, reason, outTradeNo };
    if (verdict === 'verified') this.logger.log(about);
    else this.logger.warn(about);
  }

  /** The effect was rolled back, and the callback with it: it is kept all the same, for the operator to see. */
  private async keepFailed(origin: Origin, kept: CallbackEntity, error: unknown): Promise<void> {
    const { id: callbackId, gateway, topic, verdict, outTradeNo } = kept;
    const { correlationId } = origin;
    this.logger.error({ msg: 'callback failed', correlationId, callbackId, gateway, topic, verdict, outTradeNo, error: explain(error) });
    const failed = { ...kept, effect: 'failed' as const, reason: 'could not be applied; the gateway will send it again' };
    await this.dataSource
      .getRepository(CallbackEntity)
      .insert(failed)
      .catch(() => undefined);
  }
}
