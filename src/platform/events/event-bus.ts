import { Injectable } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';

import type { DomainEvent } from '../../kernel/domain-event.js';
import type { EventDispatcher, UnitOfWork } from './unit-of-work.js';

type Listener = (events: readonly DomainEvent[], work: UnitOfWork) => Promise<void> | void;

/** Hands events to the listeners of the first stage. */
@Injectable()
export class EventBus implements EventDispatcher {
  constructor(private readonly emitter: EventEmitter2) {}

  /** One listener after the other, since they share one connection, and in the order of the modules, so that it is always the same. */
  async dispatch(type: string, events: readonly DomainEvent[], work: UnitOfWork): Promise<void> {
    for (const listener of this.emitter.listeners(type) as unknown as Listener[]) {
      await listener(events, work);
    }
  }
}
