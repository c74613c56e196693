import type { MerchantId, OrderId } from './ids.js';

/** What every event says. The rest of its facts are ids and values too: nothing that could change after it was said. */
export interface EventFacts {
  readonly merchantId: MerchantId;
  /** The order whose family the event belongs to; null for an event of the catalogue or the stock alone. */
  readonly orderId: OrderId | null;
}

/** Something that happened, in values that still mean the same next year and survive JSON. */
export abstract class DomainEvent<Facts extends EventFacts = EventFacts> {
  constructor(readonly facts: Readonly<Facts>) {}

  get type(): string {
    return (this.constructor as unknown as DomainEventClass<this>).type;
  }

  get version(): number {
    return (this.constructor as unknown as DomainEventClass<this>).version;
  }
}

/** The class of an event: its name in the log, and the version of its facts' shape. */
export interface DomainEventClass<Event extends DomainEvent = DomainEvent> {
  readonly type: string;
  readonly version: number;
  new (facts: Event['facts']): Event;
}

/** Where a change came from: carried from the request through its events to the jobs that follow. */
export interface Origin {
  /** One for a request and everything that follows from it. */
  readonly correlationId: string;
  /** The event that this followed from; null where a request, a callback or the clock began it. */
  readonly causationId: string | null;
  /** Who: `api_key:<id>`, `gateway:alipay`, `system:expiry`. */
  readonly actor: string;
}
