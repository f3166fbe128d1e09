/**
 * In:   payments that somebody must look at: just accepted, or found due by the sweeper.
 * Out:  messages that name them, up to `hintPaymentsMax` each.
 * If we die here: a hint that was not sent is sent by the sweeper at the row's next `due_at`; one
 *       sent twice is absorbed by the claim.
 */
import type { Database } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';
import { hintPaymentsMax, type Queue } from '../queue/queue.ts';
import type { KillPoints } from '../runtime/kill-point.ts';
import type { Logger } from '../telemetry/log.ts';
import { reviewOverdue } from './dispatch-overdue-store.ts';
import { moveBack, moveDue, recallOrphans } from './dispatch-store.ts';

export interface DispatchOptions {
  readonly database: Pick<Database, 'keyed'>;
  readonly queue: Queue;
  readonly log: Logger;
  readonly reach: KillPoints;
}

export interface Dispatch {
  /** Sends hints; never throws and never makes the caller wait: a lost hint costs time only. */
  readonly announce: (ids: readonly PaymentId[]) => void;
  /**
   * One look at what is due. `again`: there may be more.
   * @param rowsMax no more are moved; 0 while this process would claim none: others may
   */
  readonly sweepOnce: (rowsMax?: number) => Promise<'again' | 'idle'>;
  /** Puts what is past its deadline without an outcome before a human. */
  readonly reviewOnce: () => Promise<'again' | 'idle'>;
  /**
   * For a process that is the only one on its database: whatever it finds unfinished at its start
   * was its predecessor's, so nobody needs to wait for hints that are gone or for leases of the
   * dead. An early inquiry is harmless: "not found" ends nothing while the last submit may still
   * arrive.
   */
  readonly takeOver: (leaseMs: number) => Promise<void>;
}

/** Rows moved in one statement: its locks and its WAL stay small beside a settling group. */
const sweepRowsMax = 500;
/**
 * A hint is repeated after 30 s, then ever more rarely: a queue that works needs one, and a backlog
 * of a million must not be swept every minute.
 */
const gapMsMin = 30_000;
const gapMsMax = 600_000;
/** Soon enough to notice a broker that is back, rare enough to not be its first load. */
const refusedAgainMs = 5_000;
/** More than a minute's work still waits in the queue: hints for it would only pile up. */
const backlogMax = 20_000;

export function openDispatch(options: DispatchOptions): Dispatch {
  const { database, queue, log, reach } = options;

  /** @returns those whose hint was refused */
  async function send(ids: readonly PaymentId[]): Promise<readonly PaymentId[]> {
    reach('dispatch.before_publish');
    for (let start = 0; start < ids.length; start += hintPaymentsMax) {
      const paymentIds = ids.slice(start, start + hintPaymentsMax);
      const result = await queue.publish({ paymentIds });
      if (result === 'refused') {
        log.warn({ payments: ids.length - start }, 'hints refused, the sweeper will send them');
        return ids.slice(start);
      }
      reach('dispatch.after_publish');
    }
    return [];
  }

  let wasRefused = false;

  return {
    announce: (ids) => {
      send(ids).catch((error: unknown) =>
        log.warn({ error }, 'hints lost, the sweeper will send them'),
      );
    },
    sweepOnce: async (rowsAllowed = sweepRowsMax) => {
      const rowsMax = Math.min(sweepRowsMax, rowsAllowed);
      if (rowsMax < 1) return 'idle';
      // A worker that alone lost its broker must not keep what is due from the others' sweepers.
      if (wasRefused && !(await isThere(queue))) return 'idle';
      const withPending = (await queue.depth()) < backlogMax;
      const due = await moveDue(database.keyed, {
        rowsMax,
        withPending,
        gapMsMin,
        gapMsMax,
      });
      const refused = due.length === 0 ? [] : await send(due);
      wasRefused = refused.length > 0;
      // A queue that is away must not push what is due ever further into the future.
      if (refused.length > 0) await moveBack(database.keyed, refused, refusedAgainMs);
      return due.length === sweepRowsMax && refused.length === 0 ? 'again' : 'idle';
    },
    reviewOnce: async () => {
      const overdue = await reviewOverdue(database.keyed, sweepRowsMax);
      for (const id of overdue)
        log.error({ payment_id: id }, 'no outcome until its deadline: put in review');
      return overdue.length === sweepRowsMax ? 'again' : 'idle';
    },
    takeOver: async (leaseMs) => {
      let found = 0;
      for (let rows = sweepRowsMax; rows === sweepRowsMax; found += rows)
        rows = await recallOrphans(database.keyed, sweepRowsMax, leaseMs);
      if (found > 0) log.info({ payments: found }, 'unfinished payments taken over');
    },
  };
}

function isThere(queue: Queue): Promise<boolean> {
  return queue.ping().then(
    () => true,
    () => false,
  );
}
