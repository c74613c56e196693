import type { Instant } from '../kernel/clock.js';
import { DomainEvent } from '../kernel/domain-event.js';
import type { AttemptId, MerchantId, OrderId } from '../kernel/ids.js';
import type { Money } from '../kernel/money.js';

/** Money came that the order cannot use: after its cancel (`late`), or a second time (`surplus`). It goes back by itself. */
export class UnusableMoneyReceived extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: OrderId;
  readonly attemptId: AttemptId;
  readonly gateway: string;
  readonly outTradeNo: string;
  readonly why: 'late' | 'surplus';
  readonly received: Money;
  readonly receivedAt: Instant;
}> {
  static readonly type = 'payment.unusable_money_received';
  static readonly version = 1;
}
