import { type Queryable, statement } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';

const dueSweep = statement<{ id: PaymentId }>(
  'payments_due_sweep',
  // Moved first, published after: whoever dies in between leaves a row that comes back by itself.
  // The gap doubles with the age of the row's last change, from $3 to $4 milliseconds. contact_at
  // stays: it says whether the bank may be asked, due_at only when somebody looks again.
  `WITH due AS (
     SELECT payment_id FROM payment_state
      WHERE due_at <= clock_timestamp() AND ($2 OR status <> 'PENDING')
      ORDER BY due_at LIMIT $1
        FOR NO KEY UPDATE SKIP LOCKED
   )
   UPDATE payment_state s
      SET due_at = clock_timestamp()
          + least(greatest(extract(epoch FROM clock_timestamp() - s.updated_at) * 1000, $3), $4)
            * interval '1 ms'
     FROM due WHERE s.payment_id = due.payment_id
   RETURNING s.payment_id AS id`,
);

export interface SweepOptions {
  readonly rowsMax: number;
  /** False leaves out what was never claimed: its hints are still in the queue. */
  readonly withPending: boolean;
  readonly gapMsMin: number;
  readonly gapMsMax: number;
}

export async function moveDue(
  database: Queryable,
  options: SweepOptions,
): Promise<readonly PaymentId[]> {
  const { rowsMax, withPending, gapMsMin, gapMsMax } = options;
  const rows = await database.query(dueSweep, [rowsMax, withPending, gapMsMin, gapMsMax]);
  return rows.map((row) => row.id);
}

const refusedMoveBack = statement<Record<never, never>>(
  'payments_refused_move_back',
  `WITH refused AS (
     SELECT payment_id FROM payment_state
      WHERE payment_id = ANY($1::uuid[]) AND due_at > clock_timestamp() + $2 * interval '1 ms'
      ORDER BY payment_id FOR NO KEY UPDATE SKIP LOCKED
   )
   UPDATE payment_state s SET due_at = clock_timestamp() + $2 * interval '1 ms'
     FROM refused r WHERE s.payment_id = r.payment_id`,
);

/** Their hints were refused, so they are looked at again in `inMs` instead of after a whole gap. */
export async function moveBack(
  database: Queryable,
  ids: readonly PaymentId[],
  inMs: number,
): Promise<void> {
  await database.query(refusedMoveBack, [ids, inMs]);
}

const buriedRecall = statement<{ id: PaymentId }>(
  'payments_buried_recall',
  // Under the claim's order and the sweeper's rule: what is locked is being worked on, so it needs
  // no recall; contact_at stays, so a lease that runs is not cut short.
  `WITH unfinished AS (
     SELECT payment_id FROM payment_state
      WHERE payment_id = ANY($1::uuid[]) AND due_at IS NOT NULL
      ORDER BY payment_id FOR NO KEY UPDATE SKIP LOCKED
   ), recalled AS (
     UPDATE payment_state s SET due_at = greatest(s.contact_at, clock_timestamp())
       FROM unfinished u WHERE s.payment_id = u.payment_id
     RETURNING s.payment_id AS id
   )
   INSERT INTO failed_tasks AS t (payment_id, reason, detail, first_at, last_at, history)
   SELECT id, 'UNDELIVERABLE', $2::text, now(), now(), failed_task_history(now(), $2::text)
     FROM recalled ORDER BY id
   ON CONFLICT (payment_id, reason) DO UPDATE
      SET times = t.times + 1, detail = excluded.detail, last_at = excluded.last_at,
          history = failed_task_history(t.history, excluded.history), closed_at = NULL
   RETURNING payment_id AS id`,
);

/** Makes the unfinished payments of a message that nobody could handle due again, on record. */
export async function recallBuried(
  database: Queryable,
  ids: readonly PaymentId[],
  detail: string,
): Promise<readonly PaymentId[]> {
  const rows = await database.query(buriedRecall, [ids, detail]);
  return rows.map((row) => row.id);
}

const unfinishedCount = statement<{ count: bigint }>(
  'payments_unfinished_count',
  'SELECT count(*) FROM (SELECT 1 FROM payment_state WHERE due_at IS NOT NULL LIMIT $1) x',
);

/** Unfinished payments, counted up to `max`: the partial index has them, and no others. */
export async function countUnfinished(database: Queryable, max: number): Promise<number> {
  const [row] = await database.query(unfinishedCount, [max]);
  return Number(row?.count ?? 0n);
}

const ownRecall = statement<{ id: PaymentId }>(
  'payments_own_recall',
  // What was never claimed lost its hint with the queue in that process's memory; a call that was
  // under way has nobody left to wait for it. A submit that is scheduled keeps its moment.
  `WITH orphaned AS (
     SELECT payment_id FROM payment_state
      WHERE due_at > clock_timestamp()
        AND (status = 'PENDING'
             OR (next_contact = 'inquire' AND claims_open > 0
                 AND contact_at <= updated_at + $2 * interval '1 ms'))
      ORDER BY due_at LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
   )
   UPDATE payment_state s SET due_at = clock_timestamp(), contact_at = clock_timestamp()
     FROM orphaned o WHERE s.payment_id = o.payment_id
   RETURNING s.payment_id AS id`,
);

/**
 * Makes due now what a dead process left behind; at most `rowsMax` rows. An inquiry that was
 * scheduled for longer than a lease after the last change is no call that was cut off.
 *
 * @returns how many
 */
export async function recallOrphans(
  database: Queryable,
  rowsMax: number,
  leaseMs: number,
): Promise<number> {
  return (await database.query(ownRecall, [rowsMax, leaseMs])).length;
}
