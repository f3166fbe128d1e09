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

/** `userId` null: whoever asked for it. */
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
    WHERE g.payment_id = $1 ORDER BY a.kind DESC, g.account_id`,
);

export function selectPostings(database: Queryable, id: PaymentId): Promise<readonly PostingRow[]> {
  return database.query(selectPostingsOfPayment, [id]);
}
