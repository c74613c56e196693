import type { Pool } from 'pg';
import { v7 as uuidv7 } from 'uuid';

import type { AlipaySignatures } from './alipay.js';
import { Call } from './calls.js';

const FEN = /^(\d{1,10})\.(\d{2})$/;

/** `POST /v1/callbacks/alipay/payments`: verified, and applied by one call. Answers Alipay's word. */
export function applyNotices(pool: Pool, alipay: AlipaySignatures, accountId: string) {
  const applyNotice = new Call(pool, 'apply_notice', 14);
  return async (headers: object, body: string): Promise<string> => {
    const form = alipay.notice(body);
    const fen = FEN.exec(form?.get('total_amount') ?? '');
    if (form === undefined || fen === null || form.get('trade_status') !== 'TRADE_SUCCESS') return 'fail';
    const kept = JSON.stringify(headers);
    return applyNotice.run([
      uuidv7(),
      accountId,
      form.get('out_trade_no'),
      form.get('trade_no'),
      Number(`${fen[1]}${fen[2]}`),
      `${form.get('gmt_payment')}+08`,
      form.get('notify_id'),
      kept,
      Buffer.from(body),
      alipay.seal(`${kept}\0${body}`),
      new Date().toISOString(),
      uuidv7(),
      uuidv7(),
      uuidv7(),
    ]);
  };
}
