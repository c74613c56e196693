/** PostgreSQL's SQLSTATE of an error, whichever library wrapped it. Source: PostgreSQL, appendix A. */
export function sqlState(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, driverError } = error as { code?: unknown; driverError?: unknown };
  return typeof code === 'string' ? code : sqlState(driverError);
}

/** Serialization failure and deadlock: the same work, done again, can succeed. */
export function isRetryable(error: unknown): boolean {
  const state = sqlState(error);
  return state === '40001' || state === '40P01';
}

export function isUniqueViolation(error: unknown): boolean {
  return sqlState(error) === '23505';
}

/** Which `CHECK` was broken, by its name. Undefined for any other error. */
export function brokenCheck(error: unknown): string | undefined {
  return sqlState(error) === '23514' ? (error as { constraint?: string }).constraint : undefined;
}

/** Something was not as a statement presumed (the function `presume` of the schema). */
export function isPresumedWrongly(error: unknown): boolean {
  return sqlState(error) === 'SP001';
}

const AWAY_OR_FULL = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  '57P01',
  '57P02',
  '57P03',
  '53300',
  '55000',
  // Its disk is full, its memory is, it is a standby that is not promoted yet, and a statement took longer than any may.
  '53100',
  '53200',
  '25006',
  '57014',
]);
const CONNECTION_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Connection ended unexpectedly|Driver not Connected|Cannot use a pool after calling end|Query runner already released/;

/** The database is away, or full, or overwhelmed, or may not write yet: nothing is wrong with the request, and it can be sent again. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined && (AWAY_OR_FULL.has(state) || state.startsWith('08'))) return true;
  if (error instanceof AggregateError) return error.errors.some(isUnavailable);
  return error instanceof Error && CONNECTION_MESSAGES.test(error.message);
}
