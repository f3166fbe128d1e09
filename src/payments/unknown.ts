import type { Queryable } from '../db/database.ts';
import { selectOldestUnknown } from './details-store.ts';

export interface OldestUnknown {
  /**
   * Seconds since the first submit of the oldest payment whose outcome is unknown, as some seconds
   * ago; null where none is.
   */
  readonly seconds: () => Promise<number | null>;
}

/** Its query looks at every unfinished payment: many askers, and often, share one look. */
const looksApartMs = 10_000;

export function openOldestUnknown(database: Queryable, monotonic: () => number): OldestUnknown {
  let look: { readonly startedAt: number; readonly seconds: Promise<number | null> } | null = null;
  return {
    seconds: () => {
      const now = monotonic();
      if (look === null || now - look.startedAt >= looksApartMs) {
        const started = { startedAt: now, seconds: selectOldestUnknown(database) };
        look = started;
        // The next one who asks looks again.
        started.seconds.catch(() => {
          if (look === started) look = null;
        });
      }
      return look.seconds;
    },
  };
}
