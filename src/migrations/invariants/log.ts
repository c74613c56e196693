import type { Invariant } from './view.js';

export const LOG: readonly Invariant[] = [
  {
    name: 'log_is_append_only',
    says: 'Nobody can change or delete an event or a stock movement.',
    sql: `
      SELECT NULL::uuid, NULL::uuid, t.name, 'no trigger refuses an UPDATE and a DELETE'
        FROM (VALUES ('events', 'events'::regclass), ('stock_movements', 'stock_movements'::regclass)) AS t(name, relation)
       WHERE NOT EXISTS (SELECT FROM pg_trigger g JOIN pg_proc f ON f.oid = g.tgfoid
                          WHERE g.tgrelid = t.relation AND f.proname = 'refuse_change' AND g.tgenabled IN ('O', 'A')
                            AND g.tgtype & 24 = 24 /* UPDATE and DELETE */)`,
  },
  {
    name: 'event_is_recorded_once',
    says: 'An event stands in the log once.',
    sql: `
      SELECT min(merchant_id::text)::uuid, min(order_id::text)::uuid, id::text, format('%s events have this id', count(*))
        FROM events GROUP BY id HAVING count(*) > 1`,
  },
  {
    name: 'cause_stands_before_its_event',
    says: 'What caused an event stands before it, and shares its correlation id.',
    sql: `
      SELECT e.merchant_id, e.order_id, e.id::text,
             CASE WHEN c.id IS NULL THEN format('event %s was caused by %s, which is not in the log', e.seq, e.causation_id)
                  ELSE format('event %s (%s) was caused by event %s (%s)', e.seq, e.correlation_id, c.seq, c.correlation_id) END
        FROM events e
        LEFT JOIN events c ON c.id = e.causation_id
        LEFT JOIN orders o ON o.id = e.order_id
       WHERE e.causation_id IS NOT NULL AND coalesce(o.created_at, 'infinity') >= (SELECT invariants.history_begins())
         AND (c.id IS NULL OR c.seq >= e.seq OR c.correlation_id <> e.correlation_id)`,
  },
  {
    name: 'event_had_its_effect',
    says: 'What follows from an event after its commit was begun: refunds are sent, other attempts are to be closed, and no job has given up.',
    sql: `
      SELECT r.merchant_id, r.order_id, r.id::text, format('payment.refund_requested at %s, and the refund was not sent', e.told)
        FROM refunds r
       CROSS JOIN LATERAL (SELECT max(occurred_at) AS told FROM events
                            WHERE order_id = r.order_id AND type = 'payment.refund_requested' AND facts ->> 'refundId' = r.id::text) e
       WHERE r.status = 'requested' AND e.told < invariants.present() - invariants.bound('effect')
      UNION ALL
      SELECT a.merchant_id, a.order_id, a.id::text, format('the payment is %s, and an attempt that is %s is not to be closed', p.status, a.status)
        FROM payment_attempts a JOIN payments p ON p.id = a.payment_id
       WHERE a.status IN ('created', 'pending', 'unknown') AND NOT a.close_requested AND p.status <> 'requires_payment'
      UNION ALL
      SELECT e.merchant_id, e.order_id, j.event_id, format('%s was tried %s times and is parked', j.task, j.attempts)
        FROM invariants.jobs() j LEFT JOIN events e ON e.id::text = j.event_id
       WHERE j.is_parked`,
  },
  {
    name: 'job_does_not_wait_for_ever',
    says: 'A job is taken soon after it is due, and nobody keeps it for longer than its bound.',
    sql: `
      SELECT e.merchant_id, e.order_id, j.event_id, format('%s was due at %s, taken at %s', j.task, j.run_at, coalesce(j.locked_at::text, 'no time'))
        FROM invariants.jobs() j LEFT JOIN events e ON e.id::text = j.event_id
       WHERE NOT j.is_parked
         AND CASE WHEN j.locked_at IS NULL THEN j.run_at < now() - invariants.bound('job') ELSE j.locked_at < now() - invariants.bound('job_lock') END`,
  },
  {
    name: 'idempotency_record_has_its_answer',
    says: 'What was made under a key was answered, what was refused was not made, what was answered is there, and no request stays unanswered for longer than its bound.',
    sql: `
      SELECT k.merchant_id, o.id, k.key,
             CASE WHEN k.answer IS NULL AND made.what IS NOT NULL THEN format('a %s was made and never answered', made.what)
                  WHEN k.answer IS NULL THEN format('under way since %s', k.created_at)
                  WHEN k.is_refused AND made.what IS NOT NULL THEN format('refused, and a %s was made', made.what)
                  WHEN k.is_refused = k.is_done THEN 'the answer is neither a body nor a refusal'
                  ELSE 'answered with something that does not exist' END
        FROM (SELECT *, answer::jsonb ? 'error' AS is_refused, answer::jsonb ? 'body' AS is_done, answer::jsonb -> 'body' ->> 'id' AS answered_id
                FROM idempotency_keys) k
        LEFT JOIN orders o ON o.id = k.resource_id
        LEFT JOIN refunds r ON r.id = k.resource_id
        LEFT JOIN payment_attempts a ON a.id = k.resource_id
        LEFT JOIN gateway_accounts g ON g.id = k.resource_id
       CROSS JOIN LATERAL (SELECT CASE WHEN o.id IS NOT NULL THEN 'order' WHEN r.id IS NOT NULL THEN 'refund' WHEN g.id IS NOT NULL THEN 'gateway account' END AS what) made
       WHERE (k.answer IS NULL AND (made.what IS NOT NULL OR k.created_at < invariants.present() - invariants.bound('answer')))
          OR (k.is_refused AND made.what IS NOT NULL)
          OR k.is_refused = k.is_done
          OR (k.answered_id = k.resource_id::text AND made.what IS NULL AND a.id IS NULL)`,
  },
];
