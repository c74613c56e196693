import { Injectable } from '@nestjs/common';

import { assert } from '../../kernel/assert.js';
import { ApiKeys } from '../../contracts/api-keys.port.js';
import { Batcher, type Settled } from '../../kernel/batcher.js';
import { DomainError, conflict, impossible, type DomainErrorKind } from '../../kernel/domain-error.js';
import type { Origin } from '../../kernel/domain-event.js';
import { newId } from '../../kernel/ids.js';
import { isPresumedWrongly, isUnavailable } from '../database/database-errors.js';
import { Transactions } from '../events/transactions.js';
import { followingNobody } from '../logging/trail.js';
import { MembersRefused, type UnitOfWork } from '../events/unit-of-work.js';
import { Confidence } from './confidence.js';
import { IdempotencyStore, type IdempotencyKey, type IdempotencyRecord, type StoredAnswer } from './idempotency.store.js';

/** An API key that was good when this process last asked. */
export interface RememberedKey {
  readonly apiKeyId: string;
  /** Told where it has ended since. */
  readonly onEnded: () => void;
}

/** A request to change something: on whose behalf, and under which key, if any. */
export interface CommandRequest {
  readonly origin: Origin;
  /** Where whoever let it in relies on us to look whether its API key is still good. */
  readonly remembered?: RememberedKey | undefined;
  readonly idempotency?: IdempotencyKey;
  /** Told when the answer is a repeat of the first one. */
  readonly onReplay?: () => void;
}

/** One request of a batch. `id` is chosen for what it makes, so that a repeat after a crash makes the same thing. */
export interface Member<Input> {
  readonly id: string;
  readonly input: Input;
  readonly request: CommandRequest;
}

/** What is done for the members of a batch. */
interface Steps<Input, Output, Known> {
  /**
   * Reads what `act` has to know of the members, whatever their keys say, and locks what it has to: it is asked in the same packet as
   * those. A repeat, too, waits for such a lock.
   */
  readonly ahead?: (work: UnitOfWork, members: readonly Member<Input>[]) => Promise<Known>;
  /**
   * The same out of memory, where all of it is there, with statements that let the transaction fail (`presume`) where it is not so any
   * more. Nobody waits for an answer then before all is done, so this is nothing for what has to be locked and looked at.
   */
  readonly presumed?: (work: UnitOfWork, members: readonly Member<Input>[]) => Known | undefined;
  /** Answers each member. `known` is what `ahead` has read, of all of them. */
  readonly act: (work: UnitOfWork, members: readonly Member<Input>[], known: Known) => readonly Output[] | Promise<readonly Output[]>;
}

/**
 * As many as amortize a commit, and two under way, so that one computes while the other waits for the disk. What a batch costs by
 * itself, its dozen statements, is as much as ten orders: it is not worth it for fewer.
 */
const TOGETHER = { batchSize: 100, batchesInFlight: 2, worthwhile: 16 };

/** A key that was answered before, or cannot be answered now. */
type Verdict = { readonly replay: StoredAnswer } | { readonly refusal: DomainError } | { readonly resumes: string } | undefined;

/**
 * Runs requests that change things: each once, however often it is sent, with its answer stored in the transaction of
 * its effect. What is answered must be plain JSON: it is given again as it is.
 */
@Injectable()
export class Commands {
  constructor(
    private readonly transactions: Transactions,
    private readonly store: IdempotencyStore,
    private readonly apiKeys: ApiKeys,
  ) {}

  /** One request, one transaction. */
  async run<Output>(request: CommandRequest, handler: (work: UnitOfWork, id: string) => Promise<Output>): Promise<Output> {
    const act = async (work: UnitOfWork, [member]: readonly Member<undefined>[]) => [await handler(work, member?.id ?? newId())];
    const [settled] = await this.execute([{ id: newId(), input: undefined, request }], { act }, new Confidence());
    return unwrap(settled);
  }

  /**
   * Requests that arrive together share a transaction. Each is refused, or succeeds, for itself. `orderOf` is the order whose family
   * a request changes, where it exists already: of each family there is one in a batch, and the next one finds what it has changed.
   */
  batched<Input, Output, Known = undefined>(steps: Steps<Input, Output, Known>, orderOf?: (input: Input) => string | undefined) {
    const confidence = new Confidence();
    const batcher = new Batcher(
      (members: readonly Member<Input>[]) => {
        confidence.returns();
        return followingNobody(() => this.execute(members, steps, confidence));
      },
      TOGETHER,
      orderOf && (({ input }) => orderOf(input)),
    );
    return (request: CommandRequest, input: Input): Promise<Output> => batcher.submit({ id: newId(), input, request });
  }

  /**
   * A request that speaks to the outside between two transactions. `handler` runs its own; if the process dies in
   * between, a repeat with the same key runs it again with the same `id`, for it to go on where it stopped.
   */
  async runAcross<Output>(request: CommandRequest, handler: (id: string) => Promise<Output>): Promise<Output> {
    const key = request.idempotency;
    if (!key) {
      if (request.remembered) await this.run(request, () => Promise.resolve(undefined));
      return handler(newId());
    }
    const claimed = await this.transactions.run(request.origin, async (work) => {
      const [verdict] = await this.judge(work, [{ id: '', input: undefined, request }]);
      if (verdict && !('resumes' in verdict)) return verdict;
      const resourceId = verdict ? verdict.resumes : newId();
      this.store.save(work, [{ ...key, resourceId, answer: null }]);
      return { resumes: resourceId };
    });
    if (!('resumes' in claimed)) return unwrap(settle<Output>(request, claimed));
    const resourceId = claimed.resumes;
    const answer = async (stored: StoredAnswer) =>
      this.transactions.run(request.origin, (work) => Promise.resolve(this.store.save(work, [{ ...key, resourceId, answer: stored }])));
    try {
      const body = await handler(resourceId);
      await answer({ body });
      return body;
    } catch (error) {
      if (error instanceof DomainError) await answer({ error: describe(error) });
      throw error;
    }
  }

  private async execute<Input, Output, Known>(
    members: readonly Member<Input>[],
    steps: Steps<Input, Output, Known>,
    confidence: Confidence,
    known: ReadonlyMap<string, DomainError> = new Map(),
  ): Promise<Settled<Output>[]> {
    const refused = new Map(known);
    for (;;) {
      try {
        return await this.transactions.run(originOf(members), (work) => this.attempt(work, members, refused, steps, confidence));
      } catch (error) {
        const [only] = members;
        if (error instanceof MembersRefused) {
          error.errors.forEach((reason, id) => refused.set(id, reason));
          if (error.postponed.size > 0) return this.inTwo(members, error.postponed, refused, steps, confidence);
          if (members.every(({ id, request }) => refused.has(id) && !request.idempotency)) {
            return members.map(({ id }) => ({ ok: false, error: refused.get(id) }));
          }
        } else if (isUnavailable(error)) {
          // Whether it was committed cannot be known here; doing it again could do it twice.
          return members.map(() => ({ ok: false, error }));
        } else if (members.length > 1) {
          // Nobody foresaw this: each is tried for itself, so that only the one at fault fails.
          return (await Promise.all(members.map((member) => this.execute([member], steps, confidence)))).flat();
        } else if (error instanceof DomainError && only?.request.idempotency && !refused.has(only.id)) {
          refused.set(only.id, error);
        } else {
          return [{ ok: false, error }];
        }
      }
    }
  }

  /** First those that need not wait, then those that were postponed. The first of a batch never is, so this ends. */
  private async inTwo<Input, Output, Known>(
    members: readonly Member<Input>[],
    postponed: ReadonlySet<string>,
    refused: ReadonlyMap<string, DomainError>,
    steps: Steps<Input, Output, Known>,
    confidence: Confidence,
  ): Promise<Settled<Output>[]> {
    const [now, later] = [members.filter(({ id }) => !postponed.has(id)), members.filter(({ id }) => postponed.has(id))];
    assert(now.length > 0, 'a batch postpones only those that wait for others of it');
    const settled = new Map<string, Settled<Output>>();
    for (const part of [now, later]) {
      const results = await this.execute(part, steps, confidence, refused);
      part.forEach(({ id }, index) => settled.set(id, results[index] ?? { ok: false, error: new Error('no answer') }));
    }
    return members.map(({ id }) => settled.get(id) ?? { ok: false, error: new Error('no answer') });
  }

  /** One transaction for the batch: what was answered before is repeated, what was refused is told, the rest is done. */
  private async attempt<Input, Output, Known>(
    work: UnitOfWork,
    members: readonly Member<Input>[],
    refused: ReadonlyMap<string, DomainError>,
    steps: Steps<Input, Output, Known>,
    confidence: Confidence,
  ): Promise<Settled<Output>[]> {
    const presumed = confidence.isThere() ? this.presume(work, members, steps, confidence) : undefined;
    const [verdicts, known] = presumed
      ? [members.map((): Verdict => undefined), presumed.known]
      : await Promise.all([this.judge(work, members), steps.ahead?.(work, members)]);
    const fresh = members.filter(({ id }, index) => verdicts[index] === undefined && !refused.has(id));
    // Where nothing is read ahead, nothing is what is known.
    const outputs = fresh.length > 0 ? await steps.act(work, fresh, known as Known) : [];
    assert(outputs.length === fresh.length, 'a handler answers each member of its batch');
    await work.settle();

    const done = new Map(fresh.map(({ id }, index) => [id, outputs[index]]));
    const answers = members.flatMap(({ id, request }, index): (IdempotencyKey & { resourceId: string; answer: StoredAnswer })[] => {
      if (!request.idempotency || verdicts[index] !== undefined) return [];
      const refusal = refused.get(id);
      return [{ ...request.idempotency, resourceId: id, answer: refusal ? { error: describe(refusal) } : { body: done.get(id) } }];
    });
    if (answers.length > 0) this.store.save(work, answers);

    return members.map(({ id, request }, index) => {
      const verdict = verdicts[index];
      if (verdict && !('resumes' in verdict)) return settle<Output>(request, verdict);
      const refusal = refused.get(id);
      return refusal ? { ok: false, error: refusal } : { ok: true, value: done.get(id) as Output };
    });
  }

  /** What is to be known is remembered, each key is new, and its API key good: where that is not so, the unit of work is done again by `judge`. */
  private presume<Input, Output, Known>(
    work: UnitOfWork,
    members: readonly Member<Input>[],
    steps: Steps<Input, Output, Known>,
    confidence: Confidence,
  ): { readonly known: Known } | undefined {
    const { keys, apiKeyIds } = keysOf(members);
    if (firstOfEach(members).size < keys.length) return undefined;
    const known = steps.presumed?.(work, members);
    if (known === undefined) return undefined;
    if (apiKeyIds.length > 0) this.apiKeys.presumeGood(work, apiKeyIds);
    if (keys.length > 0) this.store.presumeNew(work, keys);
    work.assume((failure) => {
      const wasWrong = isPresumedWrongly(failure);
      if (wasWrong) confidence.isLost();
      return wasWrong;
    });
    return { known };
  }

  private async judge(work: UnitOfWork, members: readonly Member<unknown>[]): Promise<Verdict[]> {
    const { keys, apiKeyIds } = keysOf(members);
    if (keys.length === 0 && apiKeyIds.length === 0) return members.map(() => undefined);
    const first = firstOfEach(members);
    // Of the last two statements, the second one sees what was committed before the first had the locks.
    const [ended, locked, found] = await Promise.all([
      apiKeyIds.length === 0 ? undefined : this.apiKeys.ended(work, apiKeyIds),
      keys.length === 0 ? [] : this.store.tryLock(work, keys),
      keys.length === 0 ? [] : this.store.find(work, keys),
    ]);
    const lockOf = new Map(keys.map((key, index) => [key, locked[index] ?? false]));
    const records = new Map(found.map((record) => [nameOf(record), record]));
    return members.map(({ id, request }) => {
      const key = request.idempotency;
      if (request.remembered && ended?.has(request.remembered.apiKeyId)) return { refusal: keyEnded() };
      if (!key) return undefined;
      // A second one in the same batch finds the lock its own: it waits for the first like everybody else.
      if (!lockOf.get(key) || first.get(nameOf(key)) !== id) return { refusal: inProgress() };
      return verdictOn(key, records.get(nameOf(key)));
    });
  }
}

/** Acts for each member, in memory: a rule that says no to one refuses that one. Goes no further where one was refused. */
export function eachMember<Input, Result>(
  work: UnitOfWork,
  members: readonly Member<Input>[],
  act: (member: Member<Input>) => Result,
): Result[] {
  const results = members.flatMap((member) => {
    try {
      return [act(member)];
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      work.refuse(member.id, error);
      return [];
    }
  });
  work.stopIfRefused();
  return results;
}

/** The first one's; a handler whose members have each their own says so (`UnitOfWork.actsFor`). */
function originOf(members: readonly Member<unknown>[]): Origin {
  const [first] = members;
  assert(first, 'a batch has members');
  return first.request.origin;
}

/** The idempotency keys of all, and their API keys that have to be looked up, each once. */
function keysOf(members: readonly Member<unknown>[]): { readonly keys: IdempotencyKey[]; readonly apiKeyIds: string[] } {
  return {
    keys: members.flatMap(({ request }) => (request.idempotency ? [request.idempotency] : [])),
    apiKeyIds: [...new Set(members.flatMap(({ request }) => request.remembered?.apiKeyId ?? []))],
  };
}

function firstOfEach(members: readonly Member<unknown>[]): Map<string, string> {
  const first = new Map<string, string>();
  for (const { id, request } of members) {
    if (request.idempotency && !first.has(nameOf(request.idempotency))) first.set(nameOf(request.idempotency), id);
  }
  return first;
}

function verdictOn(key: IdempotencyKey, record: IdempotencyRecord | undefined): Verdict {
  if (!record) return undefined;
  if (record.requestHash !== key.requestHash) {
    return {
      refusal: impossible('idempotency_key_reused', 'This Idempotency-Key was used for another request. Use a new key for a new request.'),
    };
  }
  if (record.answer) return { replay: record.answer };
  return record.underWay ? { refusal: inProgress() } : { resumes: record.resourceId };
}

function inProgress(): DomainError {
  return conflict('idempotency_in_progress', 'The first request with this Idempotency-Key is still under way. Send it again in a moment.');
}

/** What is said of a key that is none, whoever finds it out. */
export function keyEnded(): DomainError {
  return new DomainError('unauthorized', 'unauthorized', 'This API key is not known, or has ended.');
}

const nameOf = ({ merchantId, key }: { merchantId: string; key: string }): string => `${merchantId}/${key}`;

function settle<Output>(request: CommandRequest, verdict: { replay: StoredAnswer } | { refusal: DomainError }): Settled<Output> {
  if ('refusal' in verdict) {
    if (verdict.refusal.kind === 'unauthorized') request.remembered?.onEnded();
    return { ok: false, error: verdict.refusal };
  }
  request.onReplay?.();
  return 'body' in verdict.replay
    ? { ok: true, value: verdict.replay.body as Output }
    : { ok: false, error: restore(verdict.replay.error) };
}

function describe({ kind, code, detail, facts }: DomainError): Readonly<Record<string, unknown>> {
  return { kind, code, detail, facts };
}

function restore(stored: Readonly<Record<string, unknown>>): DomainError {
  const { kind, code, detail, facts } = stored as { kind: DomainErrorKind; code: string; detail: string; facts: Record<string, unknown> };
  return new DomainError(kind, code, detail, facts);
}

function unwrap<Output>(settled: Settled<Output> | undefined): Output {
  assert(settled, 'a request has an answer');
  if (settled.ok) return settled.value;
  throw settled.error;
}
