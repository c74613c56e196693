import { Query, type Connection, type PoolClient, type QueryConfig, type QueryResult } from 'pg';

interface Gathered {
  readonly statement: QueryConfig;
  readonly resolve: (result: QueryResult) => void;
  readonly reject: (error: Error) => void;
}

/** What the driver tells a query, and its types leave out. */
interface Told {
  handleRowDescription(message: unknown): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
  handleReadyForQuery(connection: Connection): void;
  handleError(error: Error, connection: Connection): void;
}

/** Sends the statements of a transaction, what was asked for in one turn of the event loop as one packet. */
export class Packets {
  private gathered: Gathered[] = [];

  constructor(private readonly client: PoolClient) {}

  /** A prepared statement of this transaction, BEGIN and COMMIT among them, but not ROLLBACK, which nothing may hold up. */
  query(statement: QueryConfig): Promise<QueryResult> {
    return new Promise((resolve, reject) => {
      if (this.gathered.length === 0) process.nextTick(() => this.flush());
      this.gathered.push({ statement, resolve, reject });
    });
  }

  /** Sends what was gathered, before something is sent by another way. */
  flush(): void {
    const gathered = this.gathered.splice(0);
    // The driver keeps its own count of what it has prepared, one statement at a time.
    const { parsedStatements } = this.client.connection as unknown as { readonly parsedStatements: Readonly<Record<string, string>> };
    const isPrepared = ({ statement: { name, text } }: Gathered) => name !== undefined && parsedStatements[name] === text;
    if (gathered.length > 1 && gathered.every(isPrepared)) this.client.query(new Packet(gathered));
    else for (const { statement, resolve, reject } of gathered) this.client.query(statement).then(resolve, reject);
  }
}

/**
 * Prepared statements that go out together. Each has its own answer, but the database is told only behind the last one to send what
 * it has: it writes once, and the program reads once. Where one fails, the database leaves out those behind it: they fail of the same.
 */
export class Packet extends Query implements Told {
  private queries: readonly (Query & Told)[];
  private answered = 0;
  private failure: Error | undefined;

  constructor(gathered: readonly Gathered[]) {
    super('');
    this.queries = gathered.map(({ statement, resolve, reject }) => {
      const answer = (error: Error | undefined | null, result: unknown) => {
        if (!error) return resolve(result as QueryResult);
        this.failure ??= error;
        reject(error);
      };
      return new Query(statement, answer) as Query & Told;
    });
  }

  override readonly submit = (connection: Connection): null => {
    const ignore = { value: () => undefined };
    // Of a statement whose values cannot be sent the driver would let go, and still take it for prepared.
    const quiet = Object.create(connection, { sync: ignore, close: ignore }) as Connection;
    for (const query of this.queries) {
      query.submit(quiet);
      // Its values were none: what stands behind it, and COMMIT above all, must not be done without it.
      if (this.failure) break;
    }
    connection.sync();
    return null;
  };

  handleRowDescription(message: unknown): void {
    this.queries[this.answered]?.handleRowDescription(message);
  }

  handleDataRow(message: unknown): void {
    this.queries[this.answered]?.handleDataRow(message);
  }

  handleCommandComplete(message: unknown, connection: Connection): void {
    const query = this.queries[this.answered];
    this.answered += 1;
    query?.handleCommandComplete(message, connection);
    query?.handleReadyForQuery(connection);
  }

  handleError(error: Error, connection: Connection): void {
    for (const query of this.queries.slice(this.answered)) query.handleError(error, connection);
    this.answered = this.queries.length;
  }

  handleReadyForQuery(connection: Connection): void {
    if (this.failure) this.handleError(this.failure, connection);
    // One that is done may be kept for long, and all that it sent with it (ADR 0041).
    this.queries = [];
  }
}
