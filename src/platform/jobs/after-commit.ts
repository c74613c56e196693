import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';

import { assert } from '../../kernel/assert.js';
import type { DomainEvent, DomainEventClass } from '../../kernel/domain-event.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { AFTER_COMMIT, type AfterCommitMetadata } from '../events/listeners.js';
import { MarkedMethods } from './marked-methods.js';

type Run = (event: DomainEvent, recorded: Omit<RecordedEvent, 'event'>) => Promise<void>;

export interface AfterCommitTask {
  readonly task: string;
  readonly type: DomainEventClass;
  readonly run: Run;
}

/** The methods marked `@AfterCommit`, by their event and by their name. */
@Injectable()
export class AfterCommitTasks implements OnApplicationBootstrap {
  private readonly byEvent = new Map<string, AfterCommitTask[]>();
  private readonly byName = new Map<string, AfterCommitTask>();

  constructor(private readonly methods: MarkedMethods) {}

  onApplicationBootstrap(): void {
    for (const { metadata, method } of this.methods.find<AfterCommitMetadata, Run>(AFTER_COMMIT)) {
      assert(!this.byName.has(metadata.task), `two methods are called ${metadata.task}`);
      const task = { ...metadata, run: method };
      this.byName.set(task.task, task);
      this.byEvent.set(task.type.type, [...this.followingFrom(task.type.type), task]);
    }
  }

  followingFrom(type: string): readonly AfterCommitTask[] {
    return this.byEvent.get(type) ?? [];
  }

  named(task: string): AfterCommitTask | undefined {
    return this.byName.get(task);
  }

  names(): string[] {
    return [...this.byName.keys()];
  }
}
