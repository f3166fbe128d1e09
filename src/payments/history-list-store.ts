import { present } from '../assert.ts';
import { type Queryable, type Statement, statement, type Value } from '../db/database.ts';
import type { AccountId, PaymentId, UserId } from '../ids.ts';
import type { Currency } from '../money.ts';
import type { PaymentRow } from './history-store.ts';
import type { PaymentStatus } from './states.ts';

/** All that a history may have in it, also what nobody can ask for by its own address. */
export const listedKinds = ['deposit', 'withdrawal', 'transfer', 'refund', 'correction'] as const;
export type ListedKind = (typeof listedKinds)[number];

/** Null lets everything through. */
export interface Filter {
  readonly kind: ListedKind | null;
  readonly status: PaymentStatus | null;
  readonly currency: Currency | null;
  readonly amount: AmountRange | null;
  /** Created then or later, and earlier than that. */
  readonly from: Date | null;
  readonly to: Date | null;
  readonly idempotencyKey: string | null;
  readonly bankTransactionId: string | null;
  /** Contained in the description, in any case. */
  readonly description: string | null;
}

/**
 * Minor units, both ends included, by the decimals of a currency (the first is for none): "at least
 * 10.00" is another number of them in JPY than in USD. `exponents` names the currencies that have
 * not two.
 */
export interface AmountRange {
  readonly min: readonly bigint[];
  readonly max: readonly bigint[];
  readonly exponents: ReadonlyMap<Currency, number>;
}

/** The newest payments below an id and not below another: where a list looks. */
export interface Window {
  /** Null: of everybody. */
  readonly accountIds: readonly AccountId[] | null;
  readonly below: PaymentId;
  readonly floor: PaymentId;
  readonly lookedMax: number;
}

const columns = `id, account_id, counter_account_id, related_payment_id, kind, amount, currency, description, metadata,
                 created_at, idempotency_key`;

// $1 to $4: account ids, below, floor, lookedMax. Account by account from payments_history and
// payments_received, newest first, no further than the page may need. What came in by a transfer is
// also the receiver's, without the sender's key and metadata; what was refused never arrived, and
// what moved between two accounts of one user is his once (before its other half, or the edge of a
// window would lose it).
const windows = {
  accounts: `
    SELECT p.* FROM unnest($1::uuid[]) AS a (id)
     CROSS JOIN LATERAL (
           (SELECT ${columns}, false AS is_hidden FROM payments
             WHERE account_id = a.id AND id < $2::uuid AND id >= $3::uuid
             ORDER BY id DESC LIMIT $4)
           UNION ALL
           (SELECT id, account_id, counter_account_id, related_payment_id, kind, amount, currency, description, NULL,
                   created_at, NULL, refusal IS NOT NULL OR account_id = ANY($1::uuid[])
              FROM payments
             WHERE counter_account_id = a.id AND id < $2::uuid AND id >= $3::uuid
             ORDER BY id DESC LIMIT $4)) p
     ORDER BY p.id DESC, p.is_hidden LIMIT $4`,
  everybody: `
    SELECT ${columns}, false AS is_hidden FROM payments
     WHERE $1::uuid[] IS NULL AND id < $2::uuid AND id >= $3::uuid
     ORDER BY id DESC LIMIT $4`,
  // Looked up by a key, so few.
  ids: `
    SELECT p.id, p.account_id, p.counter_account_id, p.related_payment_id, p.kind, p.amount, p.currency, p.description,
           CASE WHEN own THEN p.metadata END AS metadata, p.created_at,
           CASE WHEN own THEN p.idempotency_key END AS idempotency_key,
           NOT own AND (p.refusal IS NOT NULL OR p.counter_account_id IS NULL
                        OR p.counter_account_id <> ALL($1::uuid[])) AS is_hidden
      FROM payments p
     CROSS JOIN LATERAL (SELECT $1::uuid[] IS NULL OR p.account_id = ANY($1::uuid[])) AS o (own)
     WHERE p.id = ANY($19::uuid[]) AND p.id < $2::uuid AND p.id >= $3::uuid
     ORDER BY p.id DESC LIMIT $4`,
};

// $5 to $16. array_position is null for a currency of two decimals.
const filters = `NOT l.is_hidden
  AND ($5::text IS NULL OR l.kind = $5)
  AND ($6::text IS NULL OR s.status = $6)
  AND ($7::text IS NULL OR l.currency = $7)
  AND ($8::timestamptz IS NULL OR l.created_at >= $8)
  AND ($9::timestamptz IS NULL OR l.created_at < $9)
  AND ($10::text IS NULL OR l.idempotency_key = $10)
  AND ($11::text IS NULL OR s.bank_transaction_id = $11)
  AND ($12::text IS NULL OR strpos(lower(l.description), lower($12)) > 0)
  AND ($13::bigint[] IS NULL OR l.amount
       BETWEEN ($13::bigint[])[coalesce(($16::int[])[array_position($15::text[], l.currency)], 2) + 1]
           AND ($14::bigint[])[coalesce(($16::int[])[array_position($15::text[], l.currency)], 2) + 1])`;

// OFFSET 0 keeps the state's row a look-up by its key: planned as a join, a list with a filter has
// been seen to read all of payment_state.
const stands = `(SELECT status, bank_transaction_id, error_code, updated_at
                   FROM payment_state WHERE payment_id = l.id OFFSET 0)`;

// The end of the window comes in the same statement: read a moment later, payments that came in
// between would move it, and its edge would be on two pages.
const pageOf = (name: string, window: string): Statement<PageRow> =>
  statement<PageRow>(
    `history_page_${name}`,
    `SELECT (SELECT w.id FROM (${window}) w ORDER BY w.id DESC OFFSET $4 - 1) AS window_end, f.*
       FROM (SELECT) one
       LEFT JOIN LATERAL (
            SELECT l.id, l.account_id, l.counter_account_id, l.related_payment_id, l.kind, l.amount, l.currency, l.description, l.metadata,
                   l.created_at, s.status, s.bank_transaction_id, s.error_code, s.updated_at
              FROM (${window}) l CROSS JOIN LATERAL ${stands} s
             WHERE ${filters}
             ORDER BY l.id DESC LIMIT $17 OFFSET $18) f ON true
      ORDER BY f.id DESC`,
  );

const countOf = (name: string, window: string): Statement<CountRow> =>
  statement<CountRow>(
    `history_count_${name}`,
    `SELECT count(*) AS looked, count(*) FILTER (WHERE ${filters}) AS matching
       FROM (${window}) l CROSS JOIN LATERAL ${stands} s`,
  );

type PageRow =
  | (PaymentRow & { readonly window_end: PaymentId | null })
  | { readonly id: null; readonly window_end: PaymentId | null };
type CountRow = { readonly looked: bigint; readonly matching: bigint };

const selectIdByKey = statement<{ readonly id: PaymentId }>(
  'history_id_by_key',
  'SELECT id FROM payments WHERE user_id = $1 AND idempotency_key = $2',
);

const selectIdsByBank = statement<{ readonly id: PaymentId }>(
  'history_ids_by_bank',
  'SELECT payment_id AS id FROM payment_state WHERE bank_transaction_id = $1 LIMIT $2',
);

/** For the test that reads their plans. */
export const listStatements = {
  accounts: {
    page: pageOf('accounts', windows.accounts),
    count: countOf('accounts', windows.accounts),
  },
  everybody: {
    page: pageOf('everybody', windows.everybody),
    count: countOf('everybody', windows.everybody),
  },
  ids: { page: pageOf('ids', windows.ids) },
  keys: { byKey: selectIdByKey, byBank: selectIdsByBank },
};

export interface WindowPage {
  readonly found: readonly PaymentRow[];
  /** The oldest payment of a full window; null where the history ends inside it. */
  readonly end: PaymentId | null;
}

export async function selectPage(
  database: Queryable,
  wanted: Window & Filter & { readonly limit: number; readonly skip: number },
): Promise<WindowPage> {
  const { page } = listStatements[wanted.accountIds === null ? 'everybody' : 'accounts'];
  return toPage(await database.query(page, [...valuesOf(wanted), wanted.limit, wanted.skip]));
}

function toPage(rows: readonly PageRow[]): WindowPage {
  const end = present(rows[0], 'a window answers one row at least').window_end;
  return { found: rows.filter((row) => row.id !== null), end };
}

export async function countPayments(
  database: Queryable,
  wanted: Window & Filter,
): Promise<{ readonly looked: number; readonly matching: number }> {
  const { count } = listStatements[wanted.accountIds === null ? 'everybody' : 'accounts'];
  const [row] = await database.query(count, valuesOf(wanted));
  return { looked: Number(row?.looked ?? 0n), matching: Number(row?.matching ?? 0n) };
}

/** $1 to $16. */
export function valuesOf(wanted: Window & Filter): Value[] {
  const { accountIds, below, floor, lookedMax, amount } = wanted;
  return [
    ...[accountIds, below, floor, lookedMax],
    ...[wanted.kind, wanted.status, wanted.currency, wanted.from, wanted.to],
    ...[wanted.idempotencyKey, wanted.bankTransactionId, wanted.description],
    ...[amount?.min ?? null, amount?.max ?? null],
    ...[[...(amount?.exponents.keys() ?? [])], [...(amount?.exponents.values() ?? [])]],
  ];
}

/** As above, of these payments only. */
export async function selectPageOf(
  database: Queryable,
  ids: readonly PaymentId[],
  wanted: Window & Filter & { readonly limit: number; readonly skip: number },
): Promise<WindowPage> {
  const values = [...valuesOf(wanted), wanted.limit, wanted.skip, ids];
  return toPage(await database.query(listStatements.ids.page, values));
}

export function findIdByKey(
  database: Queryable,
  wanted: { readonly userId: UserId; readonly key: string },
): Promise<readonly { readonly id: PaymentId }[]> {
  return database.query(selectIdByKey, [wanted.userId, wanted.key]);
}

/** One, unless two banks number alike, or one of them numbers badly. */
export function findIdsByBank(
  database: Queryable,
  wanted: { readonly bankTransactionId: string; readonly limit: number },
): Promise<readonly { readonly id: PaymentId }[]> {
  return database.query(selectIdsByBank, [wanted.bankTransactionId, wanted.limit]);
}
