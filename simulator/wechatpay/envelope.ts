import type { Refund } from '../ledger/refund.js';
import type { Trade } from '../ledger/trade.js';
import { encrypted } from './encryption.js';
import { rfc3339 } from './times.js';
import { refundResource, refundStatus, transaction } from './transaction-fields.js';

/** What a notice says, before it is encrypted. */
export interface Said {
  readonly eventType: string;
  readonly summary: string;
  readonly originalType: 'transaction' | 'refund';
  readonly resource: Readonly<Record<string, unknown>>;
}

const SUMMARIES: Readonly<Record<string, string>> = { SUCCESS: '退款成功', ABNORMAL: '退款异常', CLOSED: '退款关闭' };

/** Only success is ever told of a trade. Source: docs 4012791861. */
export function ofTrade(trade: Trade, state?: string): Said {
  const resource = transaction(trade, state ?? 'SUCCESS');
  return { eventType: 'TRANSACTION.SUCCESS', summary: '支付成功', originalType: 'transaction', resource };
}

/** Every end of a refund is told. Source: docs 4013071196. */
export function ofRefund(refund: Refund, trade: Trade, status = refundStatus(refund)): Said {
  const resource = { ...refundResource(refund, trade), refund_status: status };
  return { eventType: `REFUND.${status}`, summary: SUMMARIES[status] ?? status, originalType: 'refund', resource };
}

/** The notice's own fields; the outbox keeps texts. */
export function kept(said: Said): Record<string, string> {
  return { eventType: said.eventType, summary: said.summary, originalType: said.originalType, resource: JSON.stringify(said.resource) };
}

/** The body: what is said stands encrypted in `resource`. */
export function envelope(
  fields: Readonly<Record<string, string>>,
  notice: { readonly notifyId: string; readonly createdAt: string },
  apiV3Key: string,
): Record<string, unknown> {
  const { eventType = '', summary = '', originalType = '', resource = '' } = fields;
  return {
    id: notice.notifyId,
    create_time: rfc3339(notice.createdAt),
    resource_type: 'encrypt-resource',
    event_type: eventType,
    summary,
    resource: { original_type: originalType, ...encrypted(resource, apiV3Key, originalType) },
  };
}
