import { Injectable } from '@nestjs/common';

import { ProductChanged } from '../contracts/product-changed.js';
import { ProductCreated } from '../contracts/product-created.js';
import { ProductPrices, merchantSkuKey, type MerchantSku, type PricedProduct } from '../contracts/product-prices.port.js';
import { required } from '../kernel/assert.js';
import { conflict, notFound } from '../kernel/domain-error.js';
import { GREATEST_ID, newId, type MerchantId } from '../kernel/ids.js';
import { money } from '../kernel/money.js';
import type { Reader } from '../kernel/reader.js';
import type { Writer } from '../kernel/writer.js';
import { columnsOf } from '../platform/database/columns.js';
import { Reads } from '../platform/database/reads.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { ProductEntity } from './product.entity.js';

/** With more, it begins to learn them anew. */
const MOST_REMEMBERED = 10_000;

const PRODUCT = columnsOf(ProductEntity, 'p');

/** The catalogue: what a merchant sells, and for how much. */
@Injectable()
export class Products extends ProductPrices {
  /** As this process last read them, by `merchantSkuKey`. */
  private readonly known = new Map<string, PricedProduct & MerchantSku>();

  constructor(private readonly reads: Reads) {
    super();
  }

  /** Throws the 409 `sku_exists` where the merchant has the SKU already. */
  async create(
    work: UnitOfWork,
    merchantId: MerchantId,
    wanted: { sku: string; name: string; price: number; currency: string; stock: number },
  ): Promise<ProductEntity> {
    const { sku, name, price, currency, stock } = wanted;
    const inserted = await work.query(
      `INSERT INTO products (id, merchant_id, sku, name, price, currency, created_at, updated_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (merchant_id, sku) DO NOTHING RETURNING id`,
      [newId(), merchantId, sku, name, price, currency, work.now],
    );
    if (inserted.length === 0) throw conflict('sku_exists', `You have a product ${sku} already. Change it with PATCH /v1/products/${sku}.`);
    work.publish(new ProductCreated({ merchantId, orderId: null, sku, price: money(price, currency), stock }));
    return required(await this.named(work, merchantId, sku), 'a product that was just written');
  }

  async change(work: UnitOfWork, merchantId: MerchantId, sku: string, change: { name?: string; price?: number }): Promise<ProductEntity> {
    await work.query(
      `UPDATE products SET name = coalesce($3, name), price = coalesce($4, price), updated_at = $5 WHERE merchant_id = $1 AND sku = $2`,
      [merchantId, sku, change.name ?? null, change.price ?? null, work.now],
    );
    const product = await this.named(work, merchantId, sku);
    if (!product) throw noSuchProduct(sku);
    work.publish(new ProductChanged({ merchantId, orderId: null, sku, name: product.name, price: money(product.price, product.currency) }));
    return product;
  }

  async get(merchantId: MerchantId, sku: string): Promise<ProductEntity> {
    const product = await this.named(this.reads, merchantId, sku);
    if (!product) throw noSuchProduct(sku);
    return product;
  }

  list(merchantId: MerchantId, limit: number, before: string | undefined): Promise<ProductEntity[]> {
    return this.reads.query<ProductEntity>(
      `SELECT ${PRODUCT} FROM products p WHERE p.merchant_id = $1 AND p.id < $2 ORDER BY p.id DESC LIMIT $3`,
      [merchantId, before ?? GREATEST_ID, limit + 1],
    );
  }

  override async find(reader: Reader, wanted: readonly MerchantSku[]): Promise<ReadonlyMap<string, PricedProduct>> {
    const rows = await reader.query<PricedProduct & MerchantSku>(
      `SELECT p.merchant_id AS "merchantId", p.sku, p.name, p.price, p.currency
         FROM products p JOIN unnest($1::uuid[], $2::text[]) AS wanted(merchant_id, sku) USING (merchant_id, sku)`,
      [wanted.map(({ merchantId }) => merchantId), wanted.map(({ sku }) => sku)],
    );
    const found = new Map(rows.map((row) => [merchantSkuKey(row), row]));
    if (this.known.size > MOST_REMEMBERED) this.known.clear();
    for (const key of wanted.map(merchantSkuKey)) this.remember(key, found.get(key));
    return found;
  }

  private remember(key: string, product: (PricedProduct & MerchantSku) | undefined): void {
    if (product) this.known.set(key, product);
    else this.known.delete(key);
  }

  override presumed(writer: Writer, wanted: readonly MerchantSku[]): ReadonlyMap<string, PricedProduct> | undefined {
    const found = new Map<string, PricedProduct & MerchantSku>();
    for (const key of new Set(wanted.map(merchantSkuKey))) {
      const product = this.known.get(key);
      if (!product) return undefined;
      found.set(key, product);
    }
    const products = [...found.values()];
    writer.write(
      `SELECT presume(count(*) = cardinality($1::uuid[]))
         FROM products p JOIN unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[]) AS known(merchant_id, sku, name, price, currency)
           USING (merchant_id, sku, name, price, currency)`,
      [
        products.map(({ merchantId }) => merchantId),
        products.map(({ sku }) => sku),
        products.map(({ name }) => name),
        products.map(({ price }) => price),
        products.map(({ currency }) => currency),
      ],
    );
    return found;
  }

  private async named(reader: Reader, merchantId: MerchantId, sku: string): Promise<ProductEntity | undefined> {
    const [product] = await reader.query<ProductEntity>(`SELECT ${PRODUCT} FROM products p WHERE p.merchant_id = $1 AND p.sku = $2`, [
      merchantId,
      sku,
    ]);
    return product;
  }
}

const noSuchProduct = (sku: string) => notFound('not_found', `You have no product ${sku}.`);
