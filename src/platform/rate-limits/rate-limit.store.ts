import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

/** A process asks for a slice of what a subject may have in a window. */
export interface WantedSlice {
  readonly subject: string;
  readonly windowStart: Date;
  readonly quota: number;
}

export interface GrantedSlice {
  /** The window that it is of: the latest one that any process has come to. */
  readonly windowStart: Date;
  readonly granted: number;
  /** By all processes together, this slice included. */
  readonly taken: number;
}

/** A slice is a sixteenth of what is left, so that slices grow smaller as the end comes near, and no process sits on many. */
const SHARE = 16;

const sliceOf = (left: string): string => `greatest(0, least(${left}, greatest(1, ${left} / ${SHARE})))`;

const TAKE = `
  INSERT INTO rate_limits AS r (subject, window_start, quota, taken, granted)
  SELECT subject, window_start, quota, ${sliceOf('quota')}, ${sliceOf('quota')}
    FROM unnest($1::text[], $2::timestamptz[], $3::int[]) AS wanted(subject, window_start, quota)
   ORDER BY subject
  ON CONFLICT (subject) DO UPDATE SET
    window_start = greatest(r.window_start, EXCLUDED.window_start),
    quota = EXCLUDED.quota,
    granted = CASE WHEN r.window_start < EXCLUDED.window_start THEN EXCLUDED.granted ELSE ${sliceOf('(EXCLUDED.quota - r.taken)')} END,
    taken = CASE WHEN r.window_start < EXCLUDED.window_start THEN EXCLUDED.taken ELSE r.taken + ${sliceOf('(EXCLUDED.quota - r.taken)')} END
  RETURNING subject, window_start AS "windowStart", granted, taken`;

/** As many as are forgotten at a time. */
const MOST_FORGOTTEN = 10_000;

/** What all processes have taken together. */
@Injectable()
export class RateLimitStore {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** One slice for each, in one statement. No subject may be wanted twice. */
  async take(wanted: readonly WantedSlice[]): Promise<GrantedSlice[]> {
    const rows = await this.dataSource.query<(GrantedSlice & { readonly subject: string })[]>(TAKE, [
      wanted.map(({ subject }) => subject),
      wanted.map(({ windowStart }) => windowStart),
      wanted.map(({ quota }) => quota),
    ]);
    const granted = new Map(rows.map(({ subject, ...slice }) => [subject, slice]));
    return wanted.map(({ subject, windowStart }) => granted.get(subject) ?? { windowStart, granted: 0, taken: 0 });
  }

  /** Answers how many subjects were forgotten, whose last window began before. */
  async forget(before: Date): Promise<number> {
    const [, forgotten] = await this.dataSource.query<[unknown, number]>(
      `DELETE FROM rate_limits WHERE subject IN (SELECT subject FROM rate_limits WHERE window_start < $1 LIMIT ${MOST_FORGOTTEN})`,
      [before],
    );
    return forgotten;
  }
}
