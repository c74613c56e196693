import { Injectable } from '@nestjs/common';

import { DiscrepancyResolved } from '../../contracts/discrepancy-resolved.js';
import { DiscrepancyOpened } from '../../contracts/discrepancy-opened.js';
import { conflict, notFound } from '../../kernel/domain-error.js';
import { newId, type CallbackId, type DiscrepancyId, type MerchantId } from '../../kernel/ids.js';
import type { Money } from '../../kernel/money.js';
import type { UnitOfWork } from '../../platform/events/unit-of-work.js';
import type { GatewayName } from '../gateway/gateway.js';
import type { AttemptEntity } from '../payment.entity.js';
import { DiscrepancyEntity, type DiscrepancyKind } from './discrepancy.entity.js';

export interface Disagreement {
  readonly kind: DiscrepancyKind;
  readonly gateway: GatewayName;
  /** What it is about, at the gateway: the number of a trade, a refund or a message. */
  readonly subject: string;
  readonly detail: string;
  readonly attempt?: Pick<AttemptEntity, 'id' | 'orderId' | 'merchantId' | 'outTradeNo'> | undefined;
  readonly refundId?: string;
  readonly outTradeNo?: string | undefined;
  readonly expected?: Money;
  readonly found?: Money;
  readonly callbackId?: CallbackId | undefined;
}

/** Where a gateway and our books disagree. Nothing is changed by it: a person looks, and says what was done. */
@Injectable()
export class Discrepancies {
  /** Opens each, or counts the one that is open already. What is said twice here counts twice. */
  async open(work: UnitOfWork, seen: readonly Disagreement[]): Promise<void> {
    if (seen.length === 0) return;
    const said = new Map<string, { readonly id: DiscrepancyId; readonly last: Disagreement; readonly times: number }>();
    for (const one of seen) {
      const subject = `${one.gateway} ${one.kind} ${one.subject}`;
      const before = said.get(subject);
      said.set(subject, { id: before?.id ?? newId<'discrepancy'>(), last: one, times: (before?.times ?? 0) + 1 });
    }
    const rows = [...said.values()].map(({ last, ...row }) => ({
      ...row,
      ...last,
      outTradeNo: last.attempt?.outTradeNo ?? last.outTradeNo,
    }));
    const opened = await work.query<{ id: DiscrepancyId }>(
      `INSERT INTO discrepancies (id, kind, gateway, subject, merchant_id, order_id, attempt_id, refund_id, out_trade_no, expected, found, detail,
                                  callback_id, times, opened_at, last_seen_at)
       SELECT t.*, $15, $15 FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::text[],
                                        $10::jsonb[], $11::jsonb[], $12::text[], $13::uuid[], $14::int[]) AS t
       ON CONFLICT (gateway, kind, subject) WHERE resolved_at IS NULL
       DO UPDATE SET times = discrepancies.times + excluded.times, last_seen_at = excluded.last_seen_at, found = excluded.found
       RETURNING id`,
      [
        rows.map(({ id }) => id),
        rows.map(({ kind }) => kind),
        rows.map(({ gateway }) => gateway),
        rows.map(({ subject }) => subject),
        rows.map(({ attempt }) => attempt?.merchantId),
        rows.map(({ attempt }) => attempt?.orderId),
        rows.map(({ attempt }) => attempt?.id),
        rows.map(({ refundId }) => refundId),
        rows.map(({ outTradeNo }) => outTradeNo),
        rows.map(({ expected }) => json(expected)),
        rows.map(({ found }) => json(found)),
        rows.map(({ detail }) => detail),
        rows.map(({ callbackId }) => callbackId),
        rows.map(({ times }) => times),
        work.now,
      ],
    );
    const fresh = new Set(opened.map(({ id }) => id));
    for (const { id, attempt, outTradeNo, kind, gateway, detail } of rows) {
      if (!fresh.has(id) || !attempt || outTradeNo === undefined) continue;
      const { merchantId, orderId } = attempt;
      work.publish(new DiscrepancyOpened({ merchantId, orderId, discrepancyId: id, kind, gateway, outTradeNo, detail }));
    }
  }

  /** Throws `not_found`, `illegal_transition`. `isOperator` may also resolve what is nobody's. */
  async resolve(
    work: UnitOfWork,
    id: DiscrepancyId,
    merchantId: MerchantId,
    isOperator: boolean,
    resolution: string,
  ): Promise<DiscrepancyEntity> {
    const found = await work.manager.findOneBy(DiscrepancyEntity, { id });
    // The family's lock comes first, as everywhere: a notice that sees the discrepancy again holds it already.
    if (found?.orderId) await work.lockFamilies([found.orderId]);
    const [row] = await work.query<{ resolvedAt: Date | null }>(
      `SELECT resolved_at AS "resolvedAt" FROM discrepancies
        WHERE id = $1 AND (merchant_id = $2 OR (merchant_id IS NULL AND $3)) FOR UPDATE`,
      [id, merchantId, isOperator],
    );
    if (!row) throw noSuchDiscrepancy();
    if (row.resolvedAt !== null)
      throw conflict('illegal_transition', 'The discrepancy is resolved already.', { currentStatus: 'resolved', action: 'resolve' });
    await work.query('UPDATE discrepancies SET resolved_at = $2, resolution = $3 WHERE id = $1', [id, work.now, resolution]);
    const resolved = await work.manager.findOneByOrFail(DiscrepancyEntity, { id });
    const { orderId, kind, gateway } = resolved;
    const whose = resolved.merchantId ?? merchantId;
    work.publish(new DiscrepancyResolved({ merchantId: whose, orderId, discrepancyId: id, kind, gateway, resolution }));
    return resolved;
  }
}

export const noSuchDiscrepancy = () => notFound('not_found', 'You have no discrepancy with this id.');

function json(value: Money | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
