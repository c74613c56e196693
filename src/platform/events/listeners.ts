import { SetMetadata } from '@nestjs/common';
import { OnEvent } from '@nestjs/event-emitter';

import type { DomainEvent, DomainEventClass } from '../../kernel/domain-event.js';
import type { RecordedEvent } from './recorded-event.js';
import type { UnitOfWork } from './unit-of-work.js';

type InTransactionMethod<Event extends DomainEvent> = (events: readonly Event[], work: UnitOfWork) => Promise<void> | void;

/**
 * The first stage: the method acts on the publisher's transaction. It gets all events of that type that are due, and
 * answers with a few set-based statements. What it throws rolls all of it back.
 */
export function InTransaction<Event extends DomainEvent>(type: DomainEventClass<Event>) {
  // Errors are never suppressed: an event whose listener failed must not be committed.
  const listen = OnEvent(type.type, { suppressErrors: false });
  return <Method extends InTransactionMethod<Event>>(target: object, key: string, descriptor: TypedPropertyDescriptor<Method>): void => {
    listen(target, key, descriptor as PropertyDescriptor);
  };
}

export interface AfterCommitMetadata {
  readonly task: string;
  readonly type: DomainEventClass;
}

export const AFTER_COMMIT = Symbol('after-commit');

type AfterCommitMethod<Event extends DomainEvent> = (event: Event, recorded: Omit<RecordedEvent, 'event'>) => Promise<void>;

/**
 * The second stage: the method touches the outside. It is written down as a job in the publisher's transaction and
 * runs after the commit, at least once; it must see for itself what is already done. `task` names it for ever.
 */
export function AfterCommit<Event extends DomainEvent>(type: DomainEventClass<Event>, task: string) {
  const mark = SetMetadata(AFTER_COMMIT, { task, type: type as unknown as DomainEventClass } satisfies AfterCommitMetadata);
  return <Method extends AfterCommitMethod<Event>>(target: object, key: string, descriptor: TypedPropertyDescriptor<Method>): void => {
    mark(target, key, descriptor as PropertyDescriptor);
  };
}
