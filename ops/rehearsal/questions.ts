import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from 'pg';

import type { Told } from './shop.js';

// What is asked of the databases, and how they are set up.

/** Every finished part of the write-ahead log goes to the archive, and none is overwritten there. */
export function archiveEverything(archive: string): Record<string, string> {
  return {
    wal_level: 'replica',
    archive_mode: 'on',
    archive_command: `test ! -f ${archive}/%f && cp %p ${archive}/%f.part && mv ${archive}/%f.part ${archive}/%f`,
  };
}

export function recoverFrom(archive: string): Record<string, string> {
  return { restore_command: `cp ${archive}/%f %p`, recovery_target_timeline: 'latest' };
}

/** Ends the present part of the log, and waits until the archive has it. */
export async function archived(client: Client): Promise<void> {
  const { rows } = await client.query<{ part: string }>('SELECT pg_walfile_name(pg_switch_wal()) AS part');
  for (;;) {
    const done = await client.query<{ done: boolean }>('SELECT coalesce(last_archived_wal >= $1, false) AS done FROM pg_stat_archiver', [
      rows[0]?.part,
    ]);
    if (done.rows[0]?.done) return;
    await pause(20);
  }
}

/** Waits until a restored server has replayed what it is to replay: it can be read before that. */
export async function recovered(client: Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ isOver: boolean }>('SELECT NOT pg_is_in_recovery() AS "isOver"');
    if (rows[0]?.isOver) return;
    await pause(20);
  }
}

/** Of what clients were told, what this database does not know. */
export async function isThere(client: Client, told: readonly Told[]): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT told.id FROM unnest($1::uuid[], $2::boolean[], $3::boolean[]) AS told(id, paid, refunded)
      WHERE NOT EXISTS (SELECT FROM orders o WHERE o.id = told.id AND (NOT told.paid OR o.amount_paid > 0)
                          AND (NOT told.refunded OR EXISTS (SELECT FROM refunds r WHERE r.order_id = o.id)))`,
    [
      told.map(({ orderId }) => orderId),
      told.map(({ outTradeNo }) => outTradeNo !== undefined),
      told.map(({ refunded = false }) => refunded),
    ],
  );
  return rows.map(({ id }) => id);
}

/** What the database knows of these trades; `isNamed` where a person is told that the money of one has gone back. */
export const ROWS_OF_TRADES = `SELECT a.id, a.out_trade_no AS "outTradeNo", a.status,
    EXISTS (SELECT FROM discrepancies d WHERE d.attempt_id = a.id AND d.kind = 'returned_elsewhere') AS "isNamed"
  FROM payment_attempts a WHERE a.out_trade_no = ANY($1)`;

/** Genuine notices of trades that no order is known for. */
export const UNKNOWN_MONEY = `SELECT DISTINCT out_trade_no AS "outTradeNo" FROM callbacks
  WHERE verdict = 'verified' AND effect = 'none' AND order_id IS NULL AND out_trade_no IS NOT NULL`;
