import { present } from '../assert.ts';
import { openCache } from '../cache.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { FeedEvent, FeedFilter } from './event.ts';
import { isAfter, later, type Position } from './position.ts';
import { type Edge, readPaymentEvents, scanFeed, selectEdge, selectEventUpTo } from './store.ts';

/**
 * Reads the feed in its order, (epoch, tx, n), below the oldest transaction that still runs: ids
 * are not commit order, and "greater than the last one that I saw" would lose whoever commits late.
 *
 * Promised: pages from place to place have every event once. Not promised: that an event is there
 * as soon as it is committed; it is when every older transaction has ended.
 */
export interface FeedReader {
  /** Behind everything that can be read now. */
  readonly newest: () => Promise<Position>;
  /** Before the oldest event on offer. */
  readonly oldest: () => Promise<Position>;
  /** Nobody can go on from there: other books, or older than what is on offer. */
  readonly isGone: (position: Position) => Promise<boolean>;
  readonly page: (from: Position, filter: FeedFilter, limit: number) => Promise<FeedPage | 'gone'>;
}

export interface FeedPage {
  readonly events: readonly FeedEvent[];
  /** Where to read on; further than the last event where others did not pass. */
  readonly end: Position;
  /** More may be there now. */
  readonly isFull: boolean;
  /** Something is committed that cannot be read yet. */
  readonly isHeld: boolean;
}

export interface ReaderOptions {
  readonly database: Database;
  readonly clock: Clock;
  /** Events older than this are not on offer. */
  readonly retentionMs: number;
}

/** Looked at for one page, whosever they are: a few milliseconds of the database. */
export const scannedMax = 2_000;
const oldestFreshMs = 60_000;

export function openReader({ database, clock, retentionMs }: ReaderOptions): FeedReader {
  const edge = async (): Promise<Edge> =>
    present(await selectEdge(database.keyed), 'feed_epoch has its row');
  let known: Position = { epoch: 0, tx: 0n, n: 0n };
  const oldest = openCache<'oldest', Position>({
    sizeMax: 1,
    freshMs: oldestFreshMs,
    clock,
    load: async () => {
      known = await findOldest(database, await edge(), { ageMs: retentionMs, known });
      return known;
    },
  });

  return {
    newest: async () => startOf(await edge()),
    oldest: () => oldest.get('oldest'),
    isGone: async (position) => {
      const [now, first] = await Promise.all([edge(), oldest.get('oldest')]);
      // From ahead of us: the database has lost transactions that this reader saw.
      if (position.epoch !== now.epoch || position.tx > now.unused) return true;
      return first.epoch === position.epoch && isAfter(first, position);
    },
    page: async (from, filter, limit) => {
      const look = { from, filter, limit, scannedMax };
      const { paymentId } = filter;
      const found =
        paymentId === null
          ? await scanFeed(database.keyed, look)
          : await readPaymentEvents(database.keyed, look, paymentId);
      const scan = present(found, 'feed_epoch has its row');
      if (scan.epoch !== from.epoch) return 'gone';
      const { events, last, held: isHeld } = scan;
      const lastPassed = events.at(-1);
      if (lastPassed !== undefined && events.length === limit)
        return { events, end: lastPassed.position, isFull: true, isHeld };
      if (last !== null) return { events, end: last, isFull: true, isHeld };
      const end = later(from, { epoch: scan.epoch, tx: scan.edgeTx, n: 0n });
      return { events, end, isFull: false, isHeld };
    },
  };
}

/** Events number from 1, so this is before the first one of that transaction. */
function startOf({ epoch, tx }: Edge): Position {
  return { epoch, tx, n: 0n };
}

/**
 * The last event that is too old, by halves: events are (but for seconds) as old as their place
 * says, and an index on their age would cost every payment what this costs once a minute.
 */
async function findOldest(
  database: Database,
  { epoch, unused }: Edge,
  { ageMs, known }: { readonly ageMs: number; readonly known: Position },
): Promise<Position> {
  let oldest: Position = known.epoch === epoch ? known : { epoch, tx: 0n, n: 0n };
  /** Up to `old` there is nothing younger; `young` has something younger, or is not used yet. */
  let [old, young] = [oldest.tx, unused];
  let tx = unused;
  while (young - old > 1n) {
    const event = await selectEventUpTo(database.keyed, { epoch, tx, ageMs });
    if (event === null || event.isOld) {
      if (event !== null) oldest = later(oldest, event.position);
      old = tx;
    } else young = event.position.tx;
    tx = (old + young) / 2n;
  }
  return oldest;
}
