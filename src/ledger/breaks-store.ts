import { statement, type Tx } from '../db/database.ts';
import type { BreakId } from '../ids.ts';
import type { NewBreak } from './breaks.ts';

const breaksInsert = statement<{ id: BreakId }>(
  'ledger_breaks_insert',
  // In the order of the unique key: two transactions that share breaks wait in one direction only.
  `INSERT INTO breaks (id, kind, source, fingerprint, bank, payment_id, bank_reference,
                       bank_transaction_id, currency, bank_amount, booked_amount, detail, run_id,
                       found_at)
   SELECT id, kind, source, fingerprint, bank, payment_id, bank_reference, bank_transaction_id,
          currency, bank_amount, booked_amount, detail, run_id, $1::timestamptz
     FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[], $8::text[],
                 $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[], $14::uuid[])
       AS b (id, kind, source, fingerprint, bank, payment_id, bank_reference, bank_transaction_id,
             currency, bank_amount, booked_amount, detail, run_id)
    ORDER BY fingerprint
   ON CONFLICT (fingerprint) DO NOTHING RETURNING id`,
);

/** @returns those that are new: what was told before stays as it is, resolved or not */
export async function recordBreaks(
  tx: Tx,
  breaks: readonly NewBreak[],
  now: Date,
): Promise<readonly BreakId[]> {
  if (breaks.length === 0) return [];
  const rows = await tx.query(breaksInsert, [
    now,
    breaks.map((one) => one.id),
    breaks.map((one) => one.kind),
    breaks.map((one) => one.source),
    breaks.map((one) => one.fingerprint),
    breaks.map((one) => one.bank),
    breaks.map((one) => one.paymentId),
    breaks.map((one) => one.bankReference),
    breaks.map((one) => one.bankTransactionId),
    breaks.map((one) => one.currency),
    breaks.map((one) => one.bankAmountMinor),
    breaks.map((one) => one.bookedAmountMinor),
    breaks.map((one) => one.detail),
    breaks.map((one) => one.runId),
  ]);
  return rows.map((row) => row.id);
}
