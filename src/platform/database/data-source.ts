import pg from 'pg';
import type { DataSource, DataSourceOptions } from 'typeorm';

import { assert } from '../../kernel/assert.js';
import { CoalescingSocket } from './coalescing-socket.js';

const INT8_OID = 20;

// PostgreSQL's bigint comes as text. Ours are amounts and counts, which the schema keeps inside the safe integers.
pg.types.setTypeParser(INT8_OID, (text) => {
  const value = Number(text);
  assert(Number.isSafeInteger(value), 'a bigint from the database left the safe integers');
  return value;
});

/** How the program connects; the same for the application, the migrations and the tests. */
export function dataSourceOptions(database: { readonly url: string; readonly poolSize?: number }) {
  return {
    type: 'postgres',
    url: database.url,
    poolSize: database.poolSize ?? 10,
    applicationName: 'suanpan',
    connectTimeoutMS: 5_000,
    synchronize: false,
    migrationsTransactionMode: 'each',
    installExtensions: false,
    extra: {
      statement_timeout: 30_000,
      idle_in_transaction_session_timeout: 30_000,
      // What is prepared under a name is planned once, for all values that may come: a batch of one would else be planned each time.
      // And it is planned as for a large table: one that is empty when a connection first asks may be large a minute later.
      options: '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off',
      // Statements need not wait for one another's answers: a unit of work sends what it has to send.
      pipeline: true,
      stream: () => new CoalescingSocket(),
    },
  } as const satisfies DataSourceOptions;
}

/** The connections themselves, for what TypeORM does not do. */
export function poolOf(dataSource: DataSource): pg.Pool {
  return (dataSource.driver as unknown as { readonly master: pg.Pool }).master;
}
