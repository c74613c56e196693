import cluster from 'node:cluster';
import { Pool } from 'pg';

import { placeOrders } from './orders.js';
import { bareServer, type Caller } from './server.js';

/** What the bare server is started with, as JSON on its command line. */
export interface BareSettings {
  readonly port: number;
  readonly databaseUrl: string;
  readonly processes: number;
  /** Connections to the database, of each process. */
  readonly poolSize: number;
}

const settings = JSON.parse(process.argv[2] ?? '{}') as BareSettings;

if (cluster.isPrimary && settings.processes > 1) {
  for (let started = 0; started < settings.processes; started += 1) cluster.fork();
  cluster.on('exit', () => process.exit(1));
} else {
  await serve(settings);
}
process.on('SIGTERM', () => process.exit());
process.on('disconnect', () => process.exit());

async function serve({ port, databaseUrl, poolSize }: BareSettings): Promise<void> {
  const pool = new Pool({ connectionString: databaseUrl, max: poolSize });
  pool.on('error', () => process.exit(1));
  const { rows } = await pool.query<{ hash: string; merchantId: string; id: string }>(
    `SELECT translate(rtrim(encode(secret_hash, 'base64'), '='), '+/', '-_') AS hash, merchant_id AS "merchantId", id
       FROM api_keys WHERE revoked_at IS NULL`,
  );
  const keys = new Map(rows.map(({ hash, merchantId, id }): [string, Caller] => [hash, { merchantId, actor: `api_key:${id}` }]));
  bareServer(keys, new Map([['POST /v1/orders', placeOrders(pool)]])).listen(port, '127.0.0.1');
}
