/**
 * What a refusing answer means.
 *
 * - `unclear`: it may or may not have been done.
 * - `not_executed`: nothing was done, and the same request can still work: a rate limit, an empty balance, or a setting
 *   that a person must put right.
 * - `no_such_trade`: Alipay knows no trade of this number.
 * - `other_state`: the trade is not in a state that allows this. What state it is in only a query tells.
 * - `final`: a no to this request for good.
 */
export type Refusal = 'unclear' | 'not_executed' | 'no_such_trade' | 'other_state' | 'final';

/** By `code`, where the `sub_code` is not listed below. Source: Alipay, common error codes, common/02km9f. */
const BY_CODE: Readonly<Record<string, Refusal>> = {
  '20000': 'unclear', // The service is unavailable.
  '20001': 'not_executed', // The authorisation token.
  '40001': 'not_executed', // A parameter is missing.
  '40002': 'not_executed', // A parameter is wrong: the signature, the app id, the timestamp.
  '40003': 'not_executed', // Conditions are not met.
  '40004': 'final', // The business said no.
  '40005': 'not_executed', // Called too often.
  '40006': 'not_executed', // Not permitted.
};

/**
 * By `sub_code`, without the prefix that Alipay writes in several ways.
 * Sources: the error tables of `alipay.trade.query`, `.close`, `.refund`, `.fastpay.refund.query` and `.precreate`.
 */
const BY_SUB_CODE: Readonly<Record<string, Refusal>> = {
  SYSTEM_ERROR: 'unclear',
  UNKNOW_ERROR: 'unclear',
  APP_CALL_LIMITED: 'not_executed',
  METHOD_CALL_LIMITED: 'not_executed',
  SYSTEM_RATE_LIMIT: 'not_executed',
  USER_RATE_LIMIT: 'not_executed',
  REFUND_CHARGE_ERROR: 'not_executed',
  SELLER_BALANCE_NOT_ENOUGH: 'not_executed',
  ACCESS_FORBIDDEN: 'not_executed',
  PARTNER_ERROR: 'not_executed',
  TRADE_NOT_EXIST: 'no_such_trade',
  TRADE_HAS_SUCCESS: 'other_state',
  TRADE_HAS_CLOSE: 'other_state',
  TRADE_HAS_FINISHED: 'other_state',
  TRADE_STATUS_ERROR: 'other_state',
  REASON_TRADE_STATUS_INVALID: 'other_state',
  REASON_ILLEGAL_STATUS: 'other_state',
  CONTEXT_INCONSISTENT: 'other_state',
  APPLY_PC_MERCHANT_CODE_ERROR: 'other_state',
  INVALID_PARAMETER: 'final',
  DISCORDANT_REPEAT_REQUEST: 'final',
  REASON_TRADE_REFUND_FEE_ERR: 'final',
  REFUND_AMT_NOT_EQUAL_TOTAL: 'final',
  TRADE_NOT_ALLOW_REFUND: 'final',
  NOT_ALLOW_PARTIAL_REFUND: 'final',
};

/** The sub code without `ACQ.`, `aop.`, `aop.ACQ.`, `isv.`, `isp.` or the misspelt `AQC.`, in capitals and underscores. */
export function bareSubCode(subCode: string): string {
  return subCode
    .replace(/^(?:aop|isv|isp)\./i, '')
    .replace(/^(?:ACQ|AQC)\./i, '')
    .toUpperCase()
    .replaceAll('-', '_');
}

/**
 * What an answer other than 10000 means. An unsigned one can come from anybody on the way, so it is believed only where
 * believing it costs nothing but time.
 */
export function refusalOf(code: string, subCode: string, signed: boolean): Refusal {
  const listed = lookUp(BY_SUB_CODE, bareSubCode(subCode)) ?? lookUp(BY_CODE, code) ?? 'unclear';
  return signed || listed === 'not_executed' ? listed : 'unclear';
}

function lookUp(table: Readonly<Record<string, Refusal>>, key: string): Refusal | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}
