import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
-- What each subject has taken of its quota in its latest window. Nothing is lost with it but a part of a minute's count, so it is not
-- written ahead; half of each page is kept free, so that a row is changed where it stands.
CREATE UNLOGGED TABLE rate_limits (
  subject text PRIMARY KEY,
  window_start timestamptz NOT NULL,
  quota int NOT NULL,
  taken int NOT NULL,
  granted int NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

-- A key that was replaced is good until then.
ALTER TABLE api_keys ADD COLUMN expires_at timestamptz;
`;

const DOWN = `
ALTER TABLE api_keys DROP COLUMN expires_at;
DROP TABLE rate_limits;
`;

export class Security1765600000000 implements MigrationInterface {
  readonly name = 'Security1765600000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
