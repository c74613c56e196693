import type { Details, GatewayName } from './trade.js';

/**
 * `processing`: accepted, and on its way. `succeeded`: the payer has the money. `failed` and `closed`: nothing moved, and nothing
 * will. `abnormal`: the money left the trade and cannot reach the payer, who has closed the card, say; somebody must act.
 */
export type RefundState = 'processing' | 'succeeded' | 'failed' | 'closed' | 'abnormal';
export const REFUND_OUTCOMES = ['succeeded', 'failed', 'closed', 'abnormal'] as const;
export type RefundOutcome = (typeof REFUND_OUTCOMES)[number];

/** Every way a refund can go. */
export const REFUND_TRANSITIONS: Record<RefundState, readonly RefundOutcome[]> = {
  processing: REFUND_OUTCOMES,
  abnormal: ['succeeded'],
  succeeded: [],
  failed: [],
  closed: [],
};

/** What is asked of the ledger. */
export interface RefundRequest {
  readonly outTradeNo: string;
  readonly outRequestNo: string; // The merchant's number.
  readonly refundNo: string; // The gateway's own number.
  readonly amount: number; // Fen.
  readonly reason: string | null;
  readonly notifyUrl: string | null; // Where its own notices go; Alipay's go to the trade's.
  readonly details: Details;
}

export interface Refund extends RefundRequest {
  readonly gateway: GatewayName;
  readonly state: RefundState;
  readonly at: string; // When it was asked for.
  readonly endedAt: string | null; // When it reached the state that it is in; null while it is processing.
  readonly due: RefundDue | null; // How it will end by itself; null once it has.
}

/** `at: null` is a refund that a test holds back. */
export interface RefundDue {
  readonly at: string | null;
  readonly outcome: RefundOutcome;
}
