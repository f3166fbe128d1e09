import { type Queryable, statement } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';

const overdueReview = statement<{ id: PaymentId }>(
  'payments_overdue_review',
  // Settle does the same with the outcome of a contact; here are those whose contacts bring none: a
  // worker dies of each, or a bank that fails is not asked. Not while a contact is under way. The
  // fence stays, so that a late worker may still bring the bank's word.
  `WITH overdue AS (
     SELECT payment_id FROM payment_state
      WHERE due_at <= clock_timestamp() AND contact_at <= clock_timestamp()
        AND deadline_at <= clock_timestamp() AND status = 'PROCESSING'
      ORDER BY payment_id LIMIT $1
        FOR NO KEY UPDATE SKIP LOCKED
   ), reviewed AS (
     UPDATE payment_state s
        SET status = 'PENDING_REVIEW', version = s.version + 1, next_contact = 'inquire',
            updated_at = clock_timestamp()
       FROM overdue o WHERE s.payment_id = o.payment_id
     RETURNING s.payment_id AS id, s.version, s.claims_open
   ), told AS (
     INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
     SELECT r.id, r.version, p.user_id, p.kind || '.review', '{"status":"PENDING_REVIEW"}',
            clock_timestamp(), (SELECT epoch FROM feed_epoch)
       FROM reviewed r JOIN payments p ON p.id = r.id
   ), tasked AS (
     INSERT INTO failed_tasks AS t (payment_id, reason, detail, first_at, last_at, history)
     SELECT id, 'REVIEW', detail, clock_timestamp(), clock_timestamp(),
            failed_task_history(clock_timestamp(), detail)
       FROM (SELECT id, 'no outcome until the deadline, ' || claims_open
                        || ' claims without one' AS detail FROM reviewed ORDER BY id) r
     ON CONFLICT (payment_id, reason) DO UPDATE
        SET times = t.times + 1, detail = excluded.detail, last_at = excluded.last_at,
            history = failed_task_history(t.history, excluded.history), closed_at = NULL
   )
   SELECT id FROM reviewed`,
);

/** Locks payments only. They stay due: the bank is asked next. */
export async function reviewOverdue(
  database: Queryable,
  rowsMax: number,
): Promise<readonly PaymentId[]> {
  const rows = await database.query(overdueReview, [rowsMax]);
  return rows.map((row) => row.id);
}
