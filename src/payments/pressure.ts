import type { Clock } from '../clock.ts';
import type { Queryable } from '../db/database.ts';
import type { Service } from '../runtime/service.ts';
import type { Logger } from '../telemetry/log.ts';
import { countUnfinished } from './dispatch-store.ts';

/**
 * Whether new payments are welcome. Beyond a limit they get 503 with Retry-After, while reads go
 * on: a promise that we cannot keep soon is worth less to a client than a clear "later".
 */
export interface Pressure extends Service {
  /** Seconds after which to try again; null where payments are welcome. */
  readonly retryAfterSeconds: () => number | null;
}

export interface PressureOptions {
  readonly database: Queryable;
  readonly clock: Clock;
  readonly log: Logger;
  /** Unfinished payments. */
  readonly backlogMax: number;
  /** How late the event loop may come, averaged over about a second. */
  readonly eventLoopDelayMsMax: number;
}

/** Fine enough to see a loop that is a tenth of a second late, too rare to be seen itself. */
const tickMs = 100;
/** Weight of the newest tick: the average forgets a single long pause within a second. */
const newestWeight = 0.2;
/** The backlog is counted once a second, or as rarely as keeps counting below 2 % of the time. */
const countEveryMs = 1_000;
const countShare = 50;
/**
 * But not more rarely: a count that waited for a busy moment would otherwise refuse payments for
 * half a minute after the backlog has gone.
 */
const countEveryMsMax = 5_000;
const backlogRetrySeconds = 10;
const loopRetrySeconds = 1;

export function openPressure(options: PressureOptions): Pressure {
  const { database, clock, log, backlogMax, eventLoopDelayMsMax } = options;
  let delayMs = 0;
  let isBacklogFull = false;
  let countAt = clock.monotonic();
  let isCounting = false;
  let expectedAt = clock.monotonic() + tickMs;

  async function count(startedAt: number): Promise<void> {
    isCounting = true;
    try {
      const wasFull = isBacklogFull;
      isBacklogFull = (await countUnfinished(database, backlogMax + 1)) > backlogMax;
      if (isBacklogFull !== wasFull) log.warn({ isBacklogFull, backlogMax }, 'backlog');
    } catch (error) {
      // A database that cannot count cannot accept either, and says so itself.
      log.debug({ err: error }, 'the backlog could not be counted');
    } finally {
      const tookMs = clock.monotonic() - startedAt;
      const pauseMs = Math.min(countEveryMsMax, Math.max(countEveryMs, tookMs * countShare));
      countAt = clock.monotonic() + pauseMs;
      isCounting = false;
    }
  }

  const timer = setInterval(() => {
    const now = clock.monotonic();
    const lateMs = Math.max(0, now - expectedAt);
    expectedAt = now + tickMs;
    delayMs += (lateMs - delayMs) * newestWeight;
    if (!isCounting && now >= countAt) void count(now);
  }, tickMs);

  return {
    name: 'pressure',
    retryAfterSeconds: () => {
      if (isBacklogFull) return backlogRetrySeconds;
      return delayMs > eventLoopDelayMsMax ? loopRetrySeconds : null;
    },
    stop: () => {
      clearInterval(timer);
      return Promise.resolve();
    },
  };
}
