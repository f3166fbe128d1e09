import { type Queryable, statement } from '../db/database.ts';
import type { AccountId, PaymentId, UserId } from '../ids.ts';
import type { Currency } from '../money.ts';
import type { PaymentKind, PaymentStatus } from './states.ts';

/** What was asked, and how it stands. */
export interface PaymentRow {
  readonly id: PaymentId;
  readonly account_id: AccountId;
  /** Where a transfer or a correction went. */
  readonly counter_account_id: AccountId | null;
  /** What a refund gives back, or a correction puts right. */
  readonly related_payment_id: PaymentId | null;
  readonly kind: PaymentKind;
  readonly amount: bigint;
  readonly currency: Currency;
  readonly description: string | null;
  /** JSON text, as it was stored. */
  readonly metadata: string | null;
  readonly created_at: Date;
  readonly status: PaymentStatus;
  readonly bank_transaction_id: string | null;
  readonly error_code: string | null;
  readonly updated_at: Date;
}

const selectPaymentById = statement<PaymentRow>(
  'history_payment',
  // To whom a transfer came in it is one of his own payments, but the sender's metadata are not.
  `SELECT p.id, p.account_id, p.counter_account_id, p.related_payment_id, p.kind, p.amount, p.currency, p.description,
          CASE WHEN $2::uuid IS NULL OR p.user_id = $2 THEN p.metadata END AS metadata,
          p.created_at, s.status, s.bank_transaction_id, s.error_code, s.updated_at
     FROM payments p JOIN payment_state s ON s.payment_id = p.id
    WHERE p.id = $1
      AND ($2::uuid IS NULL OR p.user_id = $2
           OR (p.refusal IS NULL AND EXISTS (SELECT FROM accounts a
                WHERE a.id = p.counter_account_id AND a.user_id = $2)))`,
);

/** `userId` null: whoever asked for it, or got it. */
export async function selectPayment(
  database: Queryable,
  wanted: { readonly id: PaymentId; readonly userId: UserId | null },
): Promise<PaymentRow | null> {
  const [row] = await database.query(selectPaymentById, [wanted.id, wanted.userId]);
  return row ?? null;
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
    WHERE g.payment_id = $1 AND ($2::uuid IS NULL OR a.kind <> 'user' OR a.user_id = $2)
    ORDER BY a.kind DESC, g.account_id`,
);

/** Another user's balance is not told, where `userId` is one. */
export function selectPostings(
  database: Queryable,
  wanted: { readonly id: PaymentId; readonly userId: UserId | null },
): Promise<readonly PostingRow[]> {
  return database.query(selectPostingsOfPayment, [wanted.id, wanted.userId]);
}
