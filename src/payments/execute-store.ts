import { type Queryable, statement } from '../db/database.ts';
import type { AccountId, PaymentId, UserId } from '../ids.ts';
import type { Currency } from '../money.ts';
import type { Contact, PaymentKind } from './states.ts';

/** A payment that this worker owns until its lease ends. */
export interface Claim {
  readonly id: PaymentId;
  readonly fence: number;
  readonly contact: Contact;
  readonly userId: UserId;
  readonly accountId: AccountId;
  readonly kind: PaymentKind;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  /** As in `payments.bank`. */
  readonly bank: string;
  readonly requestId: string;
}

const duesClaim = statement<Claim>(
  'payments_claim',
  // The claim itself writes 'inquire': a worker that dies in its call leaves an inquiry behind. A
  // second submit that comes too late for the bank to recognise it (we were down, say) is an
  // inquiry. The counters stop where their type does: a bank that is away for days must not end in
  // a row that nobody can claim.
  `WITH due AS (
     SELECT payment_id, status,
            CASE WHEN unsure
                  AND clock_timestamp() + $2 * interval '1 ms'
                      >= first_submit_at + $4 * interval '1 ms'
                 THEN 'inquire' ELSE next_contact END AS contact
       FROM payment_state
      WHERE payment_id = ANY($1::uuid[]) AND contact_at <= clock_timestamp()
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
            inquiries = least(s.inquiries + (due.contact = 'inquire')::int, 32767),
            claims_open = least(s.claims_open + 1, 32767),
            first_submit_at = CASE WHEN due.contact = 'submit'
                                   THEN coalesce(s.first_submit_at, clock_timestamp())
                                   ELSE s.first_submit_at END,
            last_submit_at = CASE WHEN due.contact = 'submit'
                                  THEN clock_timestamp() + $2 * interval '1 ms'
                                  ELSE s.last_submit_at END,
            updated_at = clock_timestamp()
       FROM due JOIN payments p ON p.id = due.payment_id
      WHERE s.payment_id = due.payment_id
     RETURNING s.payment_id AS id, s.fence, due.contact, p.user_id AS "userId",
               p.account_id AS "accountId", p.kind, p.amount AS "amountMinor", p.currency,
               p.bank, p.request_id AS "requestId", s.version, due.status AS was
   ), told AS (
     INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
     SELECT id, version, "userId", kind || '.processing', '{"status":"PROCESSING"}',
            clock_timestamp(), (SELECT epoch FROM feed_epoch)
       FROM claimed WHERE was = 'PENDING'
   )
   SELECT id, fence, contact, "userId", "accountId", kind, "amountMinor", currency, bank, "requestId"
     FROM claimed`,
);

export interface ClaimOptions {
  readonly leaseMs: number;
  /** From the first claim to review. */
  readonly deadlineMs: number;
  /** After the first submit; past it an unsure payment is not submitted again. */
  readonly deduplicationWindowMs: number;
}

/** Locks payments only. What is not due, final, or in another's hands is not among the answers. */
export function claimDue(
  database: Queryable,
  ids: readonly PaymentId[],
  options: ClaimOptions,
): Promise<readonly Claim[]> {
  return database.query(duesClaim, [
    ids,
    options.leaseMs,
    options.deadlineMs,
    options.deduplicationWindowMs,
  ]);
}
