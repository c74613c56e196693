import type { MigrationInterface, QueryRunner } from 'typeorm';

import { FUNCTIONS } from './invariants/functions.js';
import { INVARIANTS } from './invariants/index.js';
import { createView } from './invariants/view.js';

/**
 * A view for each invariant. Views hold nothing, so this is the one migration that is edited, and moves: whoever changes what is in
 * `invariants/` gives it a new time in its name, after all others, and it runs again and makes all of it anew (ADR 0018).
 */
export class Invariants1766000000000 implements MigrationInterface {
  readonly name: string = 'Invariants1766000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA IF EXISTS invariants CASCADE');
    await runner.query('CREATE SCHEMA invariants');
    await runner.query(FUNCTIONS);
    await runner.query(INVARIANTS.map(createView).join('\n'));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA invariants CASCADE');
    // Where it stood before it moved, there is nothing left to revert.
    await runner.query(`DELETE FROM migrations WHERE name ~ '^Invariants[0-9]{13}$' AND name <> $1`, [this.name]);
  }
}
