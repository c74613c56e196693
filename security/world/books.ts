import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';

import { runningEmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { checkInvariants } from '../../src/platform/invariants/check-invariants.js';
import { CannotRun } from '../failures.js';

/** All that money, goods and power hang on. What the worker notes for itself, such as when to ask again, is left out. */
const FINGERPRINTS: Readonly<Record<string, string>> = {
  orders: 'id, merchant_id, status, items_amount, shipping_fee, amount_due, amount_paid, amount_refunded, amount_refunding, currency',
  order_lines: 'order_id, sku, name, unit_price, quantity, amount, shipped_quantity, cancelled_quantity, returned_quantity',
  payments: 'id, order_id, status, amount, refunding, refunded, paid_by_attempt',
  payment_attempts: "id, status = 'succeeded' AS paid, amount, currency, account_id",
  refunds: "id, order_id, status = 'succeeded' AS given, amount, currency",
  products: 'id, merchant_id, sku, name, price, currency',
  stock_levels: 'merchant_id, sku, on_hand, reserved',
  merchants: 'id, name',
  api_keys: 'id, merchant_id, scopes, revoked_at',
  gateway_accounts: 'id, merchant_id, gateway, settings, enabled, is_default',
};

const LONGEST_WAIT = 20_000;
const BETWEEN_LOOKS = 50;

/** The database, looked at from outside of the program. */
export class Books {
  private constructor(private readonly client: Client) {}

  static async open(dataDir: string): Promise<Books> {
    const address = runningEmbeddedPostgres(`${dataDir}/postgres`);
    if (address === undefined) throw new CannotRun('the database of the program does not run');
    const client = new Client({ connectionString: address });
    // It ends with the program; nobody has to hear of it then.
    client.on('error', () => undefined);
    await client.connect();
    return new Books(client);
  }

  async rows<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return (await this.client.query<Row>(sql, [...parameters])).rows;
  }

  async count(sql: string, parameters: readonly unknown[] = []): Promise<number> {
    const [row] = await this.rows<{ count: string }>(`SELECT count(*) AS count ${sql}`, parameters);
    return Number(row?.count);
  }

  /** A digest of each table that counts: the same before and after means that nothing was changed. */
  async fingerprint(): Promise<Readonly<Record<string, string>>> {
    const each = Object.entries(FINGERPRINTS).map(
      ([table, columns]) =>
        `SELECT '${table}' AS name, count(*) || ':' || md5(coalesce(string_agg(r::text, '|' ORDER BY r::text), '')) AS digest
           FROM (SELECT ${columns} FROM ${table}) r`,
    );
    const rows = await this.rows<{ name: string; digest: string }>(each.join(' UNION ALL '));
    return Object.fromEntries(rows.map(({ name, digest }) => [name, digest]));
  }

  async lastEvent(): Promise<number> {
    const [row] = await this.rows<{ seq: string | null }>('SELECT max(seq) AS seq FROM events');
    return Number(row?.seq ?? 0);
  }

  /** Who has done something since, but for the program by itself. A discrepancy is a note for a person, and moves nothing. */
  async actorsSince(seq: number): Promise<string[]> {
    const rows = await this.rows<{ actor: string }>(
      "SELECT DISTINCT actor || ': ' || type AS actor FROM events WHERE seq > $1 AND actor NOT LIKE 'system:%' AND type <> 'payment.discrepancy_opened'",
      [seq],
    );
    return rows.map(({ actor }) => actor);
  }

  /** Looks until it is so: what a worker does takes its moment. False where it never becomes so. */
  async becomes(isSo: () => Promise<boolean>): Promise<boolean> {
    for (const until = Date.now() + LONGEST_WAIT; Date.now() < until; await pause(BETWEEN_LOOKS)) if (await isSo()) return true;
    return false;
  }

  /** The promises that are broken at this moment, with the first row of each. */
  async broken(): Promise<string[]> {
    const { invariants } = await checkInvariants(this.client);
    return invariants.flatMap(({ name, sample: [first] }) => (first ? [`${name}: ${first.subject}: ${first.wrong}`] : []));
  }

  close(): Promise<void> {
    return this.client.end();
  }
}
