import { Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Clock } from '../kernel/clock.js';
import type { Origin } from '../kernel/domain-event.js';
import { newId } from '../kernel/ids.js';
import { money, sameMoney } from '../kernel/money.js';
import { Transactions } from '../platform/events/transactions.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { Metrics } from '../platform/http/metrics.js';
import { CallbackEntity, type CallbackEffect } from './callback.entity.js';
import type { CallbackAnswer, Notice, Outcome, PaymentGateway, RawCallback, Rejected } from './gateway/gateway.js';
import { orderOf } from './out-trade-no.js';
import { AttemptEntity } from './payment.entity.js';
import { PaymentStore } from './payment.store.js';
import { SettleAttempts } from './settle-attempts.js';

interface Finding {
  readonly effect: CallbackEffect;
  readonly reason: string | null;
  /** True where the gateway need not send it again. */
  readonly settled: boolean;
}

/**
 * Takes in what gateways send. Each callback is kept as it came, with its verdict and its effect, in the transaction of
 * that effect; the gateway hears its own word for success only after that commit, and else sends the callback again.
 */
@Injectable()
export class ReceiveCallbacks {
  private readonly logger = new Logger(ReceiveCallbacks.name);

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly store: PaymentStore,
    private readonly settling: SettleAttempts,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  async receive(
    gateway: PaymentGateway,
    topic: string,
    sent: { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer },
    requestId: string,
  ): Promise<CallbackAnswer> {
    const callback: RawCallback = { ...sent, receivedAt: this.clock.now() };
    const read = await gateway.readCallback(callback);
    this.metrics.callbacks.inc({ gateway: gateway.name, verdict: read.kind === 'notice' ? 'verified' : read.verdict });
    const kept = draw(gateway, topic, callback, read);
    const origin = { correlationId: requestId, causationId: null, actor: `gateway:${gateway.name}` };
    try {
      const settled = await this.transactions.run(origin, (work) => this.act(work, kept, read));
      return settled ? gateway.acknowledged : gateway.refused;
    } catch (error) {
      await this.keepFailed(origin, kept, error);
      return gateway.refused;
    }
  }

  private async act(work: UnitOfWork, kept: CallbackEntity, read: Notice | Rejected): Promise<boolean> {
    const attempt = await this.attemptOf(work, kept);
    const found = read.kind === 'rejected' ? rejected(read) : attempt ? await this.apply(work, attempt, read) : noSuchTrade();
    await work.manager.insert(CallbackEntity, {
      ...kept,
      merchantId: attempt?.merchantId ?? null,
      orderId: attempt?.orderId ?? null,
      effect: found.effect,
      reason: found.reason,
    });
    return found.settled;
  }

  private async apply(work: UnitOfWork, attempt: AttemptEntity, notice: Notice): Promise<Finding> {
    switch (notice.says) {
      case 'paid':
        // Held against what is due before anything changes.
        if (!sameMoney(notice.amount, money(attempt.amount, attempt.currency))) return amountMismatch();
        return this.settle(work, attempt, {
          kind: 'succeeded',
          gatewayRef: notice.gatewayRef,
          settled: notice.amount,
          at: new Date(notice.at),
        });
      case 'closed':
        return this.settle(work, attempt, { kind: 'closed' });
      case 'refunded':
        // What it says of the amount is not to be relied on: our own question about the refund is.
        await this.store.askRefundsNow(work, attempt.id);
        return { effect: 'none', reason: 'about a refund: the gateway is asked about it now', settled: true };
      case 'ignored':
        return { effect: 'none', reason: 'says nothing that settles anything', settled: true };
    }
  }

  private async settle(work: UnitOfWork, attempt: AttemptEntity, outcome: Outcome): Promise<Finding> {
    const effect = await this.settling.settle(work, attempt, outcome);
    if (effect === 'amount_mismatch') return amountMismatch();
    if (effect === 'nothing_new') return { effect: 'none', reason: 'says nothing new', settled: true };
    return { effect, reason: null, settled: true };
  }

  /** The attempt it names, if it is one of this gateway's. Nothing is locked yet: what is not believed must not hold up what is. */
  private async attemptOf(work: UnitOfWork, { outTradeNo, gateway }: CallbackEntity): Promise<AttemptEntity | null> {
    const orderId = outTradeNo === null ? undefined : orderOf(outTradeNo);
    if (orderId === undefined || outTradeNo === null) return null;
    return work.manager.findOneBy(AttemptEntity, { orderId, outTradeNo, gateway });
  }

  /** The effect was rolled back, and the callback with it: it is kept all the same, for the operator to see. */
  private async keepFailed(origin: Origin, kept: CallbackEntity, error: unknown): Promise<void> {
    this.logger.error(
      `callback ${kept.id} ${origin.correlationId} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    const failed = { ...kept, effect: 'failed' as const, reason: 'could not be applied; the gateway will send it again' };
    await this.dataSource
      .getRepository(CallbackEntity)
      .insert(failed)
      .catch(() => undefined);
  }
}

const amountMismatch = (): Finding => ({ effect: 'none', reason: 'the amount is not what is due', settled: false });

const rejected = ({ reason }: Rejected): Finding => ({ effect: 'none', reason, settled: false });

// The order's own commit may still be under way: refused, it comes again.
const noSuchTrade = (): Finding => ({ effect: 'none', reason: 'names no payment attempt of ours at this gateway', settled: false });

const KEPT_HEADERS = 40;
const NEVER_KEPT = new Set(['authorization', 'cookie', 'proxy-authorization']);

function draw(gateway: PaymentGateway, topic: string, callback: RawCallback, read: Notice | Rejected): CallbackEntity {
  const headers = Object.entries(callback.headers).filter(([name]) => !NEVER_KEPT.has(name));
  return {
    id: newId(),
    gateway: gateway.name,
    topic,
    merchantId: null,
    orderId: null,
    headers: Object.fromEntries(headers.slice(0, KEPT_HEADERS).map(([name, value]) => [name, value.slice(0, 2_000)])),
    body: callback.body,
    verdict: read.kind === 'notice' ? 'verified' : read.verdict,
    effect: 'none',
    reason: null,
    noticeId: read.kind === 'notice' ? read.noticeId : null,
    outTradeNo: read.outTradeNo ?? null,
    receivedAt: callback.receivedAt,
  };
}
