import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { LessThan, type DataSource } from 'typeorm';

import { ApiKeyEnded } from '../contracts/api-key-ended.js';
import { ApiKeyIssued } from '../contracts/api-key-issued.js';
import { ApiKeys, type Caller } from '../contracts/api-keys.port.js';
import { MerchantOpened } from '../contracts/merchant-opened.js';
import type { KnownMerchants } from '../contracts/merchants.port.js';
import { SCOPES, type Scope } from '../contracts/scopes.js';
import { Batcher, type Settled } from '../kernel/batcher.js';
import { Clock, after } from '../kernel/clock.js';
import { DomainError, conflict, notFound } from '../kernel/domain-error.js';
import type { Origin } from '../kernel/domain-event.js';
import { newId, type MerchantId } from '../kernel/ids.js';
import type { Reader } from '../kernel/reader.js';
import type { Writer } from '../kernel/writer.js';
import { Reads } from '../platform/database/reads.js';
import { Transactions } from '../platform/events/transactions.js';
import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import { apiKeyHint, hashApiKey, modeOf, newApiKey } from './api-key.js';
import { ApiKeyEntity, MerchantEntity } from './merchant.entity.js';

/** Two processes that start at once must not both make the first merchant. */
const BOOTSTRAP_LOCK = 20_260_101;

export interface IssuedApiKey {
  readonly apiKey: ApiKeyEntity;
  /** Shown this once. */
  readonly secret: string;
}

interface WantedKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** With more, it begins to learn them anew. */
const MOST_REMEMBERED = 10_000;

/** Merchants and their keys. */
@Injectable()
export class Merchants extends ApiKeys implements KnownMerchants {
  /** By the hashes of their keys. */
  private readonly callers = new Map<string, Caller>();

  private readonly identifying = new Batcher(
    async (secrets: readonly string[]): Promise<Settled<Caller | undefined>[]> => {
      const hashes = new Map([...new Set(secrets)].map((secret) => [secret, hashApiKey(secret)]));
      const found = await this.reads.query<Caller & { readonly secretHash: Buffer }>(
        `SELECT secret_hash AS "secretHash", merchant_id AS "merchantId", id AS "apiKeyId", scopes FROM api_keys
          WHERE secret_hash = ANY($1::bytea[]) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`,
        [[...hashes.values()], this.clock.now()],
      );
      const callers = new Map(found.map(({ secretHash, ...caller }) => [secretHash.toString('hex'), caller]));
      if (this.callers.size > MOST_REMEMBERED) this.callers.clear();
      for (const hash of hashes.values()) this.remember(hash.toString('hex'), callers.get(hash.toString('hex')));
      return secrets.map((secret) => ({ ok: true, value: callers.get(hashes.get(secret)?.toString('hex') ?? '') }));
    },
    { batchSize: 100, batchesInFlight: 2 },
  );

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly reads: Reads,
    private readonly clock: Clock,
    private readonly transactions: Transactions,
  ) {
    super();
  }

  /** Asked of the database each time, so that a key that was revoked opens nothing any more; but for many callers at once. */
  override identify(secret: string): Promise<Caller | undefined> {
    return this.identifying.submit(secret);
  }

  override remembered(secret: string): Caller | undefined {
    return this.callers.get(hashApiKey(secret).toString('hex'));
  }

  private remember(hash: string, caller: Caller | undefined): void {
    if (caller) this.callers.set(hash, caller);
    else this.callers.delete(hash);
  }

  override async ended(reader: Reader, apiKeyIds: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await reader.query<{ id: string }>(
      `SELECT asked.id FROM unnest($1::uuid[]) AS asked(id)
        WHERE NOT EXISTS (SELECT FROM api_keys k WHERE k.id = asked.id AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2))`,
      [apiKeyIds, this.clock.now()],
    );
    const ended = new Set(rows.map(({ id }) => id));
    if (ended.size > 0) this.callers.forEach(({ apiKeyId }, hash) => ended.has(apiKeyId) && this.callers.delete(hash));
    return ended;
  }

  override presumeGood(writer: Writer, apiKeyIds: readonly string[]): void {
    writer.write(
      `SELECT presume(count(*) = cardinality($1::uuid[])) FROM api_keys k
        WHERE k.id = ANY($1::uuid[]) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > $2)`,
      [apiKeyIds, this.clock.now()],
    );
  }

  /** The first merchant's key: made with the merchant, or added to it; nothing where the key is known. */
  async bootstrap(secret: string): Promise<void> {
    const origin = { correlationId: newId(), causationId: null, actor: 'system:start' };
    await this.transactions.run(origin, async (work) => {
      work.write('SELECT pg_advisory_xact_lock($1)', [BOOTSTRAP_LOCK]);
      if (await work.manager.existsBy(ApiKeyEntity, { secretHash: hashApiKey(secret) })) return;
      const [first] = await work.manager.find(MerchantEntity, { order: { id: 'ASC' }, take: 1 });
      const { id } = first ?? insertMerchant(work, 'First merchant');
      insertKey(work, id, { name: 'bootstrap', scopes: SCOPES }, secret);
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
  async open(origin: Origin, name: string): Promise<{ readonly merchant: MerchantEntity } & IssuedApiKey> {
    return this.transactions.run(origin, (work) => {
      const merchant = insertMerchant(work, name);
      const scopes = SCOPES.filter((scope) => scope !== 'admin');
      return Promise.resolve({ merchant, ...insertKey(work, merchant.id, { name: 'first', scopes }, newApiKey('test')) });
    });
  }

  issueKey(origin: Origin, merchantId: MerchantId, wanted: WantedKey & { readonly mode: 'test' | 'live' }): Promise<IssuedApiKey> {
    return this.transactions.run(origin, (work) => Promise.resolve(insertKey(work, merchantId, wanted, newApiKey(wanted.mode))));
  }

  /**
   * A key of the same name and scopes in the place of another, which is good for `overlap` milliseconds more. Whoever asks gets the new
   * key, so none that may do more than their own. Throws `not_found`, `insufficient_scope`, `illegal_transition`.
   */
  async rotateKey(origin: Origin, caller: Caller, id: string, overlap: number): Promise<IssuedApiKey> {
    const { merchantId } = caller;
    return this.transactions.run(origin, async (work) => {
      const former = await work.manager.findOneBy(ApiKeyEntity, { id, merchantId });
      if (!former) throw noSuchKey();
      const beyond = former.scopes.filter((scope) => !caller.scopes.includes(scope));
      if (beyond.length > 0) throw new DomainError('forbidden', 'insufficient_scope', `Your own key does not have ${beyond.join(', ')}.`);
      const endsAt = after(work.now, overlap);
      // Of several who rotate it at once, the later ones wait here for the first, and then find it rotated.
      const rotated = await work.query(
        'UPDATE api_keys SET expires_at = $2 WHERE id = $1 AND expires_at IS NULL AND revoked_at IS NULL RETURNING id',
        [id, endsAt],
      );
      if (rotated.length === 0)
        throw conflict('illegal_transition', 'The key has ended, or another has taken over from it: issue one, or rotate that one.');
      work.publish(new ApiKeyEnded({ merchantId, orderId: null, apiKeyId: id, endsAt: endsAt.toISOString() }));
      return insertKey(work, merchantId, former, newApiKey(modeOf(former.hint)), id);
    });
  }

  listKeys(merchantId: MerchantId, limit: number, before: string | undefined): Promise<ApiKeyEntity[]> {
    return this.keys.find({ where: { merchantId, ...(before ? { id: LessThan(before) } : {}) }, order: { id: 'DESC' }, take: limit + 1 });
  }

  /** Ends a key at once. Ending it again changes nothing. Throws `not_found`. */
  async revokeKey(origin: Origin, merchantId: MerchantId, id: string): Promise<void> {
    await this.transactions.run(origin, async (work) => {
      const revoked = await work.query(
        'UPDATE api_keys SET revoked_at = $3 WHERE id = $1 AND merchant_id = $2 AND revoked_at IS NULL RETURNING id',
        [id, merchantId, work.now],
      );
      if (revoked.length > 0) work.publish(new ApiKeyEnded({ merchantId, orderId: null, apiKeyId: id, endsAt: work.now.toISOString() }));
      else if (!(await work.manager.existsBy(ApiKeyEntity, { id, merchantId }))) throw noSuchKey();
    });
  }

  private get keys() {
    return this.dataSource.getRepository(ApiKeyEntity);
  }
}

function insertMerchant(work: UnitOfWork, name: string): MerchantEntity {
  const merchant = { id: newId<'merchant'>(), name, createdAt: work.now };
  work.write('INSERT INTO merchants (id, name, created_at) VALUES ($1, $2, $3)', [merchant.id, name, work.now]);
  work.publish(new MerchantOpened({ merchantId: merchant.id, orderId: null, name }));
  return merchant;
}

function insertKey(
  work: UnitOfWork,
  merchantId: MerchantId,
  { name, scopes }: WantedKey,
  secret: string,
  replaces: string | null = null,
): IssuedApiKey {
  const hint = apiKeyHint(secret);
  const apiKey: ApiKeyEntity = {
    ...{ id: newId(), merchantId, name, hint, secretHash: hashApiKey(secret), scopes: [...scopes] },
    ...{ createdAt: work.now, expiresAt: null, revokedAt: null },
  };
  work.write('INSERT INTO api_keys (id, merchant_id, name, hint, secret_hash, scopes, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)', [
    apiKey.id,
    merchantId,
    name,
    hint,
    apiKey.secretHash,
    apiKey.scopes,
    work.now,
  ]);
  work.publish(new ApiKeyIssued({ merchantId, orderId: null, apiKeyId: apiKey.id, name, hint, scopes, replaces }));
  return { apiKey, secret };
}

const noSuchKey = () => notFound('not_found', 'You have no API key with this id.');
