import type { Stage } from '../stage.js';

/** A defect of the program, made from outside, in the database of one run: the harness must find it. */
export interface Sabotage {
  readonly name: string;
  readonly title: string;
  plant(stage: Stage): Promise<void>;
}

const sql = (name: string, title: string, ...statements: readonly string[]): Sabotage => ({
  name,
  title,
  plant: async ({ postgres }) => {
    for (const statement of statements) await postgres.query(statement);
  },
});

export const SABOTAGES: readonly Sabotage[] = [
  sql(
    'lost-event',
    'one event in fifty is never written',
    `CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF random() < 0.02 THEN RETURN NULL; END IF; RETURN NEW; END $$;
     CREATE TRIGGER sabotage BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION sabotage()`,
  ),
  sql(
    'double-refund',
    'one refund in two is asked for once more, under another number',
    `CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE twin refunds;
     BEGIN
       IF pg_trigger_depth() = 1 AND NEW.kind = 'requested' AND random() < 0.5 THEN
         twin := NEW;
         twin.id := gen_random_uuid();
         INSERT INTO refunds SELECT twin.*;
       END IF;
       RETURN NULL;
     END $$;
     CREATE TRIGGER sabotage AFTER INSERT ON refunds FOR EACH ROW EXECUTE FUNCTION sabotage()`,
  ),
  sql(
    'skipped-lock',
    'whoever takes the lock of a family is told that he has it, and has it not',
    // What stands before pg_catalog in the path is found first.
    // The first schema must stay public: a process that begins anew would make its tables there.
    `CREATE FUNCTION public.pg_advisory_xact_lock(bigint) RETURNS void LANGUAGE sql AS '';
     ALTER DATABASE postgres SET search_path = public, pg_catalog;
     SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'suanpan'`,
  ),
  sql(
    'lost-commit',
    'COMMIT is acknowledged before it is on the disk',
    'ALTER DATABASE postgres SET synchronous_commit = off',
    `ALTER SYSTEM SET wal_writer_delay = '10s'`,
    'SELECT pg_reload_conf()',
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'suanpan'`,
  ),
];
