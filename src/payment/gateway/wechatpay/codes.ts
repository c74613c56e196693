/**
 * What a refusing answer means.
 *
 * - `unclear`: it may or may not have been done.
 * - `throttled`: asked too often. A refund may be under way all the same.
 * - `not_executed`: nothing was done, and the same request can still work: an empty balance, or a setting that a person
 *   must put right.
 * - `not_found`: there is no order, or no refund, of this number.
 * - `other_state`: the order is not in a state that allows this. What state it is in only a query tells.
 * - `final`: a no to this request for good.
 */
export type Refusal = 'unclear' | 'throttled' | 'not_executed' | 'not_found' | 'other_state' | 'final';

/**
 * By code, without the underscores: version 2 of the API wrote several of them without, and documents still do.
 * Sources: WeChat Pay, documents under "errors" and the error tables of the APIs.
 */
const BY_CODE: Readonly<Record<string, Refusal>> = {
  SYSTEMERROR: 'unclear',
  SERVICEUNAVAILABLE: 'unclear',
  BANKERROR: 'unclear',
  FREQUENCYLIMITED: 'throttled',
  FREQUENCYLIMITEXCEED: 'throttled',
  RATELIMITEXCEED: 'throttled',
  RATELIMITEXCEEDED: 'throttled',
  SIGNERROR: 'not_executed',
  NOAUTH: 'not_executed',
  APPIDMCHIDNOTMATCH: 'not_executed',
  MCHNOTEXISTS: 'not_executed',
  MCHNOTEXIST: 'not_executed',
  NOTENOUGH: 'not_executed',
  ORDERNOTEXIST: 'not_found',
  RESOURCENOTEXISTS: 'not_found',
  ORDERPAID: 'other_state',
  ORDERCLOSED: 'other_state',
  OUTTRADENOUSED: 'other_state',
  TRADESTATEERROR: 'other_state',
  PARAMERROR: 'final',
  INVALIDREQUEST: 'final',
  RULELIMIT: 'final',
  TRADEERROR: 'final',
  ACCOUNTERROR: 'final',
  OPENIDMISMATCH: 'final',
  USERACCOUNTABNORMAL: 'final',
  TRADEOVERDUE: 'final',
  REFUNDFEEMISMATCH: 'final',
};

/**
 * What an answer other than 2xx means: the code decides, and the status only where it says more than the code. Refusals
 * are not signed, so it is TLS that vouches for them; docs/gateways/wechatpay.md says why they are believed.
 */
export function refusalOf(status: number, code: string): Refusal {
  if (status >= 500 || status < 400) return 'unclear';
  if (status === 429) return 'throttled';
  const bare = code.toUpperCase().replaceAll('_', '');
  if (Object.hasOwn(BY_CODE, bare)) return BY_CODE[bare] ?? 'unclear';
  return status === 401 ? 'not_executed' : 'unclear';
}
