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
       SELECT id, type, version, merchant_id, order_id, facts, correlation_id, causation_id, actor, occurred_at
         FROM ROWS FROM (unnest($1::uuid[], $2::text[], $3::int[], $4::uuid[], $5::uuid[], $6::text[], $7::uuid[], $8::text[], $9::timestamptz[]),
                         jsonb_array_elements($10::jsonb))
           AS t(id, type, version, merchant_id, order_id, correlation_id, causation_id, actor, occurred_at, facts)`,
      [
        recorded.map((one) => one.id),
        recorded.map((one) => one.event.type),
        recorded.map((one) => one.event.version),
        recorded.map((one) => one.event.facts.merchantId),
        recorded.map((one) => one.event.facts.orderId),
        recorded.map((one) => one.origin.correlationId),
        recorded.map((one) => one.origin.causationId),
        recorded.map((one) => one.origin.actor),
        recorded.map((one) => one.occurredAt),
        // As one: an array of texts would have each of their quotes escaped.
        JSON.stringify(recorded.map((one) => one.event.facts)),
      ],
    );
  }
}
