import { type Queryable, statement } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';
import type { Claim } from './execute-store.ts';
import { lostClaimsMax, type OutsideSource, type PaymentStatus } from './states.ts';

/** A payment that somebody brings a word about: how it stood, and whether it is ours now. */
export interface Standing extends Omit<Claim, 'contact'> {
  readonly status: PaymentStatus;
  readonly claimed: boolean;
  readonly submits: number;
  readonly bankTransactionId: string | null;
}

const wordsClaim = statement<Standing>(
  'payments_words_claim',
  // The bank's own word (callback, statement) overtakes whoever asks the bank just now; a human's
  // word waits for a contact that is under way, for its answer may be better. Under way: the last
  // claim has left no attempt and its lease runs. A human decides only what the bank was asked, and
  // every review: there a payment may be that was inquired about, and never submitted.
  `WITH named AS (
     SELECT s.payment_id, s.status, s.submits, s.bank_transaction_id, n.source,
            s.claims_open >= $5 AS suspect,
            s.status IN ('PENDING', 'PROCESSING', 'PENDING_REVIEW')
            AND (n.source <> 'operator'
                 OR ((s.submits > 0 OR s.status = 'PENDING_REVIEW')
                     AND (s.contact_at <= clock_timestamp()
                          OR EXISTS (SELECT FROM attempts t
                                      WHERE t.payment_id = s.payment_id AND t.fence = s.fence - 1))))
              AS free
       FROM unnest($1::uuid[], $2::text[]) AS n (payment_id, source)
       JOIN payment_state s ON s.payment_id = n.payment_id
      ORDER BY s.payment_id
        FOR NO KEY UPDATE OF s
   ), claimed AS (
     UPDATE payment_state s
        SET status = CASE WHEN s.status = 'PENDING' THEN 'PROCESSING' ELSE s.status END,
            version = s.version + (s.status = 'PENDING')::int,
            fence = s.fence + 1,
            next_contact = 'inquire',
            contact_at = clock_timestamp() + $3 * interval '1 ms',
            due_at = clock_timestamp() + $3 * interval '1 ms',
            deadline_at = coalesce(s.deadline_at, clock_timestamp() + $4 * interval '1 ms'),
            claims_open = least(s.claims_open + 1, 32767),
            updated_at = clock_timestamp()
       FROM named n WHERE s.payment_id = n.payment_id AND n.free
     RETURNING s.payment_id, s.fence, s.version, n.status AS was
   ), told AS (
     INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
     SELECT c.payment_id, c.version, p.user_id, p.kind || '.processing',
            '{"status":"PROCESSING"}', clock_timestamp(), (SELECT epoch FROM feed_epoch)
       FROM claimed c JOIN payments p ON p.id = c.payment_id WHERE c.was = 'PENDING'
   )
   SELECT p.id, coalesce(c.fence, 0) AS fence, p.user_id AS "userId", p.account_id AS "accountId",
          p.kind, p.amount AS "amountMinor", p.currency,
          p.related_payment_id AS "relatedPaymentId", p.bank, p.request_id AS "requestId",
          n.suspect, n.status, c.payment_id IS NOT NULL AS claimed, n.submits,
          n.bank_transaction_id AS "bankTransactionId"
     FROM named n JOIN payments p ON p.id = n.payment_id
     LEFT JOIN claimed c ON c.payment_id = n.payment_id`,
);

export interface WordsClaimOptions {
  /** Within it the word is settled; else the bank is asked. */
  readonly leaseMs: number;
  /** From the first claim to review. */
  readonly deadlineMs: number;
}

/** Locks payments only, and waits for them: whoever holds one is about to commit. */
export function claimForWords(
  database: Queryable,
  words: readonly { readonly paymentId: PaymentId; readonly source: OutsideSource }[],
  options: WordsClaimOptions,
): Promise<readonly Standing[]> {
  return database.query(wordsClaim, [
    words.map((one) => one.paymentId),
    words.map((one) => one.source),
    options.leaseMs,
    options.deadlineMs,
    lostClaimsMax,
  ]);
}
