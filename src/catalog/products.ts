import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { LessThan, type DataSource } from 'typeorm';

import { ProductChanged } from '../contracts/product-changed.js';
import { ProductCreated } from '../contracts/product-created.js';
import { ProductPrices, merchantSkuKey, type MerchantSku, type PricedProduct } from '../contracts/product-prices.port.js';
import { conflict, notFound } from '../kernel/domain-error.js';
import { newId, type MerchantId } from '../kernel/ids.js';
import { money } from '../kernel/money.js';
import type { Reader } from '../kernel/reader.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { ProductEntity } from './product.entity.js';

/** The catalogue: what a merchant sells, and for how much. */
@Injectable()
export class Products extends ProductPrices {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
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
    return work.manager.findOneByOrFail(ProductEntity, { merchantId, sku });
  }

  async change(work: UnitOfWork, merchantId: MerchantId, sku: string, change: { name?: string; price?: number }): Promise<ProductEntity> {
    await work.query(
      `UPDATE products SET name = coalesce($3, name), price = coalesce($4, price), updated_at = $5 WHERE merchant_id = $1 AND sku = $2`,
      [merchantId, sku, change.name ?? null, change.price ?? null, work.now],
    );
    const product = await work.manager.findOneBy(ProductEntity, { merchantId, sku });
    if (!product) throw noSuchProduct(sku);
    work.publish(new ProductChanged({ merchantId, orderId: null, sku, name: product.name, price: money(product.price, product.currency) }));
    return product;
  }

  async get(merchantId: MerchantId, sku: string): Promise<ProductEntity> {
    const product = await this.dataSource.getRepository(ProductEntity).findOneBy({ merchantId, sku });
    if (!product) throw noSuchProduct(sku);
    return product;
  }

  list(merchantId: MerchantId, limit: number, before: string | undefined): Promise<ProductEntity[]> {
    return this.dataSource
      .getRepository(ProductEntity)
      .find({ where: { merchantId, ...(before ? { id: LessThan(before) } : {}) }, order: { id: 'DESC' }, take: limit + 1 });
  }

  override async find(reader: Reader, wanted: readonly MerchantSku[]): Promise<ReadonlyMap<string, PricedProduct>> {
    const rows = await reader.query<PricedProduct & MerchantSku & Record<string, unknown>>(
      `SELECT p.merchant_id AS "merchantId", p.sku, p.name, p.price, p.currency
         FROM products p JOIN unnest($1::uuid[], $2::text[]) AS wanted(merchant_id, sku) USING (merchant_id, sku)`,
      [wanted.map(({ merchantId }) => merchantId), wanted.map(({ sku }) => sku)],
    );
    return new Map(rows.map((row) => [merchantSkuKey(row), row]));
  }
}

const noSuchProduct = (sku: string) => notFound('not_found', `You have no product ${sku}.`);
