import { Client } from 'pg';

import { addMonth, partedTables } from '../../src/platform/database/parted-tables.js';
import { monthOf, monthsAfter, startOf } from '../../src/platform/database/months.js';
import type { Vault } from '../../src/platform/secrets/vault.js';
import { DRAFT, DRAFT_LINES, PREPARE, SEQS_AN_ORDER, type Draft } from './draft.js';
import { EVENTS } from './events.js';
import { addUpStock, prepareMerchants, type FilledMerchant } from './ground.js';
import { isBack, takeDown, wasCutShort } from './indexes.js';
import { UsageError, type FillOptions } from './options.js';
import { ORDERS } from './orders.js';
import { PAYMENTS } from './payments.js';

const DAY = 24 * 60 * 60_000;

/** As the program's own setting has it by default: older callbacks would be let go of at once. */
const CALLBACK_DAYS = 400;

/** Orders that a connection writes in one transaction. */
const SLICE = 20_000;

/** Movements have up to three numbers a line, and lines begin at one. */
const MOVEMENTS_AN_ORDER = 16;

export interface Filled {
  readonly rows: number;
  readonly seconds: number;
}

type Say = (line: string) => void;

/** Fills a database that has the schema. Throws `UsageError` where it must not be filled. */
export async function fillDatabase(url: string, options: FillOptions, vault: Vault, say: Say): Promise<Filled> {
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1_000;
  const client = await connect(url);
  try {
    if (await wasCutShort(client))
      throw new UsageError('a fill of this database was cut short and left it without indexes: drop it, and begin anew');
    const { rowCount: isFilled } = await client.query('SELECT 1 FROM orders LIMIT 1');
    if (isFilled && !options.append) throw new UsageError('this database has orders: --append adds to them');
    const draft = await plan(client, options, Boolean(isFilled));
    await client.query(PREPARE);
    await makeMonths(client, draft);
    const merchants = await prepareMerchants(client, vault, new Date(draft.now.getTime() - (draft.days + 1) * DAY));
    const taken = !isFilled && options.orders >= options.indexLaterFrom ? await takeDown(client) : undefined;
    if (taken) say('keys and indexes are made when the rows are there');

    const rows = await writeSlices(url, draft, merchants, options.connections, (orders, rowsSoFar) => {
      const rate = Math.round(rowsSoFar / elapsed());
      say(`${orders.toLocaleString('en')} of ${draft.orders.toLocaleString('en')} orders, ${rate.toLocaleString('en')} rows a second`);
    });
    await client.query(`SELECT setval('events_seq_seq', $1), setval(pg_get_serial_sequence('stock_movements', 'seq'), $2)`, [
      draft.lastEvent + (draft.orders + 1) * SEQS_AN_ORDER,
      draft.lastMovement + (draft.orders + 1) * MOVEMENTS_AN_ORDER,
    ]);
    say(`${rows.toLocaleString('en')} rows are written after ${elapsed().toFixed(0)} s`);
    if (taken) {
      await sideBySide(url, options.connections, [...taken.byTable.values()], async (worker, statements) => {
        for (const statement of statements) await worker.query(statement);
      });
      for (const statement of taken.last) await client.query(statement);
      await isBack(client);
      say(`keys and indexes are made after ${elapsed().toFixed(0)} s`);
    }
    await addUpStock(client);
    await client.query('VACUUM (ANALYZE, PARALLEL 2)');
    say(`done after ${elapsed().toFixed(0)} s`);
    return { rows, seconds: elapsed() };
  } finally {
    await client.end();
  }
}

async function plan(client: Client, { orders, days, eventDays }: FillOptions, isFilled: boolean): Promise<Draft> {
  const { rows } = await client.query<{ now: Date; event: string; movement: string; base: string }>(
    `SELECT now(), (SELECT last_value FROM events_seq_seq) AS event, (extract(epoch FROM now())::bigint / 60 * 100000000) AS base,
            coalesce((SELECT last_value FROM pg_sequences WHERE format('%I.%I', schemaname, sequencename)::regclass
                       = pg_get_serial_sequence('stock_movements', 'seq')::regclass), 0) + 20000 AS movement`,
  );
  const [row] = rows;
  if (!row) throw new Error('PostgreSQL answered nothing');
  const pending = Math.min(Math.max(20, Math.round(orders / 100_000)), 500);
  // A first fill is the same each time, but for its time; one that is added must not give a number out again.
  const base = isFilled ? Number(row.base) : 0;
  return {
    ...{ base, orders, pending, days, eventDays, callbackDays: CALLBACK_DAYS, now: row.now },
    ...{ lastEvent: Number(row.event), lastMovement: Number(row.movement) },
  };
}

/** The months of the past, which the program itself has no use for. */
async function makeMonths(client: Client, draft: Draft): Promise<void> {
  const runner = { query: async (sql: string) => (await client.query(sql)).rows as unknown[] } as unknown as Parameters<typeof addMonth>[0];
  const first = monthOf(new Date(draft.now.getTime() - (draft.days + 1) * DAY));
  for (const table of await partedTables(runner)) {
    const since = table.name === 'callbacks' ? monthOf(new Date(draft.now.getTime() - draft.callbackDays * DAY)) : first;
    for (let month = since; month <= monthOf(draft.now); month = monthsAfter(month, 1)) {
      const [start, end] = [startOf(month), startOf(monthsAfter(month, 1))];
      const isCovered = table.parts.some(
        ({ from, to, isDefault }) => !isDefault && (from === null || from <= start) && (to === null || to >= end),
      );
      if (!isCovered) await addMonth(runner, table, month);
    }
  }
}

async function writeSlices(
  url: string,
  draft: Draft,
  merchants: readonly FilledMerchant[],
  connections: number,
  progress: (orders: number, rows: number) => void,
): Promise<number> {
  let [orders, rows, told] = [0, 0, performance.now()];
  const firsts = Array.from({ length: Math.ceil(draft.orders / SLICE) }, (_, index) => index * SLICE + 1);
  const prepared = new WeakSet<Client>();
  await sideBySide(url, connections, firsts, async (client, first) => {
    if (!prepared.has(client)) await prepare(client, draft, merchants);
    prepared.add(client);
    const last = Math.min(first + SLICE - 1, draft.orders);
    const written = await writeSlice(client, draft.base + first, draft.base + last);
    rows += written;
    orders += last - first + 1;
    if (performance.now() - told < 5_000) return;
    told = performance.now();
    progress(orders, rows);
  });
  return rows;
}

async function prepare(client: Client, draft: Draft, merchants: readonly FilledMerchant[]): Promise<void> {
  await client.query(PREPARE);
  const since = (days: number) => new Date(draft.now.getTime() - days * DAY);
  await client.query('INSERT INTO plan VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)', [
    ...[draft.base, draft.orders, draft.pending, draft.days, since(draft.eventDays + 1), since(draft.callbackDays)],
    ...[draft.lastEvent, draft.lastMovement, draft.now],
  ]);
  for (const { position, id, actor, skus, alipay, wechatpay, unionpay } of merchants) {
    await client.query('INSERT INTO merchant VALUES ($1, $2, $3, $4, $5, $6, $7)', [
      position,
      id,
      actor,
      skus,
      alipay,
      wechatpay,
      unionpay,
    ]);
  }
  await client.query('ANALYZE plan, merchant');
}

/** Answers how many rows it wrote. */
async function writeSlice(client: Client, first: number, last: number): Promise<number> {
  let rows = 0;
  await client.query('BEGIN');
  await client.query('TRUNCATE draft_line, draft');
  await client.query(DRAFT_LINES, [first, last]);
  await client.query('ANALYZE draft_line');
  await client.query(DRAFT);
  await client.query('ANALYZE draft');
  for (const statement of [...ORDERS, ...PAYMENTS, EVENTS]) rows += (await client.query(statement)).rowCount ?? 0;
  await client.query('COMMIT');
  return rows;
}

/** Each connection takes the next piece when it is done with one. The first error ends all of it. */
async function sideBySide<Piece>(
  url: string,
  connections: number,
  pieces: readonly Piece[],
  work: (client: Client, piece: Piece) => Promise<void>,
): Promise<void> {
  const left = [...pieces];
  const run = async () => {
    const client = await connect(url);
    try {
      for (let piece = left.shift(); piece !== undefined; piece = left.shift()) await work(client, piece);
    } catch (error) {
      left.length = 0;
      throw error;
    } finally {
      await client.end();
    }
  };
  await Promise.all(Array.from({ length: Math.min(connections, pieces.length) }, run));
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: 'bench:fill' });
  await client.connect();
  await client.query(`SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET statement_timeout = 0; SET timezone = 'UTC'`);
  return client;
}
