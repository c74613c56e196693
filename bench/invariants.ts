import type { ClientBase } from 'pg';

import { checkInvariants } from '../src/platform/invariants/check-invariants.js';

/** The invariants that a database breaks at this moment. */
export async function brokenInvariants(client: ClientBase): Promise<string[]> {
  const { invariants } = await checkInvariants(client);
  return invariants.filter(({ violations }) => violations > 0).map(({ name }) => name);
}
