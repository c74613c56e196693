import type { AttemptRef } from './gateway/gateway.js';
import type { AttemptEntity } from './payment.entity.js';

/** What an attempt is known by at its gateway. */
export function attemptRef({ outTradeNo, gatewayRef, createdAt, expiresAt }: AttemptEntity): AttemptRef {
  return { outTradeNo, startedAt: createdAt, expiresAt, ...(gatewayRef === null ? {} : { gatewayRef }) };
}
