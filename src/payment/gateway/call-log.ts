import { Logger } from '@nestjs/common';

import type { GatewayAccountId } from '../../kernel/ids.js';
import type { AccountFigures } from './account-figures.js';
import type { AttemptRef, GatewayName, Outcome, PayOutcome } from './gateway.js';

/** The verbs that call a gateway. */
export type CallName = 'pay' | 'query' | 'close' | 'refund' | 'queryRefund';
/** What a call is about: an attempt, or a refund of it. */
export type Subject = AttemptRef & { readonly refundNo?: string };
export type Called = Outcome | PayOutcome;

export type CallLog = (call: CallName, subject: Subject, said: Called, milliseconds: number) => void;

/** A line for each call to an account, with the trail of whoever made it: what it was about, and what came of it. */
export function logCalls(
  { id: accountId, gateway }: { readonly id: GatewayAccountId; readonly gateway: GatewayName },
  { calls }: AccountFigures,
): CallLog {
  const logger = new Logger('Gateways');
  return (call, { outTradeNo, refundNo }, said, milliseconds) => {
    calls.inc({ gateway, call, outcome: said.kind });
    const why = 'cause' in said ? said.cause : 'reason' in said ? said.reason : undefined;
    const ms = Math.round(milliseconds);
    const line = { msg: 'gateway called', gateway, accountId, call, outTradeNo, refundNo, outcome: said.kind, reason: why, ms };
    if (said.kind === 'unknown') logger.warn(line);
    // Asked every few seconds, until the payer has paid: that nothing has changed is no news.
    else if (said.kind === 'pending' && call !== 'pay' && call !== 'refund') logger.debug(line);
    else logger.log(line);
  };
}
