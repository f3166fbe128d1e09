/**
 * In:   failed tasks that somebody wants tried again.
 * Out:  their unfinished payments are due now, whatever their schedule said: the bank is asked, or
 *       told again, as the row says. The deed is in the audit log.
 * If we die here: before the commit nothing happened; after it the sweeper finds them due.
 */
import { unreachable } from '../assert.ts';
import { appendAuditLog, type DoneBy } from '../audit-log/append.ts';
import type { Database } from '../db/database.ts';
import type { FailedTaskId, PaymentId } from '../ids.ts';
import { isFinal } from '../payments/states.ts';
import { type LockedTask, lockTasks, markRequeued, selectOpenIds } from './store.ts';

export interface RequeueOptions {
  readonly database: Pick<Database, 'query' | 'transaction'>;
  /** Sends hints; whom it does not reach, the sweeper does. */
  readonly announce: (ids: readonly PaymentId[]) => void;
}

export type RequeueResult =
  | 'requeued'
  | 'not_found'
  /** Closed: open it by failing again. */
  | 'closed'
  /** It is no payment: a message that was not ours cannot be sent again. */
  | 'no_payment'
  /** Nothing is left to ask. */
  | 'final'
  /** The bank is being asked just now; its answer, or the end of the lease, comes by itself. */
  | 'in_contact';

/**
 * Locks as many payments: a transaction of an operator must not stand in a settling group's way.
 */
export const requeueMax = 100;

/** One answer per id, in order. */
export async function requeueTasks(
  { database, announce }: RequeueOptions,
  ids: readonly FailedTaskId[],
  done: DoneBy,
): Promise<readonly RequeueResult[]> {
  const { tasks, results } = await database.transaction(async (tx) => {
    const locked = new Map((await lockTasks(tx, ids)).map((task) => [task.id, task]));
    const decided = new Map(ids.map((id) => [id, decideRequeue(locked.get(id))]));
    const chosen = [...locked.values()].filter((task) => decided.get(task.id) === 'requeued');
    if (chosen.length > 0) {
      await markRequeued(tx, {
        tasks: chosen.map((task) => task.id),
        payments: paymentsOf(chosen),
        by: done.actor,
      });
      await appendAuditLog(tx, chosen.map(entryOf(done)));
    }
    return { tasks: chosen, results: ids.map((id) => decided.get(id) ?? 'not_found') };
  });
  if (tasks.length > 0) announce(paymentsOf(tasks));
  return results;
}

/** Open tasks of one reason whose payments are unfinished; the longest left alone first. */
export async function requeueReason(
  options: RequeueOptions,
  { reason, limit }: { readonly reason: string; readonly limit: number },
  done: DoneBy,
): Promise<readonly { readonly id: FailedTaskId; readonly result: RequeueResult }[]> {
  const ids = await selectOpenIds(options.database, reason, Math.min(limit, requeueMax));
  const results = await requeueTasks(options, ids, done);
  return ids.map((id, at) => ({ id, result: results[at] ?? 'not_found' }));
}

function decideRequeue(task: LockedTask | undefined): RequeueResult {
  if (task === undefined) return 'not_found';
  if (task.paymentStatus === null) return 'no_payment';
  if (isFinal(task.paymentStatus)) return 'final';
  if (!task.isOpen) return 'closed';
  return task.isInContact ? 'in_contact' : 'requeued';
}

function paymentsOf(tasks: readonly LockedTask[]): readonly PaymentId[] {
  return [...new Set(tasks.flatMap(({ paymentId }) => (paymentId === null ? [] : [paymentId])))];
}

function entryOf(done: DoneBy) {
  return ({ id, paymentId, reason, paymentStatus }: LockedTask) => ({
    ...done,
    action: 'failed_task.requeue',
    subject: `failed_task:${id}`,
    before: { reason, payment_id: paymentId, payment_status: paymentStatus },
    after: { due: 'now' },
  });
}

/** For people, who are told one by one. */
export function requeueSentence(result: RequeueResult): string {
  switch (result) {
    case 'requeued':
      return 'its payment is due now';
    case 'not_found':
      return 'there is no such failed task';
    case 'closed':
      return 'it is closed';
    case 'no_payment':
      return 'it names no payment';
    case 'final':
      return 'its payment is final';
    case 'in_contact':
      return 'the bank is being asked about its payment just now';
    default:
      return unreachable(result);
  }
}
