export type RefusalReason =
  | 'unknown_trade'
  | 'different_order'
  | 'already_ordered'
  | 'already_paid'
  | 'already_closed'
  | 'expired'
  | 'not_unpaid'
  | 'not_paid'
  | 'request_number_reused'
  | 'exceeds_remaining'
  | 'unknown_refund'
  | 'refund_is_over';

/** A rule of the ledger said no. Each gateway has its own words for the reason. */
export class Refusal extends Error {
  constructor(readonly reason: RefusalReason) {
    super(reason);
  }
}
