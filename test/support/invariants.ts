import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';

import { checkInvariants, type InvariantCheck } from '../../src/platform/invariants/check-invariants.js';

/** What the views of the schema `invariants` say, on a connection of its own. */
export async function lookAtInvariants(db: DataSource, now: Date): Promise<InvariantCheck> {
  const runner = db.createQueryRunner();
  try {
    return await checkInvariants((await runner.connect()) as PoolClient, now);
  } finally {
    await runner.release();
  }
}

/** The invariants that are broken, each with what is wrong first. */
export async function violationsIn(db: DataSource, now: Date): Promise<string[]> {
  const { invariants } = await lookAtInvariants(db, now);
  return invariants.flatMap(({ name, sample }) => sample.map(({ subject, wrong }) => `${name}: ${subject}: ${wrong}`));
}
