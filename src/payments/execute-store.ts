import { type Queryable, statement } from '../db/database.ts';
import type { AccountId, PaymentId, UserId } from '../ids.ts';
import type { Currency } from '../money.ts';
import { type BankedKind, type Contact, lostClaimsMax } from './states.ts';

/** A payment that this worker owns until its lease ends. */
export interface Claim {
  readonly id: PaymentId;
  readonly fence: number;
  readonly contact: Contact;
  readonly userId: UserId;
  readonly accountId: AccountId;
  readonly kind: BankedKind;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  /** The deposit that a refund gives back. */
  readonly relatedPaymentId: PaymentId | null;
  /** As in `payments.bank`. */
  readonly bank: string;
  readonly requestId: string;
  /** Its claims never bring an outcome: it may be killing us, so it shares no group with others. */
  readonly suspect: boolean;
}

interface ClaimRow extends Claim {
  /** Not claimed: a suspect in company. */
  readonly setAside: boolean;
}

const duesClaim = statement<ClaimRow>(
  'payments_claim',
  // The claim itself writes 'inquire': a worker that dies in its call leaves an inquiry behind. A
  // second submit that comes too late for the bank to recognise it (we were down, say) is an
  // inquiry. The counters stop where their type does: a bank that is away for days must not end in
  // a row that nobody can claim. A suspect (claims that never brought an outcome) is asked about
  // only, claimed alone, and told to a human here: whatever it does to us next, that is on record.
  `WITH due AS (
     SELECT payment_id, status, claims_open, claims_open >= $6 AS suspect,
            CASE WHEN claims_open >= $6
                   OR (unsure AND clock_timestamp() + $2 * interval '1 ms'
                                  >= first_submit_at + $4 * interval '1 ms')
                 THEN 'inquire' ELSE next_contact END AS contact
       FROM payment_state
      WHERE payment_id = ANY($1::uuid[]) AND contact_at <= clock_timestamp()
        AND (next_contact = 'inquire' OR NOT $5)
      ORDER BY payment_id
        FOR NO KEY UPDATE SKIP LOCKED
   ), claimed AS (
     UPDATE payment_state s
        SET status = CASE WHEN s.status = 'PENDING' THEN 'PROCESSING' ELSE s.status END,
            version = s.version + (s.status = 'PENDING')::int,
            fence = s.fence + 1,
            next_contact = 'inquire',
            contact_at = clock_timestamp() + $2 * interval '1 ms',
            due_at = clock_timestamp() + $2 * interval '1 ms',
            deadline_at = coalesce(s.deadline_at, clock_timestamp() + $3 * interval '1 ms'),
            submits = s.submits + (due.contact = 'submit')::int,
            inquiries = least(s.inquiries + (due.contact = 'inquire' AND NOT $5)::int, 32767),
            claims_open = least(s.claims_open + 1, 32767),
            first_submit_at = CASE WHEN due.contact = 'submit'
                                   THEN coalesce(s.first_submit_at, clock_timestamp())
                                   ELSE s.first_submit_at END,
            last_submit_at = CASE WHEN due.contact = 'submit'
                                  THEN clock_timestamp() + $2 * interval '1 ms'
                                  ELSE s.last_submit_at END,
            updated_at = clock_timestamp()
       FROM due JOIN payments p ON p.id = due.payment_id
      WHERE s.payment_id = due.payment_id AND (NOT due.suspect OR cardinality($1::uuid[]) = 1)
     RETURNING s.payment_id AS id, s.fence, due.contact, p.user_id AS "userId",
               p.account_id AS "accountId", p.kind, p.amount AS "amountMinor", p.currency,
               p.related_payment_id AS "relatedPaymentId", p.bank, p.request_id AS "requestId", due.suspect, due.claims_open,
               s.version, due.status AS was
   ), told AS (
     INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
     SELECT id, version, "userId", kind || '.processing', '{"status":"PROCESSING"}',
            clock_timestamp(), (SELECT epoch FROM feed_epoch)
       FROM claimed WHERE was = 'PENDING'
   ), suspected AS (
     INSERT INTO failed_tasks AS t (payment_id, reason, detail, first_at, last_at, history)
     SELECT id, 'WORKER_LOST', detail, clock_timestamp(), clock_timestamp(),
            failed_task_history(clock_timestamp(), detail)
       FROM (SELECT id, claims_open || ' claims without an outcome: inquiries only' AS detail
               FROM claimed WHERE suspect) s
     ON CONFLICT (payment_id, reason) DO UPDATE
        SET times = t.times + 1, detail = excluded.detail, last_at = excluded.last_at,
            history = failed_task_history(t.history, excluded.history), closed_at = NULL
   )
   SELECT id, fence, contact, "userId", "accountId", kind, "amountMinor", currency,
          "relatedPaymentId", bank, "requestId", suspect, false AS "setAside" FROM claimed
    UNION ALL
   SELECT payment_id, 0, contact, payment_id, payment_id, '', 0::bigint, '', NULL, '', '', true,
          true
     FROM due WHERE suspect AND cardinality($1::uuid[]) > 1`,
);

export interface ClaimOptions {
  readonly leaseMs: number;
  /** From the first claim to review. */
  readonly deadlineMs: number;
  /** After the first submit; past it an unsure payment is not submitted again. */
  readonly deduplicationWindowMs: number;
  /** For a bank that fails: submits stay as they are, and the inquiries' table does not advance. */
  readonly inquiriesOnly: boolean;
}

export interface ClaimAnswer {
  readonly claims: readonly Claim[];
  /** Suspects that were named with others: to be claimed one by one. */
  readonly setAside: readonly PaymentId[];
}

/** Locks payments only. What is not due, final, or in another's hands is not among the answers. */
export async function claimDue(
  database: Queryable,
  ids: readonly PaymentId[],
  options: ClaimOptions,
): Promise<ClaimAnswer> {
  const rows = await database.query(duesClaim, [
    ids,
    options.leaseMs,
    options.deadlineMs,
    options.deduplicationWindowMs,
    options.inquiriesOnly,
    lostClaimsMax,
  ]);
  const setAside = rows.filter((row) => row.setAside).map((row) => row.id);
  return setAside.length === 0
    ? { claims: rows, setAside }
    : { claims: rows.filter((row) => !row.setAside), setAside };
}

const contactablesFind = statement<{ id: PaymentId }>(
  'payments_contactables_find',
  // What may be contacted now, what has waited longest first; whoever claims them looks again.
  `SELECT payment_id AS id FROM payment_state
    WHERE due_at IS NOT NULL AND contact_at <= clock_timestamp()
      AND (next_contact = 'inquire' OR NOT $1)
    ORDER BY due_at LIMIT $2`,
);

export async function findContactables(
  database: Queryable,
  options: { readonly inquiriesOnly: boolean; readonly rowsMax: number },
): Promise<readonly PaymentId[]> {
  const rows = await database.query(contactablesFind, [options.inquiriesOnly, options.rowsMax]);
  return rows.map((row) => row.id);
}
