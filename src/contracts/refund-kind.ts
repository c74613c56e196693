/** Why money goes back: somebody asked, the order was cancelled, or no order could use it. */
export type RefundKind = 'requested' | 'cancelled' | 'late' | 'surplus';

/** Money that never counted as the order's own: sending it back leaves the order's amounts as they are. */
export function isUnusableMoney(kind: RefundKind): boolean {
  return kind === 'late' || kind === 'surplus';
}
