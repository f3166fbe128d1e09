import { present } from '../assert.ts';
import type { Queryable } from '../db/database.ts';
import { type PaymentId, parseId, type UserId } from '../ids.ts';
import type { Account } from '../ledger/accounts.ts';
import {
  type AmountRange,
  countPayments,
  type Filter,
  findIdByKey,
  findIdsByBank,
  type ListedKind,
  listedKinds,
  selectPage,
  selectPageOf,
  type Window,
} from './history-list-store.ts';
import type { PaymentRow } from './history-store.ts';

export { type AmountRange, type Filter, type ListedKind, listedKinds };

/** Whose payments: of one user, by his accounts, or of everybody. */
export type Whose =
  | {
      readonly kind: 'user';
      readonly userId: UserId;
      readonly accounts: readonly Account[];
    }
  | { readonly kind: 'everybody' };

export interface ListQuery {
  readonly whose: Whose;
  readonly filter: Filter;
  /** Payments older than this one. */
  readonly before: PaymentId | null;
  readonly skip: number;
  readonly limit: number;
  readonly includeTotal: boolean;
}

export interface ListPage {
  /** Perhaps fewer than asked for, even none, while `next` says that there is more to look at. */
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
/** A number that the bank gave to more payments than this tells none of them apart. */
const sameNumberMax = 100;

/** Newest first. */
export async function listPayments(database: Queryable, query: ListQuery): Promise<ListPage> {
  const ids = await lookUp(database, query);
  if (ids !== null) return readFrom(database, query, ids);
  const [page, total] = await Promise.all([
    readPage(database, query),
    query.includeTotal ? countAll(database, query) : null,
  ]);
  return total === null ? page : { ...page, total };
}

/**
 * The whole list, page by page: nothing is held between two of them, and whoever stops asking ends
 * it.
 */
export async function* listAll(
  database: Queryable,
  query: Pick<ListQuery, 'whose' | 'filter' | 'before' | 'limit'>,
): AsyncGenerator<readonly PaymentRow[], void> {
  let { before } = query;
  do {
    const page = await listPayments(database, { ...query, before, skip: 0, includeTotal: false });
    yield page.items;
    before = page.next;
  } while (before !== null);
}

async function readPage(database: Queryable, query: ListQuery): Promise<ListPage> {
  // One more than asked for tells whether there is more.
  const wanted = query.skip + query.limit + 1;
  if (!isFiltered(query.filter)) return (await lookAt(database, query, wanted)).page;
  const first = await lookAt(database, query, wanted * lookedFirst);
  if (first.isFull || first.page.next === null) return first.page;
  return (await lookAt(database, query, wanted * lookedFirst + lookedMax)).page;
}

/** By a currency alone: its account has no other. */
function isFiltered(filter: Filter): boolean {
  return Object.values({ ...filter, currency: null }).some((value) => value !== null);
}

async function lookAt(
  database: Queryable,
  query: ListQuery,
  looked: number,
): Promise<{ readonly page: ListPage; readonly isFull: boolean }> {
  const { filter, skip, limit } = query;
  const window = windowOf(query, looked);
  const { found, end } = await selectPage(database, {
    ...window,
    ...filter,
    skip,
    limit: limit + 1,
  });
  return found.length > limit
    ? { page: cut(found, limit), isFull: true }
    : { page: { items: found, next: end }, isFull: false };
}

/** Null where there are more than we are ready to count. */
async function countAll(database: Queryable, query: ListQuery): Promise<number | null> {
  const window = windowOf({ ...query, before: null }, countedMax + 1);
  const { looked, matching } = await countPayments(database, { ...window, ...query.filter });
  return looked > countedMax ? null : matching;
}

/** The few payments that a key of the filter stands for; null where it has none. */
async function lookUp(
  database: Queryable,
  { whose, filter }: ListQuery,
): Promise<readonly PaymentId[] | null> {
  const { idempotencyKey: key, bankTransactionId } = filter;
  // A key is one user's: among everybody it is a filter like any other.
  if (key !== null && whose.kind === 'user')
    return (await findIdByKey(database, { userId: whose.userId, key })).map(({ id }) => id);
  if (bankTransactionId === null) return null;
  const rows = await findIdsByBank(database, { bankTransactionId, limit: sameNumberMax });
  return rows.map(({ id }) => id);
}

async function readFrom(
  database: Queryable,
  query: ListQuery,
  ids: readonly PaymentId[],
): Promise<ListPage> {
  const { filter, skip, limit } = query;
  const read = async (from: ListQuery, at: { skip: number; limit: number }) => {
    if (ids.length === 0) return [];
    const window = windowOf(from, sameNumberMax);
    return (await selectPageOf(database, ids, { ...window, ...filter, ...at })).found;
  };
  const page = cut(await read(query, { skip, limit: limit + 1 }), limit);
  if (!query.includeTotal) return page;
  const all = await read({ ...query, before: null }, { skip: 0, limit: sameNumberMax });
  return { ...page, total: all.length };
}

function cut(found: readonly PaymentRow[], limit: number): ListPage {
  const items = found.slice(0, limit);
  return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
}

function windowOf({ whose, filter, before }: ListQuery, looked: number): Window {
  const { from, to, currency } = filter;
  const ceiling = to === null ? newest : idAround(to.getTime() + clockErrorMsMax);
  return {
    accountIds:
      whose.kind === 'everybody'
        ? null
        : whose.accounts
            .filter((account) => currency === null || account.currency === currency)
            .map((account) => account.id),
    below: before !== null && before < ceiling ? before : ceiling,
    floor: idAround(from === null ? 0 : from.getTime() - clockErrorMsMax),
    lookedMax: looked,
  };
}

/**
 * An id begins with the milliseconds of the process that made it (UUIDv7), `created_at` is the
 * database's clock: the ids that a period can have are found without an index by time, where no
 * process is further off than this. A wider margin makes a list look at more payments in vain; a
 * narrower one could miss some.
 */
const clockErrorMsMax = 24 * 3_600_000;

/** UUIDs sort as text; none sorts after this one. */
const newest = idOf('ffffffffffff', 'f');

function idAround(ms: number): PaymentId {
  const bounded = Math.min(Math.max(0, ms), 2 ** 48 - 1);
  return idOf(bounded.toString(16).padStart(12, '0'), '0');
}

function idOf(time: string, rest: string): PaymentId {
  const hex = time.padEnd(32, rest);
  const id = parseId<'payment'>(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
  return present(id, 'twelve hex digits make a UUID');
}
