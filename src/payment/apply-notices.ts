import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import type { Heard } from './callback-record.js';
import { CallbackEntity, type CallbackEffect, type CallbackVerdict } from './callback.entity.js';
import { Discrepancies } from './discrepancies/discrepancies.js';
import type { GatewayName, Notice, Outcome, Rejected } from './gateway/gateway.js';
import { orderOf, refundOf } from './out-trade-no.js';
import { AttemptEntity, RefundEntity } from './payment.entity.js';
import { PaymentStore } from './payment.store.js';
import { SettleAttempts } from './settle-attempts.js';

/** What a callback did, with the line of the inbox that says so. */
export interface Finding {
  readonly record: CallbackEntity;
  /** True where the gateway need not send it again. */
  readonly settled: boolean;
}

interface Effect {
  readonly effect: CallbackEffect;
  readonly reason: string | null;
  readonly settled: boolean;
  readonly verdict?: CallbackVerdict;
}

/** What a callback names. */
interface Named {
  readonly outTradeNo?: string | null | undefined;
  readonly refundNo?: string | null | undefined;
}

/** Lets a callback act, and writes it into the inbox with what it did, in one transaction. */
@Injectable()
export class ApplyNotices {
  constructor(
    private readonly store: PaymentStore,
    private readonly settling: SettleAttempts,
    private readonly discrepancies: Discrepancies,
  ) {}

  async apply(work: UnitOfWork, drawn: CallbackEntity, heard: Heard): Promise<Finding> {
    const attempt = await this.attemptOf(work.manager, drawn.gateway, drawn);
    const { effect, reason, settled, verdict = drawn.verdict } = await this.act(work, drawn, heard, attempt);
    const record = { ...drawn, merchantId: attempt?.merchantId ?? null, orderId: attempt?.orderId ?? null, verdict, effect, reason };
    await work.manager.insert(CallbackEntity, record);
    return { record, settled };
  }

  private async act(work: UnitOfWork, drawn: CallbackEntity, { account, read }: Heard, attempt: AttemptEntity | null): Promise<Effect> {
    if (read.kind === 'rejected') return this.reject(work, drawn, read, attempt);
    if (!attempt) return noSuchTrade;
    // It verified, but with the keys of another account than the attempt was started at: a trade of somebody else's.
    if (attempt.accountId !== account?.account.id) {
      const reason = 'it is from another account than the attempt was started at';
      return this.reject(work, drawn, { kind: 'rejected', verdict: 'wrong_merchant', reason }, attempt);
    }
    return this.follow(work, drawn, read, attempt);
  }

  private async follow(work: UnitOfWork, drawn: CallbackEntity, notice: Notice, attempt: AttemptEntity): Promise<Effect> {
    switch (notice.says) {
      case 'paid': {
        const { gatewayRef, amount, at } = notice;
        return this.settle(work, drawn, attempt, { kind: 'succeeded', gatewayRef, settled: amount, at: new Date(at) });
      }
      case 'closed':
        return this.settle(work, drawn, attempt, { kind: 'closed' });
      case 'about_refund':
        return this.followRefund(work, drawn, notice, attempt);
      case 'ignored':
        return { effect: 'none', reason: 'says nothing that settles anything', settled: true };
    }
  }

  /** What became of a refund of ours, our own question finds out. Of one that is none of ours a person should hear. */
  private async followRefund(work: UnitOfWork, drawn: CallbackEntity, { refundNo }: Notice, attempt: AttemptEntity): Promise<Effect> {
    const ours = await work.manager.findBy(RefundEntity, { attemptId: attempt.id });
    const isOurs = refundNo === undefined ? ours.length > 0 : ours.some(({ id }) => id === refundOf(refundNo));
    if (isOurs) {
      await this.store.askRefundsNow(work, attempt.id);
      return { effect: 'none', reason: 'about a refund: the gateway is asked about it now', settled: true };
    }
    const { gateway, outTradeNo } = attempt;
    const detail = `${gateway} says that money of this trade went back, by no refund of ours${refundNo === undefined ? '' : ` (${refundNo})`}`;
    await this.discrepancies.open(work, {
      kind: 'returned_elsewhere',
      gateway,
      subject: refundNo ?? outTradeNo,
      detail,
      attempt,
      callbackId: drawn.id,
    });
    return { effect: 'none', reason: 'about a refund that is none of ours', settled: true };
  }

  private async settle(work: UnitOfWork, drawn: CallbackEntity, attempt: AttemptEntity, outcome: Outcome): Promise<Effect> {
    const effect = await this.settling.settle(work, attempt, outcome, drawn.id);
    if (effect === 'amount_mismatch') return { effect: 'none', reason: 'the amount or the currency is not what is due', settled: false };
    if (effect === 'nothing_new') return { effect: 'none', reason: 'says nothing new', settled: true };
    return { effect, reason: null, settled: true };
  }

  /** What was genuine and not for us, a person should see: a key or an address is set up wrongly, or somebody tries it on. */
  private async reject(
    work: UnitOfWork,
    drawn: CallbackEntity,
    { verdict, reason }: Rejected,
    attempt: AttemptEntity | null,
  ): Promise<Effect> {
    if (verdict === 'wrong_app' || verdict === 'wrong_merchant') {
      const { gateway, outTradeNo, noticeId, id } = drawn;
      await this.discrepancies.open(work, {
        kind: verdict,
        gateway,
        subject: outTradeNo ?? noticeId ?? 'no number that could be ours',
        detail: `a genuine notice of ${gateway} came that is not for this account: ${reason}`,
        attempt: attempt ?? undefined,
        outTradeNo: outTradeNo ?? undefined,
        callbackId: id,
      });
    }
    return { effect: 'none', reason, settled: false, verdict };
  }

  /** The attempt it names, if it is one of this gateway's. Nothing is locked yet: what is not believed must not hold up what is. */
  async attemptOf(manager: EntityManager, gateway: GatewayName, { outTradeNo, refundNo }: Named): Promise<AttemptEntity | null> {
    const orderId = outTradeNo ? orderOf(outTradeNo) : undefined;
    if (orderId !== undefined && outTradeNo) return manager.findOneBy(AttemptEntity, { orderId, outTradeNo, gateway });
    const refundId = refundNo ? refundOf(refundNo) : undefined;
    const refund = refundId === undefined ? null : await manager.findOneBy(RefundEntity, { id: refundId, gateway });
    return refund && manager.findOneBy(AttemptEntity, { id: refund.attemptId });
  }
}

// The order's own commit may still be under way: refused, it comes again.
const noSuchTrade: Effect = { effect: 'none', reason: 'names no payment attempt of ours at this gateway', settled: false };
