import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { AccountId, BreakId, PaymentId, UserId } from '../ids.ts';
import type { BreakKind, BreakSource } from '../ledger/breaks.ts';
import type { Currency } from '../money.ts';

export interface BreakRow {
  readonly id: BreakId;
  readonly kind: BreakKind;
  readonly source: BreakSource;
  readonly bank: string;
  readonly payment_id: PaymentId | null;
  readonly bank_reference: string | null;
  readonly bank_transaction_id: string | null;
  readonly currency: Currency;
  readonly bank_amount: bigint;
  readonly booked_amount: bigint;
  readonly detail: string;
  readonly run_id: string | null;
  readonly found_at: Date;
  readonly state: 'open' | 'resolved';
  readonly resolution: 'settled' | 'corrected' | 'accepted' | null;
  readonly resolution_reason: string | null;
  readonly resolved_by: string | null;
  readonly resolved_at: Date | null;
  readonly correction_id: PaymentId | null;
}

const columns = `id, kind, source, bank, payment_id, bank_reference, bank_transaction_id, currency,
          bank_amount, booked_amount, detail, run_id, found_at, state, resolution,
          resolution_reason, resolved_by, resolved_at, correction_id`;

const breakGet = statement<BreakRow>(
  'reconciliation_break_get',
  `SELECT ${columns} FROM breaks WHERE id = $1`,
);

export async function selectBreak(database: Queryable, id: BreakId): Promise<BreakRow | null> {
  const [row] = await database.query(breakGet, [id]);
  return row ?? null;
}

const breakLock = statement<BreakRow>(
  'reconciliation_break_lock',
  `SELECT ${columns} FROM breaks WHERE id = $1 FOR NO KEY UPDATE`,
);

export async function lockBreak(tx: Tx, id: BreakId): Promise<BreakRow | null> {
  const [row] = await tx.query(breakLock, [id]);
  return row ?? null;
}

/** What never changes of a payment. */
export interface PaymentOfBreak {
  readonly id: PaymentId;
  readonly user_id: UserId;
  readonly account_id: AccountId;
}

const breakPayment = statement<PaymentOfBreak>(
  'reconciliation_break_payment',
  'SELECT id, user_id, account_id FROM payments WHERE id = $1',
);

export async function selectPaymentOfBreak(tx: Tx, id: PaymentId): Promise<PaymentOfBreak | null> {
  const [row] = await tx.query(breakPayment, [id]);
  return row ?? null;
}

const breakNewer = statement<{ id: BreakId }>(
  'reconciliation_break_newer',
  // One that was corrected or settled is what the books show now: an older one would undo it.
  `SELECT id FROM breaks
    WHERE payment_id = $1 AND id > $2 AND resolution IS DISTINCT FROM 'accepted'
    LIMIT 1`,
);

export async function hasNewerBreak(tx: Tx, row: BreakRow): Promise<boolean> {
  return (await tx.query(breakNewer, [row.payment_id, row.id])).length > 0;
}

const breakClose = statement<BreakRow>(
  'reconciliation_break_close',
  `UPDATE breaks
      SET state = 'resolved', resolution = $2, resolution_reason = $3, resolved_by = $4,
          resolved_at = clock_timestamp(), booked_amount = $5, correction_id = $6
    WHERE id = $1 AND state = 'open' RETURNING ${columns}`,
);

export interface Closing {
  readonly id: BreakId;
  readonly resolution: 'settled' | 'corrected' | 'accepted';
  readonly reason: string;
  readonly by: string;
  /** As it was booked when it was resolved. */
  readonly bookedMinor: bigint;
  readonly correctionId: PaymentId | null;
}

export async function closeBreak(tx: Tx, closing: Closing): Promise<BreakRow | null> {
  const { id, resolution, reason, by, bookedMinor, correctionId } = closing;
  const [row] = await tx.query(breakClose, [id, resolution, reason, by, bookedMinor, correctionId]);
  return row ?? null;
}

const breaksList = statement<BreakRow>(
  'reconciliation_breaks_list',
  `SELECT ${columns} FROM breaks b
    WHERE ($1::uuid IS NULL OR id < $1) AND ($2::text IS NULL OR state = $2)
      AND ($3::text IS NULL OR kind = $3) AND ($4::uuid IS NULL OR payment_id = $4)
      AND ($5::uuid IS NULL OR EXISTS (SELECT FROM bank_statement_breaks k
                                        WHERE k.statement_id = $5 AND k.break_id = b.id))
    ORDER BY id DESC LIMIT $6`,
);

export interface BreakFilter {
  readonly before: BreakId | null;
  readonly state: string | null;
  readonly kind: string | null;
  readonly paymentId: PaymentId | null;
  readonly runId: string | null;
  readonly limit: number;
}

/** Newest first. */
export function selectBreaks(
  database: Queryable,
  filter: BreakFilter,
): Promise<readonly BreakRow[]> {
  const { before, state, kind, paymentId, runId, limit } = filter;
  return database.query(breaksList, [before, state, kind, paymentId, runId, limit]);
}
