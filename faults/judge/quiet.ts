import { setTimeout as pause } from 'node:timers/promises';

import type { Stage } from '../stage.js';
import type { Verdict } from './verdict.js';

/** Money may be without a place for so long. */
const LONGEST = 120_000;
const BETWEEN_LOOKS = 1_000;

/** What is neither settled nor at rest. A job that a killed worker took stays taken for hours, and a sweep has done its work long before. */
const UNSETTLED = `
  SELECT 'refund ' || id || ' is ' || status AS row FROM refunds WHERE status IN ('requested', 'processing', 'unknown')
  UNION ALL SELECT 'attempt ' || out_trade_no || ' is unknown' FROM payment_attempts WHERE status = 'unknown'
  UNION ALL SELECT 'the money of ' || out_trade_no || ' has no place: its attempt is ' || status
    FROM payment_attempts WHERE status <> 'succeeded' AND out_trade_no = ANY($1::text[])
  UNION ALL SELECT 'a job for ' || task_identifier || ' waits: ' || coalesce(last_error, '')
    FROM graphile_worker.jobs WHERE run_at < now() - interval '5 seconds' AND attempts < max_attempts AND locked_at IS NULL`;

/** Waits until all money has its place, for two minutes. Answers how long that took, in milliseconds. */
export async function becomesQuiet({ postgres, gateways }: Stage): Promise<Verdict & { readonly took: number }> {
  const began = performance.now();
  // The next tries of the gateways' notices, some of which are minutes away, are made now.
  await gateways.control('POST', 'notices/retry', {});
  for (;;) {
    const { trades } = await gateways.books();
    const paid = trades.filter(({ paidAmount }) => paidAmount > 0).map(({ outTradeNo }) => outTradeNo);
    const rows = await postgres.query<{ row: string }>(UNSETTLED, [paid]);
    const took = performance.now() - began;
    if (rows.length === 0 || took > LONGEST) return { what: 'money without a place after 120 s', broken: rows.map(({ row }) => row), took };
    await pause(BETWEEN_LOOKS);
  }
}
