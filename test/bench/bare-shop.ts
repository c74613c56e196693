import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';

import { AlipaySignatures } from '../../bench/baseline/alipay.js';
import { applyNotices } from '../../bench/baseline/notices.js';
import { placeOrders } from '../../bench/baseline/orders.js';
import { startPayments } from '../../bench/baseline/payments.js';
import { bareServer, hashOf } from '../../bench/baseline/server.js';
import { Alipay } from '../../bench/driver/alipay.js';
import { brokenInvariants } from '../../bench/invariants.js';
import { API_KEY_ID, MERCHANT_ID, layOutBareDatabase } from '../../bench/world/bare-database.js';
import type { Goods } from '../../bench/world/goods.js';
import { ApiClient } from '../support/api-client.js';
import { createDatabase } from '../support/databases.js';

/** The benchmark's bare server on a database of its own, with the driver's Alipay. */
export interface BareShop {
  readonly api: ApiClient;
  readonly pool: Pool;
  readonly alipay: Alipay;
  readonly notify: (body: string) => Promise<string>;
  violations(): Promise<string[]>;
  close(): Promise<void>;
}

const APP_ID = '2021009999999999';
const SELLER_ID = '2088999999999999';

export async function openBareShop(sold: readonly Goods[]): Promise<BareShop> {
  const database = await createDatabase();
  const apiKey = `sk_test_${randomBytes(24).toString('hex')}`;
  await layOutBareDatabase(database.url, apiKey, sold);
  const folder = mkdtempSync(join(tmpdir(), 'suanpan-bare-'));
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const [publicKeyFile, privateKeyFile] = [join(folder, 'public.pem'), join(folder, 'private.pem')];
  writeFileSync(publicKeyFile, publicKey);
  writeFileSync(privateKeyFile, privateKey);
  const pool = new Pool({ connectionString: database.url, max: 10 });
  const { rows } = await pool.query<{ id: string }>('SELECT id FROM gateway_accounts');
  const accountId = rows[0]?.id ?? '';
  const account = { gatewayUrl: 'http://gateway.example/', appId: APP_ID, sellerId: SELLER_ID, privateKeyFile, publicKeyFile };
  const signatures = new AlipaySignatures(account);
  const server = bareServer(new Map([[hashOf(apiKey), { merchantId: MERCHANT_ID, actor: `api_key:${API_KEY_ID}` }]]), {
    placeOrder: placeOrders(pool),
    startPayment: startPayments(pool, signatures, accountId, 'http://shop.example/v1/callbacks/alipay/payments'),
    applyNotice: applyNotices(pool, signatures, accountId),
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    api: new ApiClient(url, apiKey),
    pool,
    alipay: new Alipay({ appId: APP_ID, sellerId: SELLER_ID, privateKeyFile }),
    notify: async (body) => (await fetch(`${url}/v1/callbacks/alipay/payments`, { method: 'POST', body })).text(),
    violations: async () => {
      const client = await pool.connect();
      return brokenInvariants(client).finally(() => client.release());
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await pool.end();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
