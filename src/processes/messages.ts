import type { MetricObjectWithValues, MetricValue } from 'prom-client';

import type { ProgramConfig } from '../program.js';

// What the first process and its children say to one another.

/** One answers the API; the other does the jobs and sweeps, and once, at the start, brings the database up to date. */
export type Role = 'api' | 'worker';

export type Figures = readonly MetricObjectWithValues<MetricValue<string>>[];

/** What the supervisor says to a child. */
export type Instruction =
  /** The first thing that a child hears. `reachedAt` is where the API listens, once that is known. */
  | {
      readonly kind: 'begin';
      readonly name: string;
      readonly role: Role;
      readonly config: ProgramConfig;
      readonly reachedAt: string | undefined;
    }
  /** To the worker: the API listens, so the jobs may begin. */
  | { readonly kind: 'work'; readonly reachedAt: string }
  | { readonly kind: 'count'; readonly id: number }
  /** The figures of all processes, for the one that asked for them. */
  | { readonly kind: 'counted'; readonly id: number; readonly text: string }
  | { readonly kind: 'stop' };

/** What a child says to the supervisor. */
export type Word =
  /** It listens from now on. What was said before is lost, since Node itself has heard it. */
  | { readonly kind: 'here' }
  /** The database is up to date, and the first merchant is there. */
  | { readonly kind: 'prepared' }
  /** At work. The API says where it listens. */
  | { readonly kind: 'ready'; readonly url?: string }
  /** It cannot begin, and this says why in one line or, where we are at fault, in full. */
  | { readonly kind: 'failed'; readonly reason: string }
  /** Somebody asks for the figures of all processes. */
  | { readonly kind: 'count_all'; readonly id: number }
  | { readonly kind: 'figures'; readonly id: number; readonly figures: Figures };
