import { GOODS, SCARCE } from '../load/goods.js';
import type { Stage } from '../stage.js';
import type { Verdict } from './verdict.js';

interface Sold {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly gone: number;
  readonly back: number;
  readonly open: number;
}

/** Counted from the lines of the orders alone, without a look at reservations or movements. */
const SOLD = `
  SELECT s.sku, s.on_hand::float8 AS "onHand", s.reserved::float8 AS reserved,
         coalesce(sum(l.shipped_quantity), 0)::float8 AS gone, coalesce(sum(l.returned_quantity), 0)::float8 AS back,
         coalesce(sum(l.quantity - l.shipped_quantity - l.cancelled_quantity) FILTER (WHERE o.status <> 'cancelled'), 0)::float8 AS open
    FROM stock_levels s LEFT JOIN order_lines l ON l.sku = s.sku LEFT JOIN orders o ON o.id = l.order_id
   WHERE s.sku = ANY($1::text[]) GROUP BY s.sku, s.on_hand, s.reserved`;

/** Nothing is sold that is not there, and nothing that is there is kept from being sold. */
export async function sellsWhatThereIs(stage: Stage): Promise<Verdict[]> {
  const left = await sellTheRest(stage);
  const rows = await stage.postgres.query<Sold>(SOLD, [GOODS.map(({ sku }) => sku)]);
  const stockOf = new Map(GOODS.map(({ sku, stock }) => [sku, stock]));
  const wrong = rows.map((row) => ({ ...row, stock: stockOf.get(row.sku) ?? 0 }));
  return [
    {
      what: 'oversold',
      broken: wrong
        .filter(({ stock, gone, back, open }) => gone - back + open > stock)
        .map(({ sku, stock, gone, back, open }) => `${sku}: ${gone - back + open} of ${stock} are sold`),
    },
    {
      what: 'stock that the orders do not explain',
      broken: wrong
        .filter(({ stock, onHand, reserved, gone, back, open }) => onHand !== stock - gone + back || reserved !== open)
        .map(
          ({ sku, stock, onHand, reserved, gone, back, open }) =>
            `${sku}: ${onHand} on hand and ${reserved} reserved, where ${stock} - ${gone} + ${back} and ${open} are right`,
        ),
    },
    { what: 'undersold', broken: left },
  ];
}

/** Whatever is still to be had of what is scarce is bought now, to the last unit. */
async function sellTheRest({ postgres, shop }: Stage): Promise<string[]> {
  const wrong: string[] = [];
  for (const { sku } of SCARCE) {
    const [row] = await postgres.query<{ available: number }>(
      'SELECT (on_hand - reserved)::int AS available FROM stock_levels WHERE sku = $1',
      [sku],
    );
    const available = row?.available ?? 0;
    const wanted = Array.from({ length: available + 5 }, () => shop.place([{ sku, quantity: 1 }]));
    const sold = (await Promise.all(wanted)).filter((order) => order !== undefined).length;
    if (sold !== available) wrong.push(`${sku}: ${available} were left, and ${sold} could be bought`);
  }
  return wrong;
}
