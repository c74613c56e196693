import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { IsNull, LessThan, type DataSource } from 'typeorm';

import { ApiKeys, type Caller } from '../contracts/api-keys.port.js';
import type { KnownMerchants } from '../contracts/merchants.port.js';
import { SCOPES, type Scope } from '../contracts/scopes.js';
import { Batcher, type Settled } from '../kernel/batcher.js';
import { Clock } from '../kernel/clock.js';
import { notFound } from '../kernel/domain-error.js';
import { newId, type MerchantId } from '../kernel/ids.js';
import { apiKeyHint, hashApiKey, newApiKey } from './api-key.js';
import { ApiKeyEntity, MerchantEntity } from './merchant.entity.js';

/** Two processes that start at once must not both make the first merchant. */
const BOOTSTRAP_LOCK = 20_260_101;

export interface IssuedApiKey {
  readonly apiKey: ApiKeyEntity;
  /** Shown this once. */
  readonly secret: string;
}

/** Merchants and their keys. */
@Injectable()
export class Merchants extends ApiKeys implements KnownMerchants {
  private readonly identifying = new Batcher(
    async (secrets: readonly string[]): Promise<Settled<Caller | undefined>[]> => {
      const hashes = new Map([...new Set(secrets)].map((secret) => [secret, hashApiKey(secret)]));
      const found = await this.dataSource.query<(Caller & { readonly secretHash: Buffer })[]>(
        `SELECT secret_hash AS "secretHash", merchant_id AS "merchantId", id AS "apiKeyId", scopes FROM api_keys
          WHERE secret_hash = ANY($1::bytea[]) AND revoked_at IS NULL`,
        [[...hashes.values()]],
      );
      const callers = new Map(found.map(({ secretHash, ...caller }) => [secretHash.toString('hex'), caller]));
      return secrets.map((secret) => ({ ok: true, value: callers.get(hashes.get(secret)?.toString('hex') ?? '') }));
    },
    { batchSize: 100, batchesInFlight: 2 },
  );

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Asked of the database each time, so that a key that was revoked opens nothing any more; but for many callers at once. */
  override identify(secret: string): Promise<Caller | undefined> {
    return this.identifying.submit(secret);
  }

  /** The first merchant's key: made with the merchant, or added to it; nothing where the key is known. */
  async bootstrap(secret: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [BOOTSTRAP_LOCK]);
      if (await manager.existsBy(ApiKeyEntity, { secretHash: hashApiKey(secret) })) return;
      const [first] = await manager.find(MerchantEntity, { order: { id: 'ASC' }, take: 1 });
      const merchant =
        first ?? manager.create(MerchantEntity, { id: newId<'merchant'>(), name: 'First merchant', createdAt: this.clock.now() });
      if (!first) await manager.insert(MerchantEntity, merchant);
      await manager.insert(ApiKeyEntity, this.keyOf(merchant.id, 'bootstrap', SCOPES, secret));
    });
  }

  exists(id: MerchantId): Promise<boolean> {
    return this.dataSource.getRepository(MerchantEntity).existsBy({ id });
  }

  async first(): Promise<MerchantId | undefined> {
    const [first] = await this.dataSource.getRepository(MerchantEntity).find({ order: { id: 'ASC' }, take: 1 });
    return first?.id;
  }

  /** Opens a merchant, with a first key that may do everything but run the system. */
  async open(name: string): Promise<{ readonly merchant: MerchantEntity } & IssuedApiKey> {
    return this.dataSource.transaction(async (manager) => {
      const merchant = manager.create(MerchantEntity, { id: newId<'merchant'>(), name, createdAt: this.clock.now() });
      await manager.insert(MerchantEntity, merchant);
      const secret = newApiKey('test');
      const apiKey = this.keyOf(
        merchant.id,
        'first',
        SCOPES.filter((scope) => scope !== 'admin'),
        secret,
      );
      await manager.insert(ApiKeyEntity, apiKey);
      return { merchant, apiKey, secret };
    });
  }

  async issueKey(merchantId: MerchantId, wanted: { name: string; mode: 'test' | 'live'; scopes: readonly Scope[] }): Promise<IssuedApiKey> {
    const secret = newApiKey(wanted.mode);
    const apiKey = this.keyOf(merchantId, wanted.name, wanted.scopes, secret);
    await this.keys.insert(apiKey);
    return { apiKey, secret };
  }

  listKeys(merchantId: MerchantId, limit: number, before: string | undefined): Promise<ApiKeyEntity[]> {
    return this.keys.find({ where: { merchantId, ...(before ? { id: LessThan(before) } : {}) }, order: { id: 'DESC' }, take: limit + 1 });
  }

  /** Ends a key at once. Ending it again changes nothing. */
  async revokeKey(merchantId: MerchantId, id: string): Promise<void> {
    await this.keys.update({ id, merchantId, revokedAt: IsNull() }, { revokedAt: this.clock.now() });
    if (!(await this.keys.existsBy({ id, merchantId }))) throw notFound('not_found', 'You have no API key with this id.');
  }

  private get keys() {
    return this.dataSource.getRepository(ApiKeyEntity);
  }

  private keyOf(merchantId: MerchantId, name: string, scopes: readonly Scope[], secret: string): ApiKeyEntity {
    return this.keys.create({
      id: newId(),
      merchantId,
      name,
      hint: apiKeyHint(secret),
      secretHash: hashApiKey(secret),
      scopes: [...scopes],
      createdAt: this.clock.now(),
      revokedAt: null,
    });
  }
}
