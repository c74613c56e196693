/** `newer`: only a later version knows some of its migrations, which leave room for this one while it is replaced. */
export type SchemaState = 'ok' | 'pending' | 'newer';

/** What the migrations of the database say of it, to a version that knows these. */
export function judgeMigrations(known: readonly string[] | undefined, there: readonly string[]) {
  if (known === undefined) return { state: 'ok' as SchemaState, pending: 0, newer: 0 };
  const latest = Math.max(0, ...known.map(timeOf));
  // The migration of the invariants moves: where it stood in former versions, it stands in the database for ever.
  const newer = there.filter((name) => timeOf(name) > latest).length;
  // One that a later version moved is not lacking.
  const pending = newer > 0 ? 0 : known.filter((name) => !there.includes(name)).length;
  const state: SchemaState = newer > 0 ? 'newer' : pending > 0 ? 'pending' : 'ok';
  return { state, pending, newer };
}

/** The time in a migration's name: its last thirteen digits. */
function timeOf(name: string): number {
  return Number(/\d{13}$/.exec(name)?.[0] ?? 0);
}
