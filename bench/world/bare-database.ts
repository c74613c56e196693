import { createHash } from 'node:crypto';
import type { Client } from 'pg';

import { migrations } from '../../src/migrations/index.js';
import { migrate } from '../../src/platform/database/migrate.js';
import { APPLY_NOTICE, START_PAYMENT } from '../baseline/pay-order-sql.js';
import { PLACE_ORDER } from '../baseline/place-order-sql.js';
import { connected } from './connected.js';
import { nameOf, type Goods } from './goods.js';

export const MERCHANT_ID = '00000000-0000-7000-8000-000000000001';
export const API_KEY_ID = '00000000-0000-7000-8000-000000000002';
const ACCOUNT_ID = '00000000-0000-7000-8000-000000000003';

// Version 18 makes time-ordered ids itself; those of older versions are random, and only pgbench has to do with them.
const NEW_ID = `
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 180000 THEN
    CREATE FUNCTION bench.new_id() RETURNS uuid LANGUAGE sql AS 'SELECT uuidv7()';
  ELSE
    CREATE FUNCTION bench.new_id() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()';
  END IF;
END $$;
`;

/** A database of the limits: the project's own tables and indexes, and the functions that do a whole thing in one call. */
export async function layOutBareDatabase(url: string, apiKey: string, sold: readonly Goods[]): Promise<void> {
  await migrate(url, migrations);
  await connected(url, async (client) => {
    await client.query(`CREATE SCHEMA bench; ${NEW_ID} ${PLACE_ORDER} ${START_PAYMENT} ${APPLY_NOTICE}`);
    await client.query(`INSERT INTO merchants (id, name, created_at) VALUES ($1, 'First merchant', now())`, [MERCHANT_ID]);
    await client.query(
      `INSERT INTO api_keys (id, merchant_id, name, hint, secret_hash, scopes, created_at) VALUES ($1, $2, 'bench', '', $3, '{orders:write}', now())`,
      [API_KEY_ID, MERCHANT_ID, createHash('sha256').update(apiKey).digest()],
    );
    await client.query(
      `INSERT INTO gateway_accounts (id, merchant_id, gateway, identity, name, source, settings, secrets, enabled, is_default, created_at, updated_at)
       VALUES ($1, $2, 'alipay', 'bench', 'bench', 'environment', '{}', '', true, true, now(), now())`,
      [ACCOUNT_ID, MERCHANT_ID],
    );
    for (const goods of sold) await addGoods(client, goods);
    await client.query('VACUUM ANALYZE');
  });
}

async function addGoods(client: Client, { skus, price, stock }: Goods): Promise<void> {
  await client.query(
    `INSERT INTO products (id, merchant_id, sku, name, price, currency, created_at, updated_at)
     SELECT bench.new_id(), $1, sku, name, $4, 'CNY', now(), now() FROM unnest($2::text[], $3::text[]) AS t(sku, name)`,
    [MERCHANT_ID, skus, skus.map(nameOf), price],
  );
  await client.query('INSERT INTO stock_levels (merchant_id, sku, on_hand) SELECT $1, sku, $3 FROM unnest($2::text[]) AS t(sku)', [
    MERCHANT_ID,
    skus,
    stock,
  ]);
  await client.query(
    `INSERT INTO stock_movements (merchant_id, sku, kind, on_hand_delta, reserved_delta, created_at)
     SELECT $1, sku, 'opened', $3, 0, now() FROM unnest($2::text[]) AS t(sku)`,
    [MERCHANT_ID, skus, stock],
  );
}
