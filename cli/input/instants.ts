import { UsageError } from '../usage-error.js';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/;
/** Seconds since 1970 have ten digits until the year 2286, and milliseconds have thirteen. */
const LEAST_MILLISECONDS = 100_000_000_000;

/** The instant that `--at` names: ISO 8601 with its offset, seconds since 1970, or milliseconds. Throws `UsageError`. */
export function parseInstant(text: string): Date {
  const instant = /^\d{1,15}$/.test(text) ? fromNumber(Number(text)) : new Date(ISO.test(text) ? text : Number.NaN);
  if (Number.isNaN(instant.getTime())) {
    throw new UsageError('--at: must be like 2026-01-05T10:12:34+08:00, or seconds or milliseconds since 1970');
  }
  return instant;
}

function fromNumber(value: number): Date {
  return new Date(value < LEAST_MILLISECONDS ? value * 1000 : value);
}
