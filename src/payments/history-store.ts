import { type Queryable, statement } from '../db/database.ts';
import type { AccountId, PaymentId, UserId } from '../ids.ts';
import type { Currency } from '../money.ts';
import type { PaymentKind, PaymentStatus } from './states.ts';

/** What was asked, and how it stands. */
export interface PaymentRow {
  readonly id: PaymentId;
  readonly account_id: AccountId;
  readonly kind: PaymentKind;
  readonly amount: bigint;
  readonly currency: Currency;
  readonly description: string | null;
  readonly metadata: unknown;
  readonly created_at: Date;
  readonly status: PaymentStatus;
  readonly bank_transaction_id: string | null;
  readonly error_code: string | null;
  readonly updated_at: Date;
}

const selectPaymentById = statement<PaymentRow>(
  'history_payment',
  `SELECT p.id, p.account_id, p.kind, p.amount, p.currency, p.description, p.metadata, p.created_at,
          s.status, s.bank_transaction_id, s.error_code, s.updated_at
     FROM payments p JOIN payment_state s ON s.payment_id = p.id
    WHERE p.id = $1 AND ($2::uuid IS NULL OR p.user_id = $2)`,
);

/** `userId` null: whoever's it is. */
export async function selectPayment(
  database: Queryable,
  wanted: { readonly id: PaymentId; readonly userId: UserId | null },
): Promise<PaymentRow | null> {
  const [row] = await database.query(selectPaymentById, [wanted.id, wanted.userId]);
  return row ?? null;
}

const selectPaymentByKey = statement<PaymentRow>(
  'history_payment_by_key',
  `SELECT p.id, p.account_id, p.kind, p.amount, p.currency, p.description, p.metadata, p.created_at,
          s.status, s.bank_transaction_id, s.error_code, s.updated_at
     FROM payments p JOIN payment_state s ON s.payment_id = p.id
    WHERE p.user_id = $1 AND p.idempotency_key = $2`,
);

export async function selectPaymentWithKey(
  database: Queryable,
  wanted: { readonly userId: UserId; readonly key: string },
): Promise<PaymentRow | null> {
  const [row] = await database.query(selectPaymentByKey, [wanted.userId, wanted.key]);
  return row ?? null;
}

/** The newest payments of some accounts below an id: where a list looks. */
export interface Window {
  readonly accountIds: readonly AccountId[];
  readonly below: PaymentId;
  readonly lookedMax: number;
}

export interface Filter {
  readonly kind: PaymentKind | null;
  readonly status: PaymentStatus | null;
}

// The window is read from payments_history account by account, newest first, and stops as soon as
// the page is full. OFFSET 0 keeps the state's row a look-up by its key: planned as a join, a list
// with a filter has been seen to read all of payment_state.
const selectPaymentsInWindow = statement<PaymentRow>(
  'history_list',
  `SELECT l.id, l.account_id, l.kind, l.amount, l.currency, l.description, l.metadata, l.created_at,
          s.status, s.bank_transaction_id, s.error_code, s.updated_at
     FROM (SELECT p.* FROM unnest($1::uuid[]) AS a (id)
            CROSS JOIN LATERAL
                  (SELECT id, account_id, kind, amount, currency, description, metadata, created_at
                     FROM payments WHERE account_id = a.id AND id < $2::uuid
                    ORDER BY id DESC LIMIT $3) p
            ORDER BY p.id DESC LIMIT $3) l
    CROSS JOIN LATERAL
          (SELECT status, bank_transaction_id, error_code, updated_at
             FROM payment_state WHERE payment_id = l.id OFFSET 0) s
    WHERE ($4::text IS NULL OR l.kind = $4) AND ($5::text IS NULL OR s.status = $5)
    ORDER BY l.id DESC LIMIT $6 OFFSET $7`,
);

export function selectPayments(
  database: Queryable,
  wanted: Window & Filter & { readonly limit: number; readonly skip: number },
): Promise<readonly PaymentRow[]> {
  const { accountIds, below, lookedMax, kind, status, limit, skip } = wanted;
  const values = [accountIds, below, lookedMax, kind, status, limit, skip];
  return database.query(selectPaymentsInWindow, values);
}

const selectEndOfWindow = statement<{ readonly id: PaymentId }>(
  'history_window_end',
  `SELECT p.id FROM unnest($1::uuid[]) AS a (id)
    CROSS JOIN LATERAL
          (SELECT id FROM payments WHERE account_id = a.id AND id < $2::uuid
            ORDER BY id DESC LIMIT $3) p
    ORDER BY p.id DESC LIMIT 1 OFFSET $3 - 1`,
);

/** The oldest payment of a full window; null where the history ends inside it. */
export async function selectWindowEnd(
  database: Queryable,
  window: Window,
): Promise<PaymentId | null> {
  const { accountIds, below, lookedMax } = window;
  const [row] = await database.query(selectEndOfWindow, [accountIds, below, lookedMax]);
  return row?.id ?? null;
}

const countPaymentsInWindow = statement<{ readonly looked: bigint; readonly matching: bigint }>(
  'history_count',
  `SELECT count(*) AS looked,
          count(*) FILTER (WHERE ($4::text IS NULL OR l.kind = $4)
                             AND ($5::text IS NULL OR s.status = $5)) AS matching
     FROM (SELECT p.* FROM unnest($1::uuid[]) AS a (id)
            CROSS JOIN LATERAL
                  (SELECT id, kind FROM payments WHERE account_id = a.id AND id < $2::uuid
                    ORDER BY id DESC LIMIT $3) p
            ORDER BY p.id DESC LIMIT $3) l
    CROSS JOIN LATERAL (SELECT status FROM payment_state WHERE payment_id = l.id OFFSET 0) s`,
);

export async function countPayments(
  database: Queryable,
  wanted: Window & Filter,
): Promise<{ readonly looked: number; readonly matching: number }> {
  const { accountIds, below, lookedMax, kind, status } = wanted;
  const values = [accountIds, below, lookedMax, kind, status];
  const [row] = await database.query(countPaymentsInWindow, values);
  return { looked: Number(row?.looked ?? 0n), matching: Number(row?.matching ?? 0n) };
}

export interface EventRow {
  readonly version: number;
  readonly type: string;
  readonly data: string;
  readonly created_at: Date;
}

const selectEventsOfPayment = statement<EventRow>(
  'history_events',
  'SELECT version, type, data, created_at FROM events WHERE payment_id = $1 ORDER BY version',
);

export function selectEvents(database: Queryable, id: PaymentId): Promise<readonly EventRow[]> {
  return database.query(selectEventsOfPayment, [id]);
}

export interface AttemptRow {
  readonly fence: number;
  readonly contact: 'submit' | 'inquire';
  readonly worker: string;
  readonly started_at: Date;
  readonly ended_at: Date;
  readonly outcome: string;
  readonly evidence: string;
}

const selectAttemptsOfPayment = statement<AttemptRow>(
  'history_attempts',
  `SELECT fence, contact, worker, started_at, ended_at, outcome, evidence
     FROM attempts WHERE payment_id = $1 ORDER BY fence`,
);

export function selectAttempts(database: Queryable, id: PaymentId): Promise<readonly AttemptRow[]> {
  return database.query(selectAttemptsOfPayment, [id]);
}

export interface PostingRow {
  readonly account_id: AccountId;
  readonly account_kind: 'user' | 'clearing' | 'suspense';
  readonly seq: bigint;
  readonly amount: bigint;
  readonly currency: Currency;
  readonly balance_after: bigint | null;
  readonly posted_at: Date;
}

const selectPostingsOfPayment = statement<PostingRow>(
  'history_postings',
  `SELECT g.account_id, a.kind AS account_kind, g.seq, g.amount, g.currency, g.balance_after,
          g.posted_at
     FROM postings g JOIN accounts a ON a.id = g.account_id
    WHERE g.payment_id = $1 ORDER BY a.kind DESC, g.account_id`,
);

export function selectPostings(database: Queryable, id: PaymentId): Promise<readonly PostingRow[]> {
  return database.query(selectPostingsOfPayment, [id]);
}
