import { type Queryable, statement } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';

const dueSweep = statement<{ id: PaymentId }>(
  'payments_due_sweep',
  // Moved first, published after: whoever dies in between leaves a row that comes back by itself. The
  // gap doubles with the age of the row's last change, from $3 to $4 milliseconds. contact_at stays:
  // it says whether the bank may be asked, due_at only when somebody looks again.
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
