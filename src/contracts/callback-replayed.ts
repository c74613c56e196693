import { DomainEvent } from '../kernel/domain-event.js';
import type { CallbackId, MerchantId } from '../kernel/ids.js';

/** Somebody had a callback of the inbox read again. */
export class CallbackReplayed extends DomainEvent<{
  readonly merchantId: MerchantId;
  readonly orderId: null;
  readonly callbackId: CallbackId;
  readonly gateway: string;
}> {
  static readonly type = 'payment.callback_replayed';
  static readonly version = 1;
}
