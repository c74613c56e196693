import type { Client } from 'pg';

import { GATEWAY_NAMES } from '../../src/payment/gateway/gateway.js';
import type { Vault } from '../../src/platform/secrets/vault.js';
import { newId } from '../../src/kernel/ids.js';

/** More than all orders together could take. */
const OPENED = 500_000_000;

/** The merchant that was there first has most of the orders, and most of the SKUs. */
const SKUS = [10_000, 1_000, 1_000, 1_000];

export interface FilledMerchant {
  readonly position: number;
  readonly id: string;
  readonly actor: string;
  readonly skus: number;
  readonly alipay: string;
  readonly wechatpay: string;
  readonly unionpay: string;
}

/** Merchants with something to sell and accounts to be paid at. Those that are there are taken; what is missing is made. */
export async function prepareMerchants(client: Client, vault: Vault, since: Date): Promise<FilledMerchant[]> {
  const merchants: FilledMerchant[] = [];
  const there = await client.query<{ id: string }>('SELECT id FROM merchants ORDER BY id LIMIT $1', [SKUS.length]);
  for (const [index, skus] of SKUS.entries()) {
    const position = index + 1;
    const id = there.rows[index]?.id ?? newId();
    await client.query('INSERT INTO merchants (id, name, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
      id,
      `Filled merchant ${position}`,
      since,
    ]);
    const accounts: Record<string, string> = {};
    for (const gateway of GATEWAY_NAMES) accounts[gateway] = await accountAt(client, vault, id, gateway, since);
    const { alipay = '', wechatpay = '', unionpay = '' } = accounts;
    merchants.push({ position, id, actor: `api_key:${newId()}`, skus, alipay, wechatpay, unionpay });
    await stock(client, id, skus, since);
  }
  return merchants;
}

/** The merchant's own account there, or one that is switched off, since nobody will ever be paid at it. */
async function accountAt(client: Client, vault: Vault, merchantId: string, gateway: string, since: Date): Promise<string> {
  const own = 'SELECT id FROM gateway_accounts WHERE merchant_id = $1 AND gateway = $2 ORDER BY is_default DESC, id LIMIT 1';
  const there = await client.query<{ id: string }>(own, [merchantId, gateway]);
  const [account] = there.rows;
  if (account) return account.id;
  const id = newId();
  await client.query(
    `INSERT INTO gateway_accounts (id, merchant_id, gateway, identity, name, source, settings, secrets, enabled, is_default, created_at, updated_at)
     VALUES ($1, $2, $3, $4, 'filled', 'api', '{}', $5, false, false, $6, $6)`,
    [id, merchantId, gateway, `filled-${id}`, vault.seal(Buffer.from('{}'), `gateway_accounts/${id}`), since],
  );
  return id;
}

async function stock(client: Client, merchantId: string, skus: number, since: Date): Promise<void> {
  await client.query(
    `WITH sku AS (SELECT n::bigint, 'FILL-' || lpad(n::text, 5, '0') AS sku FROM generate_series(1, $2::int) AS n), added AS (
       INSERT INTO products (id, merchant_id, sku, name, price, currency, created_at, updated_at)
       SELECT pg_temp.id7($3::timestamptz, n, ($1::uuid)::text), $1::uuid, sku, 'Product ' || n, 1000 + n * 37 % 500 * 100, 'CNY', $3, $3 FROM sku
       ON CONFLICT (merchant_id, sku) DO NOTHING RETURNING sku
     ), opened AS (
       INSERT INTO stock_levels (merchant_id, sku, on_hand) SELECT $1::uuid, sku, $4::bigint FROM added
     )
     INSERT INTO stock_movements (merchant_id, sku, kind, on_hand_delta, reserved_delta, created_at) SELECT $1::uuid, sku, 'opened', $4::bigint, 0, $3 FROM added`,
    [merchantId, skus, since, OPENED],
  );
}

/** The counts are what the movements add up to. Nobody moves any meanwhile. */
export async function addUpStock(client: Client): Promise<void> {
  await client.query('BEGIN');
  await client.query('LOCK TABLE stock_levels IN EXCLUSIVE MODE');
  await client.query(
    `UPDATE stock_levels l SET on_hand = s.on_hand, reserved = s.reserved
       FROM (SELECT merchant_id, sku, sum(on_hand_delta)::bigint AS on_hand, sum(reserved_delta)::bigint AS reserved
               FROM stock_movements WHERE sku LIKE 'FILL-%' GROUP BY 1, 2) AS s
      WHERE s.merchant_id = l.merchant_id AND s.sku = l.sku`,
  );
  await client.query('COMMIT');
}
