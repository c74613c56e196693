import { Injectable } from '@nestjs/common';

import type { RecordedEvent } from './recorded-event.js';
import type { UnitOfWork } from './unit-of-work.js';

/** The append-only log: the order's timeline, the audit trail and what follows after the commit are reads of it. */
@Injectable()
export class EventLog {
  append(work: UnitOfWork, recorded: readonly RecordedEvent[]): void {
    if (recorded.length === 0) return;
    work.write(
      `INSERT INTO events (id, type, version, merchant_id, order_id, facts, correlation_id, causation_id, actor, occurred_at)
       SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::uuid[], $6::jsonb[], $7::text[], $8::uuid[], $9::text[], $10::timestamptz[])`,
      [
        recorded.map((one) => one.id),
        recorded.map((one) => one.event.type),
        recorded.map((one) => one.event.version),
        recorded.map((one) => one.event.facts.merchantId),
        recorded.map((one) => one.event.facts.orderId),
        recorded.map((one) => JSON.stringify(one.event.facts)),
        recorded.map((one) => one.origin.correlationId),
        recorded.map((one) => one.origin.causationId),
        recorded.map((one) => one.origin.actor),
        recorded.map((one) => one.occurredAt),
      ],
    );
  }
}
