import type { JsonFields } from '../json-fields.js';

/** A call that was really made by the merchant. */
export interface Call {
  /** The numbers in the path, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** Throws what is no JSON. */
  readonly body: () => JsonFields;
  readonly now: Date;
}

/** What is answered with 200, or null for 204, which has no body. */
export type Answered = Readonly<Record<string, unknown>> | null;
