import { type Database, type GroupSteps, statement, type Tx } from '../../src/db/database.ts';
import { newPaymentId, type PaymentId } from '../../src/ids.ts';

/**
 * failed_tasks is a plain table that the application may write: the rows by which tests see
 * commits.
 */
const insert = statement<Record<never, never>>(
  'test_task_insert',
  `INSERT INTO failed_tasks (payment_id, reason, detail, first_at, last_at)
   VALUES ($1, 'TEST', $2, now(), now())`,
);
const select = statement<{ detail: string }>(
  'test_task_select',
  'SELECT detail FROM failed_tasks WHERE payment_id = $1',
);
const lock = statement<{ detail: string }>(
  'test_task_lock',
  'SELECT detail FROM failed_tasks WHERE payment_id = $1 FOR NO KEY UPDATE',
);

export const insertTask = (tx: Tx, id: PaymentId, detail = 'written'): Promise<unknown> =>
  tx.query(insert, [id, detail]);

export const readTask = async (database: Database, id: PaymentId): Promise<string | null> =>
  (await database.query(select, [id]))[0]?.detail ?? null;

export const lockTask = (tx: Tx, id: PaymentId): Promise<readonly { detail: string }[]> =>
  tx.query(lock, [id]);

/** A group that writes one row; `changes` replaces its steps. */
export function insertGroup(changes: Partial<GroupSteps<unknown, string>> = {}): {
  readonly id: PaymentId;
  readonly steps: GroupSteps<unknown, string>;
} {
  const id = newPaymentId();
  const steps: GroupSteps<unknown, string> = {
    name: 'test',
    deadlineMs: 5_000,
    read: async () => null,
    write: (tx) => ({ written: insertTask(tx, id), result: 'done' }),
    ...changes,
  };
  return { id, steps };
}
