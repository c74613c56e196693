import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What began an attempt or a refund stands beside it, so that notices, sweeps and the log can go on under the same correlation id. */
export class Correlation1765500000000 implements MigrationInterface {
  readonly name: string = 'Correlation1765500000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE payment_attempts ADD COLUMN IF NOT EXISTS correlation_id text`);
    await runner.query(`ALTER TABLE refunds ADD COLUMN IF NOT EXISTS correlation_id text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE refunds DROP COLUMN correlation_id`);
    await runner.query(`ALTER TABLE payment_attempts DROP COLUMN correlation_id`);
  }
}
