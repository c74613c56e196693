import { Client, type QueryConfig } from 'pg';

/** A statement as it went to PostgreSQL. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Prepared under a name: PostgreSQL may plan it once for whatever values come. */
  readonly isNamed: boolean;
}

/**
 * Every statement that this process sends while `act` runs, whoever sends it and over whichever connection: what the program really asks,
 * and not what somebody took down from it.
 */
export async function captureStatements(act: () => Promise<unknown>): Promise<Statement[]> {
  const seen: Statement[] = [];
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is put back, and called on the client that it is called on.
  const original = Client.prototype.query as (this: Client, ...given: unknown[]) => unknown;
  const spying = function (this: Client, ...given: unknown[]): unknown {
    const [first, second] = given;
    if (typeof first === 'string') seen.push({ text: first, values: Array.isArray(second) ? second : [], isNamed: false });
    else if (typeof first === 'object' && first !== null && 'text' in first) {
      const { text, values, name } = first as QueryConfig<unknown[]>;
      seen.push({ text, values: values ?? (Array.isArray(second) ? second : []), isNamed: name !== undefined });
    }
    return original.apply(this, given);
  };
  Client.prototype.query = spying as typeof Client.prototype.query;
  try {
    await act();
  } finally {
    Client.prototype.query = original as typeof Client.prototype.query;
  }
  return seen.filter(({ text }) => /^\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)\b/i.test(text));
}

/** Of what is done again and again with other values, the first. */
export function eachOnce(statements: readonly Statement[]): Statement[] {
  return [...new Map([...statements].reverse().map((statement) => [statement.text, statement])).values()].reverse();
}
