import type { Trade } from '../ledger/trade.js';
import { refusal, success } from './answer.js';
import { checkSender } from './call.js';
import type { UnionPayContext } from './context.js';
import type { Fields } from './message.js';
import { asRefused, malformed, missing, type Refused } from './refused.js';
import { consume } from './transactions/consume.js';
import { cancel, refund } from './transactions/give-back.js';
import { query } from './transactions/query.js';

/** The three addresses, and which transactions each takes. */
export type Entrance = 'frontTransReq.do' | 'backTransReq.do' | 'queryTrans.do';
export type Method = 'consume' | 'refund' | 'cancel' | 'query';

export const METHODS: Readonly<Record<Entrance, Readonly<Record<string, Method>>>> = {
  'frontTransReq.do': { '01': 'consume' },
  'backTransReq.do': { '04': 'refund', '31': 'cancel' },
  'queryTrans.do': { '00': 'query' },
};

/** What UnionPay has to say to a call. A merchant's server reads fields; a payer's browser is led on, or sees a page. */
export type Answer =
  | { readonly kind: 'fields'; readonly fields: Fields }
  | { readonly kind: 'redirect'; readonly trade: Trade }
  | { readonly kind: 'page'; readonly refused: Refused };

export function methodOf(entrance: Entrance, fields: Fields): Method | null {
  return METHODS[entrance][fields.txnType ?? ''] ?? null;
}

/** Does what the merchant asks, or says why not. Throws only where the simulator itself is wrong. */
export function answerCall(entrance: Entrance, fields: Fields, unionpay: UnionPayContext, origRespCode?: string): Answer {
  try {
    checkSender(fields, unionpay.merchant);
    return done(entrance, fields, unionpay, origRespCode);
  } catch (thrown) {
    return refused(entrance, fields, asRefused(thrown));
  }
}

export function refused(entrance: Entrance, fields: Fields, why: Refused): Answer {
  return entrance === 'frontTransReq.do' ? { kind: 'page', refused: why } : { kind: 'fields', fields: refusal(fields, why) };
}

/** The payer's browser posts the merchant's form. Throws what UnionPay refuses. */
export function openForm(fields: Fields, unionpay: UnionPayContext): Trade {
  checkSender(fields, unionpay.merchant);
  if (methodOf('frontTransReq.do', fields) === null) throw wrongType(fields);
  return consume(fields, unionpay);
}

function done(entrance: Entrance, fields: Fields, unionpay: UnionPayContext, origRespCode?: string): Answer {
  switch (methodOf(entrance, fields)) {
    case 'consume':
      return { kind: 'redirect', trade: consume(fields, unionpay) };
    case 'refund':
      return { kind: 'fields', fields: success(fields, refund(fields, unionpay)) };
    case 'cancel':
      return { kind: 'fields', fields: success(fields, cancel(fields, unionpay)) };
    case 'query':
      return { kind: 'fields', fields: success({}, query(fields, unionpay, origRespCode)) };
    case null:
      throw wrongType(fields);
  }
}

function wrongType(fields: Fields): Refused {
  return fields.txnType ? malformed('该地址不受理此 txnType') : missing('txnType');
}
