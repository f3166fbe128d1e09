import { present } from '../../src/assert.ts';
import { type Database, statement } from '../../src/db/database.ts';
import type { FailedTaskId, PaymentId } from '../../src/ids.ts';
import { recordUnnamedFailure } from '../../src/payments/failed-task-store.ts';
import type { PaymentStatus } from '../../src/payments/states.ts';
import type { Person } from './api.ts';
import { insertTestPayment } from './api-payments.ts';

export interface TestTask {
  readonly task: FailedTaskId;
  readonly payment: PaymentId;
}

const asked = statement<never>(
  'test_task_payment_asked',
  `UPDATE payment_state SET submits = 1, fence = 1, unsure = true, next_contact = 'inquire',
          contact_at = now() - interval '1 s', due_at = now() + interval '1 day'
    WHERE payment_id = $1 AND due_at IS NOT NULL`,
);

const taskInsert = statement<{ id: FailedTaskId }>(
  'test_failed_task',
  `INSERT INTO failed_tasks (payment_id, reason, detail, first_at, last_at, history)
   VALUES ($1, $2, 'no answer', now(), now(), failed_task_history(now(), 'no answer'))
   RETURNING id`,
);

/** A deposit of 10.00 that the bank was asked about once, and its failed task. */
export async function insertTestTask(
  database: Database,
  person: Person,
  {
    status = 'PENDING_REVIEW',
    reason = 'REVIEW',
  }: { status?: PaymentStatus; reason?: string } = {},
): Promise<TestTask> {
  const payment = await insertTestPayment(database, person, { status });
  await database.query(asked, [payment]);
  const [row] = await database.query(taskInsert, [payment, reason]);
  return { task: present(row, 'RETURNING answers').id, payment };
}

const poisonSelect = statement<{ id: FailedTaskId }>(
  'test_poison_task',
  'SELECT id FROM failed_tasks WHERE subject = $1',
);

/** What failed was no payment. */
export async function insertTestPoison(database: Database, subject: string): Promise<FailedTaskId> {
  await recordUnnamedFailure(database, { reason: 'POISON_MESSAGE', subject, detail: 'not ours' });
  const [row] = await database.query(poisonSelect, [subject]);
  return present(row, 'it was just recorded').id;
}

const leaseStart = statement<never>(
  'test_task_payment_leased',
  `UPDATE payment_state SET fence = fence + 2, claims_open = 1, next_contact = 'inquire',
          contact_at = now() + interval '1 min', due_at = now() + interval '1 min'
    WHERE payment_id = $1`,
);

/** As if a worker were asking the bank about it now. */
export async function leaseTestPayment(database: Database, payment: PaymentId): Promise<void> {
  await database.query(leaseStart, [payment]);
}
