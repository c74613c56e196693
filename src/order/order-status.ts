import { StateMachine } from '../kernel/state-machine.js';

export const ORDER_STATUSES = ['pending_payment', 'closing', 'awaiting_shipment', 'shipped', 'completed', 'cancelled'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

export type OrderAction = 'pay' | 'close' | 'cancel' | 'ship' | 'complete';

/** `close` comes before `cancel`: what is open at a gateway is closed first, and if it turns out paid, the order is paid. */
export const orderStates = new StateMachine<OrderStatus, OrderAction>('order', {
  pending_payment: { pay: 'awaiting_shipment', close: 'closing' },
  closing: { pay: 'awaiting_shipment', cancel: 'cancelled' },
  awaiting_shipment: { ship: 'shipped', cancel: 'cancelled' },
  shipped: { complete: 'completed' },
  completed: {},
  cancelled: {},
});

export interface Label {
  readonly en: string;
  readonly zh: string;
}

export const ORDER_STATUS_LABELS: Record<OrderStatus, Label> = {
  pending_payment: { en: 'Awaiting payment', zh: '待付款' },
  closing: { en: 'Closing', zh: '关闭中' },
  awaiting_shipment: { en: 'Awaiting shipment', zh: '待发货' },
  shipped: { en: 'Shipped', zh: '已发货' },
  completed: { en: 'Completed', zh: '已完成' },
  cancelled: { en: 'Cancelled', zh: '已取消' },
};

export const PAYMENT_STATUSES = ['unpaid', 'paid', 'partially_refunded', 'refunded'] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** What the order's money says by itself. */
export function paymentStatusOf({ amountPaid, amountRefunded }: { amountPaid: number; amountRefunded: number }): PaymentStatus {
  if (amountPaid === 0) return 'unpaid';
  if (amountRefunded === 0) return 'paid';
  return amountRefunded < amountPaid ? 'partially_refunded' : 'refunded';
}
