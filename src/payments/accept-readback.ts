import type { Clock } from '../clock.ts';
import { type Database, DatabaseAway, OutcomeUnknown } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';
import { waitFor } from '../runtime/wait.ts';
import { countPresent, writeMark } from './readback-store.ts';

export interface ReadBackOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** Monotonic: when the callers stop waiting. */
  readonly endsAt: number;
}

/** One look takes no longer than this: the server may be on its way down, or not yet up. */
const lookMs = 1_000;
/** Between two looks; it doubles, because a COMMIT that is on its way lands soon or not at all. */
const pauseMsMin = 20;
const pauseMsMax = 500;

/**
 * A COMMIT whose answer never came may have happened. These payments, all of one transaction, are
 * looked for by their ids until the callers' deadline, once at least.
 *
 * "Present" counts only after a later write of ours has committed: a synchronous standby has then
 * confirmed everything before it, so a failover cannot take the payments away again. "Absent" is
 * never final: the COMMIT may still be under way.
 *
 * @returns whether they are certainly stored; false says nothing.
 */
export async function readBack(
  ids: readonly PaymentId[],
  { database, clock, endsAt }: ReadBackOptions,
): Promise<boolean> {
  for (let pauseMs = pauseMsMin; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
    if (await arePresent(database, ids)) return true;
    const leftMs = endsAt - clock.monotonic();
    if (leftMs <= 0) return false;
    await waitFor(Math.min(pauseMs, leftMs), never);
  }
}

const never = new AbortController().signal;

async function arePresent(database: Database, ids: readonly PaymentId[]): Promise<boolean> {
  try {
    return await database.group({
      name: 'read_back',
      deadlineMs: lookMs,
      read: (tx) => countPresent(tx, ids),
      write: (tx, present) => ({
        written: present === ids.length ? writeMark(tx) : Promise.resolve(),
        result: present === ids.length,
      }),
    });
  } catch (error) {
    // No answer is no answer: the next look may get one.
    if (error instanceof DatabaseAway || error instanceof OutcomeUnknown) return false;
    throw error;
  }
}
