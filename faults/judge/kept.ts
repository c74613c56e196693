import type { Stage } from '../stage.js';
import type { Verdict } from './verdict.js';

interface Lost {
  readonly id: string;
  readonly at: number;
}

/** What somebody was told and the database does not know. */
export interface Forgotten extends Verdict {
  readonly lost: readonly Lost[];
}

/** Everything that was acknowledged must be there, as it was told. */
export async function isKept({ postgres, told }: Stage): Promise<Forgotten[]> {
  const look = async <One extends Lost>(what: string, all: readonly One[], sql: string, columns: readonly ((one: One) => unknown)[]) => {
    const rows = await postgres.query<{ n: number }>(
      sql,
      columns.map((column) => all.map(column)),
    );
    const lost = rows.flatMap(({ n }) => all[n - 1] ?? []);
    return { what, lost, broken: lost.map((one) => JSON.stringify(one)) };
  };
  return [
    await look(
      'acknowledged orders lost',
      told.orders,
      `SELECT t.n::int FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS t(id, amount, n)
        WHERE NOT EXISTS (SELECT FROM orders o WHERE o.id = t.id AND o.amount_due = t.amount)`,
      [({ id }) => id, ({ amount }) => amount],
    ),
    await look(
      'acknowledged payment attempts lost',
      told.attempts,
      `SELECT t.n::int FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS t(id, number, n)
        WHERE NOT EXISTS (SELECT FROM payment_attempts a WHERE a.id = t.id AND a.out_trade_no = t.number)`,
      [({ id }) => id, ({ outTradeNo }) => outTradeNo],
    ),
    await look(
      'acknowledged shipments lost',
      told.shipments,
      `SELECT t.n::int FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS t(id, mark, n)
        WHERE NOT EXISTS (SELECT FROM shipments s WHERE s.id = t.id AND s.tracking_number = t.mark)`,
      [({ id }) => id, ({ mark }) => mark],
    ),
    await look(
      'acknowledged refunds lost',
      told.refunds,
      `SELECT t.n::int FROM unnest($1::uuid[], $2::bigint[]) WITH ORDINALITY AS t(id, amount, n)
        WHERE NOT EXISTS (SELECT FROM refunds r WHERE r.id = t.id AND r.amount = t.amount)`,
      [({ id }) => id, ({ amount }) => amount],
    ),
    await look(
      // Where the money was faster than the close, the order is paid, as the gateway said.
      'acknowledged cancels lost',
      told.cancels,
      `SELECT t.n::int FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS t(id, status, n)
        WHERE NOT EXISTS (SELECT FROM orders o WHERE o.id = t.id
          AND (o.status = 'cancelled' OR t.status = 'closing' AND (o.status = 'closing' OR o.amount_paid > 0)))`,
      [({ id }) => id, ({ status }) => status],
    ),
  ];
}

/** One command, sent again and again until it was answered, has one effect. */
export async function happenedOnce({ postgres, unpaid }: Stage): Promise<Verdict[]> {
  const rows = async (sql: string, values: readonly unknown[] = []) =>
    (await postgres.query<{ row: string }>(sql, values)).map(({ row }) => row);
  return [
    {
      what: 'commands with two effects',
      broken: [
        ...(await rows(
          `SELECT metadata->>'mark' || ': ' || count(*) || ' orders' AS row FROM orders WHERE metadata ? 'mark' GROUP BY metadata->>'mark' HAVING count(*) > 1`,
        )),
        ...(await rows(
          `SELECT tracking_number || ': ' || count(*) || ' shipments' AS row FROM shipments GROUP BY tracking_number HAVING count(*) > 1`,
        )),
        ...(await rows(
          `SELECT reason || ': ' || count(*) || ' refunds' AS row FROM refunds WHERE kind = 'requested' GROUP BY reason HAVING count(*) > 1`,
        )),
      ],
    },
    {
      what: 'orders that a forged notice paid',
      broken: await rows(
        `SELECT 'order ' || id || ' has ' || amount_paid AS row FROM orders WHERE id = ANY($1::uuid[]) AND amount_paid > 0`,
        [unpaid],
      ),
    },
  ];
}
