import type { MigrationInterface, QueryRunner } from 'typeorm';

/** With it a statement says what has to be so for the others of its transaction to be done, and nobody has to wait for its answer. */
const UP = `
CREATE FUNCTION presume(truth boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF truth IS NOT TRUE THEN
    RAISE EXCEPTION 'what was presumed is not so' USING ERRCODE = 'SP001';
  END IF;
END $$;
`;

const DOWN = `
DROP FUNCTION presume(boolean);
`;

export class Presume1765900000000 implements MigrationInterface {
  readonly name = 'Presume1765900000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
