import { type Queryable, statement } from '../db/database.ts';
import type { PaymentId, UserId } from '../ids.ts';
import type { FeedEvent, FeedFilter } from './event.ts';
import type { Position } from './position.ts';

/** How far the feed can be read now. */
export interface Edge {
  readonly epoch: number;
  /** Every transaction below has ended: nothing can appear there any more. */
  readonly tx: bigint;
  /** No transaction has this number yet, nor a greater one. */
  readonly unused: bigint;
}

interface EdgeRow {
  readonly epoch: number;
  readonly xmin: string;
  readonly xmax: string;
}

const edgeColumns = `epoch, pg_snapshot_xmin(pg_current_snapshot()) AS xmin`;

const edgeNow = statement<EdgeRow>(
  'feed_edge',
  `SELECT epoch, pg_snapshot_xmin(pg_current_snapshot())::text AS xmin,
          pg_snapshot_xmax(pg_current_snapshot())::text AS xmax
     FROM feed_epoch`,
);

export async function selectEdge(database: Queryable): Promise<Edge | null> {
  const [row] = await database.query(edgeNow, []);
  return row === undefined
    ? null
    : { epoch: row.epoch, tx: BigInt(row.xmin), unused: BigInt(row.xmax) };
}

/** The edge, and beside it one event or none. */
interface ScanRow {
  readonly epoch: number;
  readonly xmin: string;
  readonly passes: boolean;
  /** No more were to be looked at. */
  readonly isLast: boolean;
  readonly held: boolean;
  readonly tx: string | null;
  readonly n: bigint;
  readonly paymentId: PaymentId;
  readonly version: number;
  readonly userId: UserId;
  readonly type: string;
  readonly data: string;
  readonly createdAt: Date;
}

export interface Scan {
  readonly epoch: number;
  readonly edgeTx: bigint;
  /** The last one that could be looked at, though it may not have passed; null: all were. */
  readonly last: Position | null;
  /** Committed, but beside somebody who still runs: to be seen soon. */
  readonly held: boolean;
  readonly events: readonly FeedEvent[];
}

const eventColumns = `tx, n, payment_id, version, user_id, type, data, created_at`;
const outColumns = `edge.epoch, edge.xmin::text AS xmin, m.tx::text AS tx, m.n,
  m.payment_id AS "paymentId", m.version, m.user_id AS "userId", m.type, m.data,
  m.created_at AS "createdAt"`;
// An event whose transaction has ended beside one that has not.
const isHeld = `EXISTS (SELECT 1 FROM events
                       WHERE events.epoch = edge.epoch AND events.tx >= edge.xmin) AS held`;

// The bound of the look is on the events of everybody, in one snapshot with the edge; it ends where
// the page is full, or at the last one that may be looked at, which is told whether it passes or
// not. `epoch =` and a row of the two others: a row of all three is not where the index scan
// starts, and every page read all pages before it.
const feedScan = statement<ScanRow>(
  'feed_scan',
  `WITH edge AS MATERIALIZED (SELECT ${edgeColumns} FROM feed_epoch)
   SELECT ${outColumns}, m.passes, m.nth = $4 AS "isLast", ${isHeld}
     FROM edge
     LEFT JOIN LATERAL (
       SELECT * FROM (
         SELECT e.*, row_number() OVER ()::int AS nth,
                ($5::uuid IS NULL OR user_id = $5) AND ($6::text[] IS NULL OR type = ANY ($6))
                  AS passes
           FROM (SELECT ${eventColumns} FROM events
                  WHERE events.epoch = $1 AND (tx, n) > ($2::xid8, $3::bigint)
                    AND tx < edge.xmin
                  ORDER BY events.epoch, tx, n LIMIT $4::int) e) looked
        WHERE passes OR nth = $4
        LIMIT $7) m ON true
    ORDER BY m.tx, m.n`,
);

export interface Look {
  readonly from: Position;
  readonly filter: FeedFilter;
  readonly scannedMax: number;
  readonly limit: number;
}

/** What is next in the order of the feed. */
export async function scanFeed(database: Queryable, look: Look): Promise<Scan | null> {
  const { from, filter, scannedMax, limit } = look;
  const rows = await database.query(feedScan, [
    from.epoch,
    from.tx,
    from.n,
    scannedMax,
    filter.userId,
    filter.types,
    limit,
  ]);
  return toScan(rows);
}

// A payment has a handful of events, by its key.
const feedOfPayment = statement<ScanRow>(
  'feed_of_payment',
  `WITH edge AS MATERIALIZED (SELECT ${edgeColumns} FROM feed_epoch)
   SELECT ${outColumns}, true AS passes, false AS "isLast", false AS held
     FROM edge
     LEFT JOIN LATERAL (
       SELECT ${eventColumns} FROM events
        WHERE payment_id = $7 AND events.epoch = $1 AND (tx, n) > ($2::xid8, $3::bigint)
          AND tx < edge.xmin AND ($4::uuid IS NULL OR user_id = $4)
          AND ($5::text[] IS NULL OR type = ANY ($5))
        ORDER BY tx, n LIMIT $6) m ON true
    ORDER BY m.tx, m.n`,
);

export async function readPaymentEvents(
  database: Queryable,
  { from, filter, limit }: Look,
  paymentId: PaymentId,
): Promise<Scan | null> {
  const { userId, types } = filter;
  const values = [from.epoch, from.tx, from.n, userId, types, limit, paymentId];
  return toScan(await database.query(feedOfPayment, values));
}

function toScan(rows: readonly ScanRow[]): Scan | null {
  const [first] = rows;
  if (first === undefined) return null;
  const { epoch, xmin, held } = first;
  const found = rows.flatMap((row) =>
    row.tx === null ? [] : [{ row, event: toEvent(row, row.tx) }],
  );
  return {
    epoch,
    edgeTx: BigInt(xmin),
    held,
    last: found.find(({ row }) => row.isLast)?.event.position ?? null,
    events: found.flatMap(({ row, event }) => (row.passes ? [event] : [])),
  };
}

function toEvent(row: ScanRow, tx: string): FeedEvent {
  const { epoch, n, type, createdAt, paymentId, version, userId, data } = row;
  const position = { epoch, tx: BigInt(tx), n };
  return { position, type, createdAt, paymentId, version, userId, data };
}

const eventUpTo = statement<{ readonly tx: string; readonly n: bigint; readonly isOld: boolean }>(
  'feed_event_up_to',
  `SELECT tx::text AS tx, n, created_at < clock_timestamp() - $3 * interval '1 ms' AS "isOld"
     FROM events WHERE epoch = $1 AND tx <= $2::xid8
    ORDER BY epoch DESC, tx DESC, n DESC LIMIT 1`,
);

/** The last event of a transaction up to this one; null: there is none. */
export async function selectEventUpTo(
  database: Queryable,
  { epoch, tx, ageMs }: { readonly epoch: number; readonly tx: bigint; readonly ageMs: number },
): Promise<{ readonly position: Position; readonly isOld: boolean } | null> {
  const [row] = await database.query(eventUpTo, [epoch, tx, ageMs]);
  if (row === undefined) return null;
  return { position: { epoch, tx: BigInt(row.tx), n: row.n }, isOld: row.isOld };
}
