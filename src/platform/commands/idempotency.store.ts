import { Injectable } from '@nestjs/common';

import { SECOND, after } from '../../kernel/clock.js';
import type { MerchantId } from '../../kernel/ids.js';
import type { UnitOfWork } from '../events/unit-of-work.js';

/** What a client sent with its `Idempotency-Key`, as far as it matters for telling two requests apart. */
export interface IdempotencyKey {
  readonly merchantId: MerchantId;
  readonly key: string;
  /** Of the method, the path and the body: the same key with another hash is a mistake of the client. */
  readonly requestHash: string;
}

export interface IdempotencyRecord {
  readonly merchantId: MerchantId;
  readonly key: string;
  readonly requestHash: string;
  /** The id of what the request made, chosen before anything was made: a repeat after a crash goes on with it. */
  readonly resourceId: string;
  /** Null while the first request is under way, or died. */
  readonly answer: StoredAnswer | null;
  readonly underWay: boolean;
}

export type StoredAnswer = { readonly body: unknown } | { readonly error: Readonly<Record<string, unknown>> };

/** A request that spans two transactions is taken for dead after this long without an answer. */
const UNDER_WAY_FOR = 30 * SECOND;

/** Unlike those of the migrations, the modules and the partitions. */
const RETENTION_LOCK = 20_260_105;

/** The records of what was answered to which key, kept for at least a day. */
@Injectable()
export class IdempotencyStore {
  /** Locks each key until the transaction ends. Answers, in order, whether nobody else holds it. */
  async tryLock(work: UnitOfWork, keys: readonly IdempotencyKey[]): Promise<boolean[]> {
    const rows = await work.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtextextended(name, 0)) AS locked
         FROM unnest($1::text[]) WITH ORDINALITY AS wanted(name, n) ORDER BY n`,
      [keys.map(({ merchantId, key }) => `${merchantId}/${key}`)],
    );
    return rows.map((row) => row.locked);
  }

  /** Lets the transaction fail (`presume`) where one of the keys is somebody else's at this moment, or has a record. Locks them, as `tryLock` does. */
  presumeNew(work: UnitOfWork, keys: readonly IdempotencyKey[]): void {
    work.write('SELECT presume(bool_and(pg_try_advisory_xact_lock(hashtextextended(name, 0)))) FROM unnest($1::text[]) AS wanted(name)', [
      keys.map(({ merchantId, key }) => `${merchantId}/${key}`),
    ]);
    work.write(
      `SELECT presume(NOT EXISTS (SELECT FROM idempotency_keys r JOIN unnest($1::uuid[], $2::text[]) AS wanted(merchant_id, key)
                                      ON r.merchant_id = wanted.merchant_id AND r.key = wanted.key))`,
      [keys.map(({ merchantId }) => merchantId), keys.map(({ key }) => key)],
    );
  }

  async find(work: UnitOfWork, keys: readonly IdempotencyKey[]): Promise<IdempotencyRecord[]> {
    return work.query<IdempotencyRecord>(
      `SELECT r.merchant_id AS "merchantId", r.key, r.request_hash AS "requestHash", r.resource_id AS "resourceId",
              r.answer, r.under_way_until > $3 AS "underWay"
         FROM idempotency_keys r JOIN unnest($1::uuid[], $2::text[]) AS wanted(merchant_id, key)
           ON r.merchant_id = wanted.merchant_id AND r.key = wanted.key`,
      [keys.map(({ merchantId }) => merchantId), keys.map(({ key }) => key), work.now],
    );
  }

  /** Writes the records; an unanswered one that stands there already is answered, or its time under way renewed. */
  save(work: UnitOfWork, records: readonly (IdempotencyKey & { resourceId: string; answer: StoredAnswer | null })[]): void {
    work.write(
      `INSERT INTO idempotency_keys (merchant_id, key, request_hash, resource_id, answer, created_at, under_way_until)
       SELECT merchant_id, key, request_hash, resource_id, CASE json_typeof(answer) WHEN 'null' THEN NULL ELSE answer END, $6, $7
         FROM ROWS FROM (unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[]), json_array_elements($5::json))
           AS new(merchant_id, key, request_hash, resource_id, answer)
       ON CONFLICT (merchant_id, key) DO UPDATE SET answer = excluded.answer, under_way_until = excluded.under_way_until`,
      [
        records.map((record) => record.merchantId),
        records.map((record) => record.key),
        records.map((record) => record.requestHash),
        records.map((record) => record.resourceId),
        // As one: an array of texts would have each of their quotes escaped.
        JSON.stringify(records.map((record) => record.answer)),
        work.now,
        after(work.now, UNDER_WAY_FOR),
      ],
    );
  }

  /** Forgets what is older than `before`, a bounded number at a time. Answers how many; none where another process is at it. */
  async forget(work: UnitOfWork, before: Date): Promise<number> {
    const [lock] = await work.query<{ mine: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS mine', [RETENTION_LOCK]);
    if (!lock?.mine) return 0;
    // By their places: looking each of them up again by its key would take four times as long.
    const [gone] = await work.query<{ count: number }>(
      `WITH gone AS (DELETE FROM idempotency_keys WHERE ctid = ANY
         (ARRAY(SELECT ctid FROM idempotency_keys WHERE created_at < $1 ORDER BY created_at LIMIT 10000)) RETURNING 1)
       SELECT count(*) FROM gone`,
      [before],
    );
    return gone?.count ?? 0;
  }
}
