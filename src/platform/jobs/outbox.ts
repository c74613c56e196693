import { Injectable } from '@nestjs/common';

import type { RecordedEvent } from '../events/recorded-event.js';
import type { UnitOfWork } from '../events/unit-of-work.js';
import { AfterCommitTasks } from './after-commit.js';

/** What a job carries: the event it follows from, whole, so that it needs no second read. */
export interface JobPayload {
  readonly eventId: string;
  readonly facts: Record<string, unknown>;
  readonly correlationId: string;
  readonly causationId: string | null;
  readonly actor: string;
  readonly occurredAt: string;
}

/** Writes the work that follows a commit into that commit. A job's key is its task and event: twice is once. */
@Injectable()
export class Outbox {
  constructor(private readonly tasks: AfterCommitTasks) {}

  write(work: UnitOfWork, recorded: readonly RecordedEvent[]): void {
    const jobs = recorded.flatMap((one) =>
      this.tasks.followingFrom(one.event.type).map(({ task }) => ({
        identifier: task,
        job_key: `${task}:${one.id}`,
        payload: {
          eventId: one.id,
          facts: one.event.facts,
          correlationId: one.origin.correlationId,
          causationId: one.origin.causationId,
          actor: one.origin.actor,
          occurredAt: one.occurredAt.toISOString(),
        } satisfies JobPayload,
      })),
    );
    if (jobs.length === 0) return;
    work.write(
      `SELECT count(*) FROM graphile_worker.add_jobs(
         ARRAY(SELECT job FROM json_populate_recordset(NULL::graphile_worker.job_spec, $1::json) AS job))`,
      [JSON.stringify(jobs)],
    );
  }
}
