import { Injectable } from '@nestjs/common';

import type { Origin } from '../kernel/domain-event.js';
import type { AttemptId, OrderId, RefundId } from '../kernel/ids.js';
import type { Reader } from '../kernel/reader.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import type { Heard } from './callback-record.js';
import type { CallbackEntity, CallbackEffect, CallbackVerdict } from './callback.entity.js';
import type { Families } from './families.js';
import type { GatewayName, Notice, Outcome, Rejected } from './gateway/gateway.js';
import { orderOf, refundOf } from './out-trade-no.js';
import type { AttemptEntity } from './payment.entity.js';
import { PaymentStore } from './payment.store.js';
import { insertCallbacks } from './payment.writes.js';
import { SettleAttempts } from './settle-attempts.js';

/** What a callback did, with the line of the inbox that says so. */
export interface Finding {
  readonly record: CallbackEntity;
  /** Of the request that started the attempt which it names. */
  readonly correlationId: string | null;
  /** True where the gateway need not send it again. */
  readonly settled: boolean;
}

interface Effect {
  readonly effect: CallbackEffect;
  readonly reason: string | null;
  readonly settled: boolean;
  readonly verdict?: CallbackVerdict;
}

/** A callback as it was read, and on whose behalf it acts. */
export interface Arrived {
  readonly drawn: CallbackEntity;
  readonly heard: Heard;
  /** The order whose attempt it may settle, as far as the number alone tells; its family is locked then. Of what is not believed, none. */
  readonly orderId: OrderId | undefined;
  readonly origin: Origin;
}

type Named = Arrived & { readonly attempt: AttemptEntity | undefined };

/** What a callback names. */
interface NamesATrade {
  readonly gateway: GatewayName;
  readonly outTradeNo?: string | null | undefined;
  readonly refundNo?: string | null | undefined;
}

/** Lets callbacks act, and writes them into the inbox with what they did, in one transaction. */
@Injectable()
export class ApplyNotices {
  constructor(
    private readonly store: PaymentStore,
    private readonly settling: SettleAttempts,
  ) {}

  /** Each with what it did, in their order. However many they are, it takes the same statements. */
  async apply(work: UnitOfWork, callbacks: readonly Arrived[]): Promise<Finding[]> {
    const others = callbacks.filter(({ orderId }) => orderId === undefined);
    const [families, attempts] = await Promise.all([
      this.store.lock(
        work,
        callbacks.flatMap(({ orderId }) => orderId ?? []),
      ),
      this.attemptsOf(
        work,
        others.map(({ drawn }) => drawn),
      ),
    ]);
    const attemptOf = new Map(others.map((one, index) => [one, attempts[index]]));
    const named = callbacks.map((one): Named => {
      const { orderId, drawn } = one;
      return { ...one, attempt: orderId === undefined ? attemptOf.get(one) : families.named(orderId, drawn.gateway, drawn.outTradeNo) };
    });
    const refunds = await this.refundsOf(work, named);
    const findings = named.map((one) => {
      const { drawn, attempt, origin } = one;
      const correlationId = attempt?.correlationId ?? null;
      if (attempt) work.actsFor(attempt.orderId, { ...origin, correlationId: correlationId ?? origin.correlationId });
      const { effect, reason, settled, verdict = drawn.verdict } = this.act(work, families, refunds, one);
      const record = { ...drawn, merchantId: attempt?.merchantId ?? null, orderId: attempt?.orderId ?? null, verdict, effect, reason };
      return { record, correlationId, settled };
    });
    await this.settling.write(work, families);
    insertCallbacks(
      work,
      findings.map(({ record }) => record),
    );
    return findings;
  }

  private act(work: UnitOfWork, families: Families, refunds: ReadonlyMap<AttemptId, readonly RefundId[]>, named: Named): Effect {
    const { drawn, heard, attempt } = named;
    const { account, read } = heard;
    if (read.kind === 'rejected') return reject(families, drawn, read, attempt);
    if (!attempt) return noSuchTrade;
    // It verified, but with the keys of another account than the attempt was started at: a trade of somebody else's.
    if (attempt.accountId !== account?.account.id) {
      const reason = 'it is from another account than the attempt was started at';
      return reject(families, drawn, { kind: 'rejected', verdict: 'wrong_merchant', reason }, attempt);
    }
    switch (read.says) {
      case 'paid': {
        const { gatewayRef, amount, at } = read;
        return this.settle(work, families, drawn, attempt, { kind: 'succeeded', gatewayRef, settled: amount, at: new Date(at) });
      }
      case 'closed':
        return this.settle(work, families, drawn, attempt, { kind: 'closed' });
      case 'about_refund':
        return followRefund(families, drawn, read, attempt, refunds.get(attempt.id) ?? []);
      case 'ignored':
        return { effect: 'none', reason: 'says nothing that settles anything', settled: true };
    }
  }

  private settle(work: UnitOfWork, families: Families, drawn: CallbackEntity, attempt: AttemptEntity, outcome: Outcome): Effect {
    const effect = this.settling.decide(work, families, { ref: attempt, outcome, callbackId: drawn.id });
    if (effect === 'amount_mismatch') return { effect: 'none', reason: 'the amount or the currency is not what is due', settled: false };
    if (effect === 'nothing_new') return { effect: 'none', reason: 'says nothing new', settled: true };
    return { effect, reason: null, settled: true };
  }

  /** The refunds of those attempts whose refunds are spoken of; what became of them, our own question finds out, at once. */
  private async refundsOf(work: UnitOfWork, named: readonly Named[]): Promise<ReadonlyMap<AttemptId, readonly RefundId[]>> {
    const ids = named.flatMap(({ attempt, heard: { read } }) =>
      attempt && read.kind === 'notice' && read.says === 'about_refund' ? [attempt.id] : [],
    );
    if (ids.length === 0) return new Map();
    const refunds = await this.store.refundsOf(work, ids);
    this.store.askRefundsNow(work, ids);
    return new Map(ids.map((id) => [id, refunds.filter(({ attemptId }) => attemptId === id).map((refund) => refund.id)]));
  }

  /** The attempt that each names, if it is one of its gateway's. Nothing is locked for it. */
  async attemptsOf(reader: Reader, named: readonly NamesATrade[]): Promise<(AttemptEntity | undefined)[]> {
    const byTrade = named.map(({ gateway, outTradeNo }) => {
      const orderId = outTradeNo ? orderOf(outTradeNo) : undefined;
      return orderId !== undefined && outTradeNo ? { gateway, outTradeNo, orderId } : undefined;
    });
    const byRefund = named.map(({ refundNo }, index) => (byTrade[index] || !refundNo ? undefined : refundOf(refundNo)));
    const trades = byTrade.filter((one) => one !== undefined);
    const refundIds = byRefund.filter((one) => one !== undefined);
    const [found, refunded] = await Promise.all([
      trades.length === 0 ? [] : this.store.named(reader, trades),
      refundIds.length === 0 ? [] : this.store.refunded(reader, refundIds),
    ]);
    return named.map(({ gateway, outTradeNo }, index) =>
      byTrade[index]
        ? found.find((attempt) => attempt.outTradeNo === outTradeNo && attempt.gateway === gateway)
        : refunded.find((attempt) => attempt.refundId === byRefund[index] && attempt.gateway === gateway),
    );
  }
}

/** A callback as `ApplyNotices` takes it. */
export function arrived(drawn: CallbackEntity, heard: Heard, origin: Origin): Arrived {
  const { read } = heard;
  const settles = read.kind === 'notice' && (read.says === 'paid' || read.says === 'closed');
  const orderId = settles && read.outTradeNo !== undefined ? orderOf(read.outTradeNo) : undefined;
  return { drawn, heard, orderId, origin };
}

/** What became of a refund of ours, our own question finds out. Of one that is none of ours a person should hear. */
function followRefund(
  families: Families,
  drawn: CallbackEntity,
  { refundNo }: Notice,
  attempt: AttemptEntity,
  ours: readonly RefundId[],
): Effect {
  const isOurs = refundNo === undefined ? ours.length > 0 : ours.some((id) => id === refundOf(refundNo));
  if (isOurs) return { effect: 'none', reason: 'about a refund: the gateway is asked about it now', settled: true };
  const { gateway, outTradeNo } = attempt;
  const detail = `${gateway} says that money of this trade went back, by no refund of ours${refundNo === undefined ? '' : ` (${refundNo})`}`;
  families.disagree({ kind: 'returned_elsewhere', gateway, subject: refundNo ?? outTradeNo, detail, attempt, callbackId: drawn.id });
  return { effect: 'none', reason: 'about a refund that is none of ours', settled: true };
}

/** What was genuine and not for us, a person should see: a key or an address is set up wrongly, or somebody tries it on. */
function reject(families: Families, drawn: CallbackEntity, { verdict, reason }: Rejected, attempt: AttemptEntity | undefined): Effect {
  if (verdict === 'wrong_app' || verdict === 'wrong_merchant') {
    const { gateway, outTradeNo, noticeId, id } = drawn;
    families.disagree({
      kind: verdict,
      gateway,
      subject: outTradeNo ?? noticeId ?? 'no number that could be ours',
      detail: `a genuine notice of ${gateway} came that is not for this account: ${reason}`,
      attempt,
      outTradeNo: outTradeNo ?? undefined,
      callbackId: id,
    });
  }
  return { effect: 'none', reason, settled: false, verdict };
}

// The order's own commit may still be under way: refused, it comes again.
const noSuchTrade: Effect = { effect: 'none', reason: 'names no payment attempt of ours at this gateway', settled: false };
