import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { FailedTaskId, PaymentId } from '../ids.ts';
import type { PaymentStatus } from '../payments/states.ts';

export interface FailedTaskRow {
  readonly id: FailedTaskId;
  readonly paymentId: PaymentId | null;
  /** What failed where it is no payment. */
  readonly subject: string | null;
  readonly reason: string;
  readonly detail: string;
  readonly times: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** Null: open. */
  readonly closedAt: Date | null;
  readonly closedBy: string | null;
  readonly closedNote: string | null;
  readonly requeuedAt: Date | null;
  readonly requeuedBy: string | null;
  /** How its payment stands now. */
  readonly paymentStatus: PaymentStatus | null;
}

export interface Occurrence {
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly detail: string;
}

export interface FailedTaskWithHistory extends FailedTaskRow {
  /** The newest occurrences, eldest first. */
  readonly history: readonly Occurrence[];
}

const columns = `t.id, t.payment_id AS "paymentId", t.subject, t.reason, t.detail, t.times,
          t.first_at AS "firstAt", t.last_at AS "lastAt", t.closed_at AS "closedAt",
          t.closed_by AS "closedBy", t.closed_note AS "closedNote",
          t.requeued_at AS "requeuedAt", t.requeued_by AS "requeuedBy",
          s.status AS "paymentStatus"`;

/** Where a page ended: rows are ordered by what never changes. */
export interface Position {
  /** Microseconds since 1970: a Date would lose three digits, and rows with them. */
  readonly firstAtUs: bigint;
  readonly id: FailedTaskId;
}

export interface FailedTaskFilter {
  readonly isOpen: boolean | null;
  readonly reason: string | null;
  readonly paymentId: PaymentId | null;
  readonly after: Position | null;
  readonly limit: number;
}

const pageSelect = statement<FailedTaskRow & { readonly firstAtUs: bigint }>(
  'failed_tasks_page',
  `SELECT ${columns}, (extract(epoch FROM t.first_at) * 1000000)::bigint AS "firstAtUs"
     FROM failed_tasks t LEFT JOIN payment_state s ON s.payment_id = t.payment_id
    WHERE ($1::boolean IS NULL OR (t.closed_at IS NULL) = $1)
      AND ($2::text IS NULL OR t.reason = $2)
      AND ($3::uuid IS NULL OR t.payment_id = $3)
      AND ($4::bigint IS NULL
           OR (t.first_at, t.id)
              < (timestamptz 'epoch' + $4 * interval '1 microsecond', $5::uuid))
    ORDER BY t.first_at DESC, t.id DESC LIMIT $6`,
);

export function selectFailedTasks(
  database: Queryable,
  filter: FailedTaskFilter,
): Promise<readonly (FailedTaskRow & { readonly firstAtUs: bigint })[]> {
  const { isOpen, reason, paymentId, after, limit } = filter;
  const [firstAtUs, id] = [after?.firstAtUs ?? null, after?.id ?? null];
  return database.query(pageSelect, [isOpen, reason, paymentId, firstAtUs, id, limit]);
}

const oneSelect = statement<FailedTaskWithHistory>(
  'failed_tasks_one',
  `SELECT ${columns}, t.history
     FROM failed_tasks t LEFT JOIN payment_state s ON s.payment_id = t.payment_id
    WHERE t.id = $1`,
);

export async function selectFailedTask(
  database: Queryable,
  id: FailedTaskId,
): Promise<FailedTaskWithHistory | null> {
  const [row] = await database.query(oneSelect, [id]);
  return row ?? null;
}

const openIds = statement<{ id: FailedTaskId }>(
  'failed_tasks_open_ids',
  `SELECT t.id FROM failed_tasks t JOIN payment_state s ON s.payment_id = t.payment_id
    WHERE t.closed_at IS NULL AND t.reason = $1 AND s.due_at IS NOT NULL
    ORDER BY t.requeued_at NULLS FIRST, t.first_at, t.id LIMIT $2`,
);

/** Open tasks of unfinished payments, those first that nobody has asked about again. */
export async function selectOpenIds(
  database: Queryable,
  reason: string,
  limit: number,
): Promise<readonly FailedTaskId[]> {
  return (await database.query(openIds, [reason, limit])).map((row) => row.id);
}

/** What an operation decides over. */
export interface LockedTask {
  readonly id: FailedTaskId;
  readonly paymentId: PaymentId | null;
  readonly reason: string;
  readonly isOpen: boolean;
  readonly paymentStatus: PaymentStatus | null;
  /** Somebody is asking the bank: the last claim has left no attempt, and its lease runs. */
  readonly isInContact: boolean;
}

const statesLock = statement<Record<never, never>>(
  'failed_tasks_states_lock',
  `SELECT FROM payment_state
    WHERE payment_id IN (SELECT payment_id FROM failed_tasks WHERE id = ANY($1::uuid[]))
    ORDER BY payment_id FOR NO KEY UPDATE`,
);

const tasksLock = statement<LockedTask>(
  'failed_tasks_lock',
  `SELECT t.id, t.payment_id AS "paymentId", t.reason, t.closed_at IS NULL AS "isOpen",
          s.status AS "paymentStatus",
          coalesce(s.contact_at > clock_timestamp() AND s.fence > 0
                   AND NOT EXISTS (SELECT FROM attempts a
                                    WHERE a.payment_id = s.payment_id AND a.fence = s.fence - 1),
                   false) AS "isInContact"
     FROM failed_tasks t LEFT JOIN payment_state s ON s.payment_id = t.payment_id
    WHERE t.id = ANY($1::uuid[])
    ORDER BY t.id FOR NO KEY UPDATE OF t`,
);

/**
 * Payments first, tasks after, as settle does; a statement each, so that what they are decided over
 * is how whoever held the lock has left it.
 */
export async function lockTasks(
  tx: Tx,
  ids: readonly FailedTaskId[],
): Promise<readonly LockedTask[]> {
  const [, tasks] = await Promise.all([tx.query(statesLock, [ids]), tx.query(tasksLock, [ids])]);
  return tasks;
}

const paymentsDue = statement<Record<never, never>>(
  'failed_tasks_payments_due',
  `UPDATE payment_state SET contact_at = clock_timestamp(), due_at = clock_timestamp()
    WHERE payment_id = ANY($1::uuid[]) AND due_at IS NOT NULL`,
);

const requeueMark = statement<Record<never, never>>(
  'failed_tasks_requeue',
  `UPDATE failed_tasks SET requeued_at = clock_timestamp(), requeued_by = $2
    WHERE id = ANY($1::uuid[])`,
);

export interface Requeued {
  readonly tasks: readonly FailedTaskId[];
  readonly payments: readonly PaymentId[];
  readonly by: string;
}

export async function markRequeued(tx: Tx, { tasks, payments, by }: Requeued): Promise<void> {
  await Promise.all([tx.query(paymentsDue, [payments]), tx.query(requeueMark, [tasks, by])]);
}

const closeMark = statement<Record<never, never>>(
  'failed_tasks_close',
  `UPDATE failed_tasks SET closed_at = clock_timestamp(), closed_by = $2, closed_note = $3
    WHERE id = $1`,
);

export async function markClosed(
  tx: Tx,
  id: FailedTaskId,
  { by, note }: { readonly by: string; readonly note: string },
): Promise<void> {
  await tx.query(closeMark, [id, by, note]);
}

export interface ResolvableState {
  readonly status: PaymentStatus;
  readonly submits: number;
  /** The bank was asked, and what came of it is not known. */
  readonly isUnknown: boolean;
}

const resolvableSelect = statement<ResolvableState>(
  'failed_tasks_resolvable',
  `SELECT status, submits::int AS submits,
          status = 'PENDING_REVIEW' OR unsure OR coalesce(next_contact = 'inquire', false)
            AS "isUnknown"
     FROM payment_state WHERE payment_id = $1`,
);

export async function selectResolvable(
  database: Queryable,
  id: PaymentId,
): Promise<ResolvableState | null> {
  const [row] = await database.query(resolvableSelect, [id]);
  return row ?? null;
}
