import type { PoolClient, QueryConfig, QueryResult } from 'pg';
import type { EntityManager } from 'typeorm';

import { assert } from '../../kernel/assert.js';
import type { DomainEvent, Origin } from '../../kernel/domain-event.js';
import type { DomainError } from '../../kernel/domain-error.js';
import { newId, type OrderId } from '../../kernel/ids.js';
import { Packets } from '../database/packets.js';
import { prepared } from '../database/prepared.js';
import type { RecordedEvent } from './recorded-event.js';

/** Events that cause events that cause events: more rounds than this is a circle. */
const MAX_ROUNDS = 20;

/** Members of a batch that a rule refused, while the others could go on. */
export class MembersRefused extends Error {
  constructor(
    readonly errors: ReadonlyMap<string, DomainError>,
    /** Those that are to be tried again after the others. */
    readonly postponed: ReadonlySet<string>,
  ) {
    super('members of the batch were refused');
  }
}

/** Who hands the events to those who listen. */
export interface EventDispatcher {
  dispatch(type: string, events: readonly DomainEvent[], work: UnitOfWork): Promise<void>;
}

/** One transaction: what it changes and what it says happened are committed together or not at all. */
export class UnitOfWork {
  private readonly queue: RecordedEvent[] = [];
  private readonly refused = new Map<string, DomainError>();
  private readonly postponed = new Set<string>();
  private readonly ownOrigins = new Map<OrderId, Origin>();
  private readonly packets: Packets;
  private readonly sent: Promise<void>[] = [];
  private readonly last: (() => void)[] = [];
  private readonly assumptions: ((failure: unknown) => boolean)[] = [];
  private causes: ReadonlyMap<OrderId | null, RecordedEvent> = new Map();
  readonly recorded: RecordedEvent[] = [];
  /** What the first statement that failed failed of. All that were sent after it failed too, and say only that. */
  failure: Error | undefined;

  constructor(
    private readonly client: PoolClient,
    private readonly entities: EntityManager,
    private readonly bus: EventDispatcher,
    /** On whose behalf, where nothing else is said. */
    private readonly origin: Origin,
    /** When this unit of work began: the one time that all it writes carries. */
    readonly now: Date,
  ) {
    this.packets = new Packets(client);
  }

  /** For reads through entities. */
  get manager(): EntityManager {
    this.packets.flush();
    return this.entities;
  }

  /** Parameterised SQL as a prepared statement: the text must be a constant. Answers the rows. */
  async query<Row extends object>(sql: string, parameters: unknown[]): Promise<Row[]> {
    const { rows } = await this.send(prepared(sql, parameters));
    return rows as Row[];
  }

  /**
   * The same for a statement whose rows nobody needs: it goes out behind those under way, and nobody waits for it. The
   * database takes them in the order in which they were sent. If it fails, the unit of work does.
   */
  write(sql: string, parameters: unknown[]): void {
    this.send(prepared(sql, parameters)).catch(ignore);
  }

  /** `write` has its turn when all else was written, right before the commit: what it locks, others wait for no longer than that. */
  atLast(write: () => void): void {
    this.last.push(write);
  }

  /**
   * Something was taken for granted. `wasWrong` is asked when the unit of work failed: true where it failed of this, and
   * its author knows better now. The same work is then done again.
   */
  assume(wasWrong: (failure: unknown) => boolean): void {
    this.assumptions.push(wasWrong);
  }

  /** Whether it failed only because something was taken for granted. */
  failedOfAssumptions(failure: unknown): boolean {
    return this.assumptions.filter((wasWrong) => wasWrong(failure)).length > 0;
  }

  /** Begins or ends the transaction, behind whatever is under way. */
  control(statement: 'BEGIN' | 'COMMIT'): void {
    if (statement === 'COMMIT') for (const write of this.last) write();
    this.send(prepared(statement, [])).catch(ignore);
  }

  /** A connection that is gone cannot roll back, and need not. */
  async rollBack(): Promise<void> {
    this.packets.flush();
    await this.client.query('ROLLBACK').catch(ignore);
  }

  /** Waits for all that was sent. Throws what the first statement that failed failed of. */
  async finished(): Promise<void> {
    await Promise.all(this.sent);
    if (this.failure) throw this.failure;
  }

  /**
   * Takes the lock of each order's family, which comes before any change to order, payment, refund or shipment. The
   * locks are taken in one order everywhere, so that two units of work cannot wait for each other.
   */
  async lockFamilies(orderIds: Iterable<OrderId>): Promise<void> {
    const keys = [...new Set([...orderIds].map(familyLockKey))].sort((left, right) => (left < right ? -1 : 1));
    await this.query('SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) WITH ORDINALITY AS family(key, n) ORDER BY n', [keys]);
  }

  /** Says what happened. Its listeners act once the present step is done, in this same transaction. */
  publish(...events: readonly DomainEvent[]): void {
    for (const event of events) {
      const { orderId } = event.facts;
      const cause = this.causes.get(orderId) ?? (this.causes.size === 1 ? [...this.causes.values()][0] : undefined);
      const origin = cause ? { ...cause.origin, causationId: cause.id } : ((orderId && this.ownOrigins.get(orderId)) ?? this.origin);
      this.queue.push({ id: newId<'event'>(), event, origin, occurredAt: this.now });
    }
  }

  /** The same on behalf of somebody else than whom this unit of work is for. */
  publishFor(origin: Origin, event: DomainEvent): void {
    this.queue.push({ id: newId<'event'>(), event, origin, occurredAt: this.now });
  }

  /** From here on, what is published about this order is on this behalf: members of a batch have each their own. */
  actsFor(orderId: OrderId, origin: Origin): void {
    this.ownOrigins.set(orderId, origin);
  }

  /** Of the request that changes this order. */
  correlationOf(orderId: OrderId): string {
    return (this.ownOrigins.get(orderId) ?? this.origin).correlationId;
  }

  /** A rule said no to one member of a batch: it is answered so, and the others are done again without it. */
  refuse(memberId: string, error: DomainError): void {
    this.refused.set(memberId, error);
  }

  /** What one member of a batch gets depends on whether those before it succeed: it is tried again after them. */
  postpone(memberId: string): void {
    this.postponed.add(memberId);
  }

  /** Goes no further where a member was refused: what follows would be rolled back. */
  stopIfRefused(): void {
    if (this.refused.size + this.postponed.size > 0) throw new MembersRefused(this.refused, this.postponed);
  }

  /** Lets listeners act until nobody has anything to add. */
  async settle(): Promise<void> {
    for (let round = 0; this.queue.length > 0; round += 1) {
      assert(round < MAX_ROUNDS, 'events go round in a circle');
      const due = this.queue.splice(0);
      this.recorded.push(...due);
      for (const [type, batch] of groupByType(due)) {
        this.causes = new Map(batch.map((recorded) => [recorded.event.facts.orderId, recorded]));
        await this.bus.dispatch(
          type,
          batch.map((recorded) => recorded.event),
          this,
        );
      }
      this.causes = new Map();
      this.stopIfRefused();
    }
    this.stopIfRefused();
  }

  private send(statement: QueryConfig): Promise<QueryResult> {
    const answer = this.packets.query(statement);
    this.sent.push(answer.then(ignore, (error: Error) => void (this.failure ??= error)));
    return answer;
  }
}

const ignore = () => undefined;

/** The low half of a UUIDv7 is random: 62 bits of it tell families apart. Two that share a key only wait for each other. */
function familyLockKey(orderId: OrderId): bigint {
  return BigInt.asIntN(64, BigInt(`0x${orderId.replaceAll('-', '').slice(16)}`));
}

function groupByType(events: readonly RecordedEvent[]): Map<string, RecordedEvent[]> {
  const groups = new Map<string, RecordedEvent[]>();
  for (const recorded of events) {
    const group = groups.get(recorded.event.type);
    if (group) group.push(recorded);
    else groups.set(recorded.event.type, [recorded]);
  }
  return groups;
}
