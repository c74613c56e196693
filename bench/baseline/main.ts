import cluster from 'node:cluster';
import { Pool, types } from 'pg';

import { AlipaySignatures, type AlipayAccount } from './alipay.js';
import { applyNotices } from './notices.js';
import { placeOrders } from './orders.js';
import { startPayments } from './payments.js';
import { bareServer, type Caller } from './server.js';

/** What the bare server is started with, as JSON on its command line. */
export interface BareSettings {
  readonly port: number;
  readonly databaseUrl: string;
  readonly processes: number;
  /** Connections to the database, of each process. */
  readonly poolSize: number;
  readonly alipay: AlipayAccount;
}

const INT8_OID = 20;

const settings = JSON.parse(process.argv[2] ?? '{}') as BareSettings;

if (cluster.isPrimary && settings.processes > 1) {
  for (let started = 0; started < settings.processes; started += 1) cluster.fork();
  cluster.on('exit', () => process.exit(1));
} else {
  await serve(settings);
}
process.on('SIGTERM', () => process.exit());
process.on('disconnect', () => process.exit());

async function serve({ port, databaseUrl, poolSize, alipay }: BareSettings): Promise<void> {
  types.setTypeParser(INT8_OID, Number);
  const pool = new Pool({ connectionString: databaseUrl, max: poolSize });
  pool.on('error', () => process.exit(1));
  const { rows } = await pool.query<{ hash: string; merchantId: string; id: string }>(
    `SELECT translate(rtrim(encode(secret_hash, 'base64'), '='), '+/', '-_') AS hash, merchant_id AS "merchantId", id
       FROM api_keys WHERE revoked_at IS NULL`,
  );
  const keys = new Map(rows.map(({ hash, merchantId, id }): [string, Caller] => [hash, { merchantId, actor: `api_key:${id}` }]));
  const accounts = await pool.query<{ id: string }>(`SELECT id FROM gateway_accounts WHERE gateway = 'alipay'`);
  const accountId = accounts.rows[0]?.id ?? '';
  const signatures = new AlipaySignatures(alipay);
  const notifyUrl = `http://127.0.0.1:${port}/v1/callbacks/alipay/payments`;
  const handlers = {
    placeOrder: placeOrders(pool),
    startPayment: startPayments(pool, signatures, accountId, notifyUrl),
    applyNotice: applyNotices(pool, signatures, accountId),
  };
  bareServer(keys, handlers).listen(port, '127.0.0.1');
}
