/**
 * What a `respCode` says of a transaction that was sent.
 *
 * - `done`, `in_progress`: UnionPay has it. A refund counts only once a notice or a query says so.
 * - `duplicate`: our number was here before.
 * - `absent`: there is no such trade.
 * - `not_executed`: nothing was done, and once a person has put the setting right, or time has passed, the same goes through.
 * - `unclear`: a fault on UnionPay's side, or a code that says nothing.
 * - `refused`: a no that counts once a query agrees.
 */
export type Meaning = 'done' | 'in_progress' | 'duplicate' | 'absent' | 'not_executed' | 'unclear' | 'refused';

/** A6 is a success with a defect: the money moved. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ['00', 'done'],
  ['A6', 'done'],
  ['03', 'in_progress'],
  ['04', 'in_progress'],
  ['05', 'in_progress'],
  ['12', 'duplicate'],
  ['34', 'absent'],
  // Our signature does not verify; the merchant's state is wrong; it may not do this; it asks too often.
  ['11', 'not_executed'],
  ['31', 'not_executed'],
  ['32', 'not_executed'],
  ['37', 'not_executed'],
]);

/** Source: UnionPay, the ranges of its response codes (docs/gateways/unionpay.md, "Codes and outcomes"). */
export function meaningOf(code: string): Meaning {
  // 10 to 29 are about the message, 30 to 59 about the merchant, 60 to 89 about the card. What is below is the system's own.
  return MEANINGS.get(code) ?? (/^[1-8]\d$/.test(code) ? 'refused' : 'unclear');
}
