import { DomainEvent } from '../kernel/domain-event.js';
import type { MerchantId } from '../kernel/ids.js';

/** Somebody had a parked job run again. */
export class JobRetried extends DomainEvent<{
  /** Whose key it was. */
  readonly merchantId: MerchantId;
  readonly orderId: null;
  readonly jobId: number;
  readonly task: string;
}> {
  static readonly type = 'system.job_retried';
  static readonly version = 1;
}
