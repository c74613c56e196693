import type { Stage } from '../stage.js';
import type { Verdict } from './verdict.js';

interface OrderRow {
  readonly id: string;
  readonly kept: number;
  readonly numbers: readonly string[];
}

/** The gateways' own books against the database: for each order, what they took less what they gave back is what the order says. */
export async function holdsAgainstBooks({ postgres, gateways }: Stage): Promise<Verdict[]> {
  const books = await gateways.books();
  const orders = await postgres.query<OrderRow>(
    `SELECT o.id, (o.amount_paid - o.amount_refunded)::float8 AS kept, coalesce(array_agg(a.out_trade_no) FILTER (WHERE a.id IS NOT NULL), '{}') AS numbers
       FROM orders o LEFT JOIN payment_attempts a ON a.order_id = o.id GROUP BY o.id`,
  );
  const refunds = await postgres.query<{ id: string; amount: number; status: string }>(
    `SELECT id, amount::float8 AS amount, status FROM refunds`,
  );
  const money = new Map(books.trades.map(({ outTradeNo, paidAmount, refundedAmount }) => [outTradeNo, paidAmount - refundedAmount]));
  const known = new Set(orders.flatMap(({ numbers }) => numbers));
  const ours = new Map(refunds.map((refund) => [refund.id.replaceAll('-', ''), refund]));
  const given = new Map<string, number>();
  for (const { outRequestNo, amount, state } of books.refunds) {
    if (state !== 'succeeded') continue;
    // From the second try on its number has two digits more.
    const id = outRequestNo.slice(0, 32);
    given.set(id, (given.get(id) ?? 0) + amount);
  }
  return [
    {
      what: 'orders whose money is not what the gateways have of it',
      broken: orders.flatMap(({ id, kept, numbers }) => {
        const has = numbers.reduce((sum, number) => sum + (money.get(number) ?? 0), 0);
        return has === kept ? [] : [`order ${id} says ${kept}, the gateways have ${has} (${numbers.join(', ')})`];
      }),
    },
    {
      what: 'money at a gateway for no attempt of ours',
      broken: books.trades
        .filter(({ outTradeNo, paidAmount }) => paidAmount > 0 && !known.has(outTradeNo))
        .map(({ outTradeNo, gateway, paidAmount }) => `trade ${outTradeNo} at ${gateway}: ${paidAmount}`),
    },
    {
      what: 'refunds that the gateways know otherwise',
      broken: [
        ...refunds.flatMap(({ id, amount, status }) => {
          const went = given.get(id.replaceAll('-', '')) ?? 0;
          const says = status === 'succeeded' ? amount : 0;
          return went === says ? [] : [`refund ${id} of ${amount} is ${status}, and ${went} went back`];
        }),
        ...[...given].filter(([id]) => !ours.has(id)).map(([id, amount]) => `${amount} went back as ${id}, which is no refund of ours`),
      ],
    },
  ];
}
