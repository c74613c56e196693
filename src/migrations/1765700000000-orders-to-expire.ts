import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Only the sweep says `amount_paid = 0`, which is true of every unpaid order. The list of unpaid orders does not: where the statistics
 * know of few, it was read whole out of this index, and sorted.
 */
const UP = `
DROP INDEX orders_to_expire;
CREATE INDEX orders_to_expire ON orders (expires_at) WHERE status = 'pending_payment' AND amount_paid = 0;
`;

const DOWN = `
DROP INDEX orders_to_expire;
CREATE INDEX orders_to_expire ON orders (expires_at) WHERE status = 'pending_payment';
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
