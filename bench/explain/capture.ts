import { Query, type Connection, type QueryConfig } from 'pg';

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
  const original = Reflect.get<object, string>(Query.prototype, 'submit') as (this: Query, connection: Connection) => void;
  Query.prototype.submit = function (this: Query, connection: Connection): void {
    const { text, values, name } = this as unknown as QueryConfig<unknown[]>;
    seen.push({ text, values: values ?? [], isNamed: name !== undefined });
    return original.call(this, connection);
  };
  try {
    await act();
  } finally {
    Query.prototype.submit = original;
  }
  return seen.filter(({ text }) => /^\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE)\b/i.test(text));
}

/** Of what is done again and again with other values, the first. */
export function eachOnce(statements: readonly Statement[]): Statement[] {
  return [...new Map([...statements].reverse().map((statement) => [statement.text, statement])).values()].reverse();
}
