import { statement, type Tx } from '../db/database.ts';
import type { BreakId } from '../ids.ts';
import type { Correction } from './correct.ts';

const correctionInsert = statement<Record<never, never>>(
  'ledger_correction_insert',
  // It ends at its birth: no bank carries it, and nobody has a key for it.
  `WITH asked AS (
     INSERT INTO payments (id, user_id, account_id, counter_account_id, related_payment_id, kind,
                           currency, amount, answer_version, request_id, description, created_at)
     VALUES ($1, $2, $3, $4, $5, 'correction', $6, $7, 1, $8, $9, $10)
   ), stands AS (
     INSERT INTO payment_state (payment_id, status, updated_at) VALUES ($1, 'SUCCESS', $10)
   )
   INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
   SELECT $1, 1, $2, 'correction.succeeded', '{"status":"SUCCESS"}', $10,
          (SELECT epoch FROM feed_epoch)`,
);

/** The payment, how it stands, and its event; the postings are `insertPostings`. */
export function insertCorrection(
  tx: Tx,
  correction: Correction,
  about: { readonly requestId: string; readonly breakId: BreakId; readonly now: Date },
): Promise<unknown> {
  return tx.query(correctionInsert, [
    correction.id,
    correction.userId,
    correction.fromAccountId,
    correction.toAccountId,
    correction.relatedPaymentId,
    correction.currency,
    correction.amountMinor,
    about.requestId,
    `Correction of break ${about.breakId}`,
    about.now,
  ]);
}
