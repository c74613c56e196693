import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Only the sweep says `amount_paid = 0`, which is true of every unpaid order. The list of unpaid orders does not: where the statistics
 * know of few, it was read whole out of this index, and sorted. Orders can be read while the new one is built, but not written; the old
 * one goes last, for its going keeps out readers, too.
 */
const UP = `
CREATE INDEX orders_to_expire_alone ON orders (expires_at) WHERE status = 'pending_payment' AND amount_paid = 0;
DROP INDEX orders_to_expire;
ALTER INDEX orders_to_expire_alone RENAME TO orders_to_expire;
`;

const DOWN = `
CREATE INDEX orders_to_expire_and_list ON orders (expires_at) WHERE status = 'pending_payment';
DROP INDEX orders_to_expire;
ALTER INDEX orders_to_expire_and_list RENAME TO orders_to_expire;
`;

export class OrdersToExpire1765700000000 implements MigrationInterface {
  readonly name = 'OrdersToExpire1765700000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
