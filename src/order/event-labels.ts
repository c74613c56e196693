import type { Label } from './order-status.js';

/** What the timeline calls the events, for those who read it without the code. */
export const EVENT_LABELS: Readonly<Record<string, Label>> = {
  'order.created': { en: 'Order placed', zh: '订单已创建' },
  'order.closing': { en: 'Order closing', zh: '订单关闭中' },
  'order.paid': { en: 'Order paid', zh: '订单已支付' },
  'order.cancelled': { en: 'Order cancelled', zh: '订单已取消' },
  'order.shipped': { en: 'Parcel sent', zh: '包裹已发出' },
  'order.fulfilled': { en: 'Nothing left to ship', zh: '已无待发货商品' },
  'order.completed': { en: 'Order completed', zh: '订单已完成' },
  'order.units_restocked': { en: 'Units put on sale again', zh: '商品已重新上架' },
  'inventory.reserved': { en: 'Stock reserved', zh: '库存已预留' },
  'inventory.released': { en: 'Stock released', zh: '库存已释放' },
  'payment.attempt_started': { en: 'Payment started', zh: '已发起支付' },
  'payment.attempts_closing': { en: 'Payment attempts closing', zh: '支付尝试关闭中' },
  'payment.attempt_settled': { en: 'Payment attempt ended', zh: '支付尝试已结束' },
  'payment.succeeded': { en: 'Money received', zh: '已收到款项' },
  'payment.closed': { en: 'Payment closed', zh: '支付已关闭' },
  'payment.unusable_money_received': { en: 'Money received that goes back', zh: '收到无法入账的款项，将自动退回' },
  'payment.discrepancy_opened': { en: 'Discrepancy with the gateway', zh: '与支付渠道不一致，待核查' },
  'payment.discrepancy_resolved': { en: 'Discrepancy dealt with', zh: '渠道差异已处理' },
  'payment.refund_requested': { en: 'Refund requested', zh: '已申请退款' },
  'payment.refund_succeeded': { en: 'Refund completed', zh: '退款成功' },
  'payment.refund_unsettled': { en: 'Refund not settled', zh: '退款未确定' },
};
