import type { DomainEvent, Origin } from '../../kernel/domain-event.js';
import type { EventId } from '../../kernel/ids.js';

/** An event with where and when it came from: a row of the log. */
export interface RecordedEvent {
  readonly id: EventId;
  readonly event: DomainEvent;
  readonly origin: Origin;
  readonly occurredAt: Date;
}
