import { present } from '../assert.ts';
import type { Queryable } from '../db/database.ts';
import { type PaymentId, parseId, type UserId } from '../ids.ts';
import type { Account } from '../ledger/accounts.ts';
import {
  type AttemptRow,
  countPayments,
  type EventRow,
  type Filter,
  type PaymentRow,
  type PostingRow,
  selectAttempts,
  selectEvents,
  selectPayment,
  selectPayments,
  selectPaymentWithKey,
  selectPostings,
  selectWindowEnd,
} from './history-store.ts';

export type { AttemptRow, EventRow, PaymentRow, PostingRow };

export interface HistoryQuery extends Filter {
  readonly userId: UserId;
  /** Whose payments, in which currencies. */
  readonly accounts: readonly Account[];
  readonly idempotencyKey: string | null;
  /** Payments older than this one. */
  readonly before: PaymentId | null;
  readonly skip: number;
  readonly limit: number;
  readonly includeTotal: boolean;
}

export interface HistoryPage {
  readonly items: readonly PaymentRow[];
  /** Go on below this payment; null: that was all. */
  readonly next: PaymentId | null;
  /** Absent unless asked for, and where there is too much to count. */
  readonly total?: number;
}

/**
 * A list with a filter looks at this many payments and then hands out what it found with a cursor
 * to go on: a rare status in a long history costs its reader another page, not the database a
 * minute.
 */
const lookedMax = 5_000;
/** Usually one in eight fits, and the page is full long before that: 0.3 ms instead of 15. */
const lookedFirst = 8;
/** Counting costs about 2 µs a payment. */
const countedMax = 50_000;

/** UUIDs sort as text; none sorts after this one. */
const newest = present(
  parseId<'payment'>('ffffffff-ffff-ffff-ffff-ffffffffffff'),
  'all ones have the form of a UUID',
);

/** One payment of a user, or of anybody where `userId` is null. */
export function readPayment(
  database: Queryable,
  wanted: { readonly id: PaymentId; readonly userId: UserId | null },
): Promise<PaymentRow | null> {
  return selectPayment(database, wanted);
}

/** Newest first. */
export async function listPayments(database: Queryable, query: HistoryQuery): Promise<HistoryPage> {
  if (query.idempotencyKey !== null) return findByKey(database, query, query.idempotencyKey);
  const [page, total] = await Promise.all([
    readPage(database, query),
    query.includeTotal ? countAll(database, query) : null,
  ]);
  return total === null ? page : { ...page, total };
}

async function readPage(database: Queryable, query: HistoryQuery): Promise<HistoryPage> {
  // One more than asked for tells whether there is more.
  const wanted = query.skip + query.limit + 1;
  if (query.kind === null && query.status === null)
    return (await lookAt(database, query, wanted)).page;
  const first = await lookAt(database, query, wanted * lookedFirst);
  if (first.isFull || first.page.next === null) return first.page;
  return (await lookAt(database, query, wanted * lookedFirst + lookedMax)).page;
}

async function lookAt(
  database: Queryable,
  query: HistoryQuery,
  looked: number,
): Promise<{ readonly page: HistoryPage; readonly isFull: boolean }> {
  const { kind, status, skip, limit } = query;
  const accountIds = query.accounts.map((account) => account.id);
  const window = { accountIds, below: query.before ?? newest, lookedMax: looked };
  const found = await selectPayments(database, { ...window, kind, status, skip, limit: limit + 1 });
  if (found.length > limit) {
    const items = found.slice(0, limit);
    return { page: { items, next: items.at(-1)?.id ?? null }, isFull: true };
  }
  const next = await selectWindowEnd(database, window);
  return { page: { items: found, next }, isFull: false };
}

/** Null where there are more than we are ready to count. */
async function countAll(database: Queryable, query: HistoryQuery): Promise<number | null> {
  const { looked, matching } = await countPayments(database, {
    accountIds: query.accounts.map((account) => account.id),
    below: newest,
    lookedMax: countedMax + 1,
    kind: query.kind,
    status: query.status,
  });
  return looked > countedMax ? null : matching;
}

/** A key stands for one payment at most; the other filters may still say no. */
async function findByKey(
  database: Queryable,
  query: HistoryQuery,
  key: string,
): Promise<HistoryPage> {
  const found = await selectPaymentWithKey(database, { userId: query.userId, key });
  const fits =
    found !== null &&
    (query.kind === null || query.kind === found.kind) &&
    (query.status === null || query.status === found.status) &&
    query.accounts.some((account) => account.id === found.account_id) &&
    (query.before === null || found.id < query.before) &&
    query.skip === 0;
  const items = fits ? [found] : [];
  return { items, next: null, ...(query.includeTotal ? { total: items.length } : {}) };
}

/** All that is on record about how a payment came to be what it is. */
export interface Trail {
  readonly events: readonly EventRow[];
  readonly attempts: readonly AttemptRow[];
  readonly postings: readonly PostingRow[];
}

export async function readTrail(database: Queryable, id: PaymentId): Promise<Trail> {
  const [events, attempts, postings] = await Promise.all([
    selectEvents(database, id),
    selectAttempts(database, id),
    selectPostings(database, id),
  ]);
  return { events, attempts, postings };
}
