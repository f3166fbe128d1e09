import { appendAuditLog, type DoneBy } from '../audit-log/append.ts';
import type { Database } from '../db/database.ts';
import type { FailedTaskId } from '../ids.ts';
import { lockTasks, markClosed } from './store.ts';

export type CloseResult =
  | 'closed'
  | 'not_found'
  | 'already_closed'
  /** It is the only trace of a payment that waits for a decision: see resolve-payment.ts. */
  | 'in_review';

/** Nothing is left to do, and a note says why. It opens again where the same happens again. */
export function closeTask(
  database: Pick<Database, 'transaction'>,
  id: FailedTaskId,
  done: DoneBy & { readonly reason: string },
): Promise<CloseResult> {
  return database.transaction(async (tx): Promise<CloseResult> => {
    const [task] = await lockTasks(tx, [id]);
    if (task === undefined) return 'not_found';
    if (!task.isOpen) return 'already_closed';
    const { reason, paymentId, paymentStatus } = task;
    if (reason === 'REVIEW' && paymentStatus === 'PENDING_REVIEW') return 'in_review';
    await markClosed(tx, id, { by: done.actor, note: done.reason });
    await appendAuditLog(tx, [
      {
        ...done,
        action: 'failed_task.close',
        subject: `failed_task:${id}`,
        before: { state: 'open', reason, payment_id: paymentId, payment_status: paymentStatus },
        after: { state: 'closed' },
      },
    ]);
    return 'closed';
  });
}
