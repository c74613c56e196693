/** What several views ask, in one place each. A test holds the tables in here against the state machines and the tasks of the program. */
export const FUNCTIONS = `
-- A test moves its clock, and says so here; everybody else has the database's.
CREATE FUNCTION invariants.present() RETURNS timestamptz LANGUAGE sql STABLE
  RETURN coalesce(nullif(current_setting('suanpan.now', true), '')::timestamptz, now());

-- How long something may wait before it is looked into. A name that is not here is an error, so that no bound is forgotten.
CREATE FUNCTION invariants.bound(what text) RETURNS interval LANGUAGE sql IMMUTABLE
  RETURN CASE what
    WHEN 'question' THEN '1 hour'                -- after the time when a gateway was to be asked
    WHEN 'attempt' THEN '1 day'                  -- after the expiry of an attempt, until it has ended
    WHEN 'refund' THEN '15 days'                 -- after a refund was asked for, until it has ended
    WHEN 'effect' THEN '1 hour'                  -- after an event, until what follows from it was begun
    WHEN 'expiry' THEN '1 hour'                  -- after the expiry of an unpaid order, until it closes
    WHEN 'closing' THEN '1 day'                  -- after an order began to close, until it is cancelled or paid
    WHEN 'arrival' THEN '366 days'               -- after the last parcel, until an order is completed
    WHEN 'job' THEN '1 hour'                     -- after a job was due, until it is taken
    WHEN 'job_lock' THEN '5 hours'               -- after a job was taken; the worker frees it after four
    WHEN 'answer' THEN '3 days'                  -- after a request, until its record is answered, or forgotten
    ELSE 'no bound is called ' || what
  END::interval;

-- From each state those that an action may lead to.
CREATE FUNCTION invariants.transitions() RETURNS TABLE (subject text, former text, next text) LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
  SELECT t.subject, t.former, n.next FROM (VALUES
    ('order', 'pending_payment', '{awaiting_shipment,closing}'::text[]),
    ('order', 'closing', '{awaiting_shipment,cancelled}'),
    ('order', 'awaiting_shipment', '{shipped,cancelled}'),
    ('order', 'shipped', '{completed}'),
    ('payment', 'requires_payment', '{succeeded,closing}'),
    ('payment', 'closing', '{succeeded,closed}'),
    ('payment attempt', 'created', '{pending,unknown,succeeded,failed,closed}'),
    ('payment attempt', 'pending', '{pending,unknown,succeeded,failed,closed}'),
    ('payment attempt', 'unknown', '{pending,unknown,succeeded,failed,closed}'),
    ('payment attempt', 'failed', '{succeeded}'),
    ('payment attempt', 'closed', '{succeeded}'),
    ('refund', 'requested', '{processing,unknown,succeeded,failed}'),
    ('refund', 'processing', '{processing,unknown,succeeded,failed}'),
    ('refund', 'unknown', '{processing,unknown,succeeded,failed}'),
    ('refund', 'failed', '{requested}')
  ) AS t(subject, former, nexts), unnest(t.nexts) AS n(next);
END;

-- What is older than the oldest event that is kept cannot be judged by its events.
CREATE FUNCTION invariants.history_begins() RETURNS timestamptz LANGUAGE sql STABLE
BEGIN ATOMIC
  SELECT coalesce((SELECT occurred_at FROM events ORDER BY seq LIMIT 1), '-infinity');
END;

-- The worker makes its tables after ours and changes them in its own time, so they are named only when they are asked for.
CREATE FUNCTION invariants.jobs() RETURNS TABLE (task text, event_id text, attempts int, is_parked boolean, run_at timestamptz, locked_at timestamptz)
  LANGUAGE plpgsql STABLE ROWS 10 AS $$
BEGIN
  IF to_regclass('graphile_worker.jobs') IS NULL THEN RETURN; END IF;
  RETURN QUERY EXECUTE 'SELECT task_identifier, split_part(key, '':'', 2), attempts::int, attempts >= max_attempts, run_at, locked_at
                          FROM graphile_worker.jobs';
END $$;
`;
