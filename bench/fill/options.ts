import { parseArgs } from 'node:util';

export interface FillOptions {
  readonly orders: number;
  readonly databaseUrl: string | undefined;
  readonly append: boolean;
  readonly days: number;
  readonly eventDays: number;
  readonly connections: number;
  /** From so many orders on, keys and indexes are made when the rows are there: fewer are indexed as fast as they are written. */
  readonly indexLaterFrom: number;
}

/** What was typed cannot be done. The message is all that is shown. */
export class UsageError extends Error {}

export const USAGE = `npm run bench:fill -- --orders N [options]

Fills a database with orders of the past, with all that belongs to them.

  --orders N          how many, 1000 to 50,000,000
  --database-url URL  where; left out, the embedded database in DATA_DIR
  --append            also where there are orders already
  --days N            so many days back do they go (730)
  --event-days N      the event log goes back so many days, as if EVENT_RETENTION_DAYS had let go of the rest; it is more than half of
                      all there is (--days up to two million orders, 60 beyond)
  --connections N     so many slices at once (2)
`;

const MOST_ORDERS = 50_000_000;
const INDEX_LATER_FROM = 200_000;
const MANY_ORDERS = 2_000_000;

export function readOptions(args: readonly string[], databaseUrl: string | undefined): FillOptions {
  const { values } = parse(args);
  const number = (name: 'orders' | 'days' | 'event-days' | 'connections', otherwise: number | undefined, least: number, most: number) => {
    const text = values[name];
    if (text === undefined && otherwise !== undefined) return otherwise;
    const value = Number(text?.replaceAll(/[_,]/g, ''));
    if (!Number.isInteger(value) || value < least || value > most)
      throw new UsageError(`--${name} must be a whole number from ${least} to ${most}`);
    return value;
  };
  const days = number('days', 730, 30, 3_650);
  const orders = number('orders', undefined, 1_000, MOST_ORDERS);
  return {
    orders,
    databaseUrl: values['database-url'] ?? databaseUrl,
    append: values.append ?? false,
    days,
    eventDays: Math.min(number('event-days', orders > MANY_ORDERS ? 60 : days, 1, 3_650), days),
    connections: number('connections', 2, 1, 32),
    indexLaterFrom: INDEX_LATER_FROM,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        ...{ orders: text, 'database-url': text, days: text, 'event-days': text, connections: text },
        append: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}
