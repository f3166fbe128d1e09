import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';

/** A failure that names no payment: a message that is not ours, a callback that fits nothing. */
export interface UnnamedFailure {
  readonly reason: string;
  /** What failed, as in message:<digest>: told again it is the same row. */
  readonly subject: string;
  readonly detail: string;
}

/**
 * Open rows of one reason; whoever can write to the broker must not fill the disk. Past it they
 * share one row, which counts them.
 */
const unnamedOpenMax = 1_000;

const unnamedUpsert = statement<Record<never, never>>(
  'payments_unnamed_failure_upsert',
  `INSERT INTO failed_tasks AS t (subject, reason, detail, first_at, last_at, history)
   SELECT CASE WHEN few.yes THEN $2::text ELSE 'others' END, $1::text, $3::text, now(), now(),
          failed_task_history(now(), $3::text)
     FROM (SELECT count(*) < $4 AS yes FROM (
             SELECT FROM failed_tasks
              WHERE payment_id IS NULL AND reason = $1::text AND closed_at IS NULL LIMIT $4) x) few
   ON CONFLICT (subject, reason) WHERE payment_id IS NULL DO UPDATE
      SET times = t.times + 1, detail = excluded.detail, last_at = excluded.last_at,
          history = failed_task_history(t.history, excluded.history), closed_at = NULL`,
);

export async function recordUnnamedFailure(
  database: Queryable,
  { reason, subject, detail }: UnnamedFailure,
): Promise<void> {
  await database.query(unnamedUpsert, [reason, subject, detail, unnamedOpenMax]);
}

/** A payment whose end leaves nothing to do for whoever looks at its failed tasks. */
export interface ClosedTask {
  readonly id: PaymentId;
  readonly closedBy: string;
  readonly note: string;
}

const tasksClose = statement<Record<never, never>>(
  'payments_failed_tasks_close',
  `UPDATE failed_tasks t SET closed_at = $1::timestamptz, closed_by = c.closed_by, closed_note = c.note
     FROM unnest($2::uuid[], $3::text[], $4::text[]) AS c (id, closed_by, note)
    WHERE t.payment_id = c.id AND t.closed_at IS NULL`,
);

/** Under the lock of each payment's state. */
export function closeFailedTasks(
  tx: Tx,
  closed: readonly ClosedTask[],
  now: Date,
): Promise<unknown> {
  return tx.query(tasksClose, [
    now,
    closed.map((one) => one.id),
    closed.map((one) => one.closedBy),
    closed.map((one) => one.note),
  ]);
}
