import { isPlain, type Fields } from './message.js';
import type { Refused } from './refused.js';
import { messageOf, SUCCESS } from './resp-codes.js';

/** What an answer says again of the question. */
const ECHOED = [
  'accessType',
  'bizType',
  'merId',
  'orderId',
  'origQryId',
  'queryId',
  'reqReserved',
  'txnAmt',
  'txnSubType',
  'txnTime',
  'txnType',
];
const LONGEST_ECHO = 1024;

export function success(asked: Fields, fields: Fields): Fields {
  return { ...echo(asked), ...fields, respCode: SUCCESS, respMsg: messageOf(SUCCESS) };
}

export function refusal(asked: Fields, refused: Refused): Fields {
  return { ...echo(asked), respCode: refused.respCode, respMsg: messageOf(refused.respCode, refused.reason) };
}

/** A question that is refused may hold anything; what would break an answer is not said again. */
function echo(asked: Fields): Fields {
  const kept = ECHOED.map((name): [string, string] => [name, asked[name] ?? '']).filter(
    ([, value]) => value !== '' && value.length <= LONGEST_ECHO && isPlain(value),
  );
  const encoding = asked.encoding?.toUpperCase() === 'UTF-8' ? asked.encoding : 'UTF-8';
  return { ...Object.fromEntries(kept), version: '5.1.0', signMethod: '01', encoding };
}
