import { Connection, Query } from 'pg';

/** A statement as it went to PostgreSQL, and over which connection. */
interface SentStatement {
  readonly text: string;
  readonly stream: unknown;
}

interface Sent {
  readonly statements: readonly SentStatement[];
  /** How often PostgreSQL was told, within transactions, to send the answers that it has. */
  readonly syncs: number;
}

/** Everything that this process sends while `act` runs, whoever sends it, alone or together with others. */
export async function statementsSentDuring(act: () => Promise<unknown>): Promise<Sent> {
  const statements: SentStatement[] = [];
  const open = new Set<unknown>();
  let syncs = 0;
  const originals = {
    submit: Reflect.get(Query.prototype, 'submit') as (...given: unknown[]) => unknown,
    sync: Reflect.get<object, string>(Connection.prototype, 'sync') as () => void,
  };
  const submit = jest.spyOn(Query.prototype, 'submit').mockImplementation(function (this: Query, connection) {
    const { text } = this as unknown as { readonly text: string };
    statements.push({ text, stream: connection.stream });
    if (text === 'BEGIN') open.add(connection.stream);
    return originals.submit.call(this, connection);
  });
  const sync = jest.spyOn(Connection.prototype, 'sync').mockImplementation(function (this: Connection) {
    if (open.has(this.stream)) syncs += 1;
    if (statements.findLast(({ stream }) => stream === this.stream)?.text === 'COMMIT') open.delete(this.stream);
    originals.sync.call(this);
  });
  await act();
  submit.mockRestore();
  sync.mockRestore();
  return { statements, syncs };
}
