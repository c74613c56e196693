import type { UnionPayContext } from '../context.js';
import type { Fields } from '../message.js';
import { notFound } from '../refused.js';
import { messageOf, NOT_FOUND } from '../resp-codes.js';
import { checkRules, QUERY, QUERY_BY_ID } from '../rules.js';
import { paymentCode, paymentFields, refundCode, refundFields } from '../transaction-fields.js';
import { byOrderId, byQueryId } from './known-transactions.js';

/**
 * txnType 00. respCode 00 says that the question was answered, and origRespCode what became of the transaction. The answer is in the
 * transaction's words, not in the question's: its type, its time, its amount. `instead` is what a test wants to be said.
 */
export function query(fields: Fields, unionpay: UnionPayContext, instead?: string): Fields {
  const byId = fields.txnSubType === '02';
  checkRules(fields, byId ? QUERY_BY_ID : QUERY);
  const { trade, refund } = byId
    ? byQueryId(fields.queryId ?? '', unionpay)
    : byOrderId(fields.orderId ?? '', fields.txnTime ?? '', unionpay);
  const origRespCode = instead ?? (refund ? refundCode(refund) : paymentCode(trade));
  if (origRespCode === NOT_FOUND) throw notFound();
  const known = refund ? refundFields(refund, trade) : paymentFields(trade);
  return { ...known, origRespCode, origRespMsg: messageOf(origRespCode), issuerIdentifyMode: '0' };
}
