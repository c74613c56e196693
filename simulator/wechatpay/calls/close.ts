import type { WechatpayContext } from '../context.js';
import type { Answered, Call } from './call.js';
import { checkMchid } from './merchant-check.js';
import { expectTrade } from './query.js';

/** `POST /v3/pay/transactions/out-trade-no/{out_trade_no}/close`: 204, and 204 again for what is closed already. */
export function close({ path, body }: Call, { ledger }: WechatpayContext): Answered {
  checkMchid(body().required('mchid', { max: 32 }));
  const trade = expectTrade(ledger.trade(path[0] ?? ''));
  if (trade.state !== 'closed') ledger.close(trade.outTradeNo);
  return null;
}
