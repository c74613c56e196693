import { StateMachine } from '../kernel/state-machine.js';

export type PaymentState = 'requires_payment' | 'closing' | 'closed' | 'succeeded';

/** An order's payment. `closing` mirrors the order's: no new attempt is started, and one that turns out paid still counts. */
export const paymentStates = new StateMachine<PaymentState, 'pay' | 'close' | 'end'>('payment', {
  requires_payment: { pay: 'succeeded', close: 'closing' },
  closing: { pay: 'succeeded', end: 'closed' },
  closed: {},
  succeeded: {},
});

export const ATTEMPT_STATES = ['created', 'pending', 'unknown', 'succeeded', 'failed', 'closed'] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

const open = { wait: 'pending', lose: 'unknown', pay: 'succeeded', fail: 'failed', close: 'closed' } as const;

/** One try at a gateway. Money is money: a `failed` or `closed` attempt that turns out paid was paid. */
export const attemptStates = new StateMachine<AttemptState, keyof typeof open>('payment attempt', {
  created: open,
  pending: open,
  unknown: open,
  failed: { pay: 'succeeded' },
  closed: { pay: 'succeeded' },
  succeeded: {},
});

export const REFUND_STATES = ['requested', 'processing', 'unknown', 'succeeded', 'failed'] as const;
export type RefundState = (typeof REFUND_STATES)[number];

const underWay = { send: 'processing', lose: 'unknown', succeed: 'succeeded', fail: 'failed' } as const;

/** Money on its way back. One that the gateway refused for good can be tried again by hand, once what stood against it is gone. */
export const refundStates = new StateMachine<RefundState, keyof typeof underWay | 'retry'>('refund', {
  requested: underWay,
  processing: underWay,
  unknown: underWay,
  failed: { retry: 'requested' },
  succeeded: {},
});

/** True while the gateway may still have something to say about it. */
export function isOpen(status: AttemptState): boolean {
  return attemptStates.can(status, 'wait');
}
