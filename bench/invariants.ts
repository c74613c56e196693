import type { Client } from 'pg';

import { INVARIANTS } from '../test/support/invariants.js';

/** The promises that a database breaks at this moment. A schema that carries its invariants as views is asked for those. */
export async function brokenInvariants(client: Client): Promise<string[]> {
  const { rows: views } = await client.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.views WHERE table_schema = 'invariants' ORDER BY 1`,
  );
  const queries: [string, string][] =
    views.length > 0
      ? views.map(({ name }) => [name, `SELECT * FROM invariants.${client.escapeIdentifier(name)}`])
      : Object.entries(INVARIANTS);
  const broken: string[] = [];
  for (const [promise, sql] of queries) {
    const { rowCount } = await client.query(`SELECT 1 FROM (${sql}) AS broken LIMIT 1`);
    if (rowCount !== 0) broken.push(promise);
  }
  return broken;
}
