import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';
import type { Currency } from '../money.ts';
import type { PaymentKind, PaymentStatus } from '../payments/states.ts';
import type { Verdict } from './rules.ts';

/** One signed callback on its way into the inbox. */
export interface InboxRow {
  readonly id: string;
  readonly eventKey: string;
  /** What it is kept under where it came too late. */
  readonly staleKey: string;
  readonly bodyHex: string;
  readonly status: string | null;
  /** Unix seconds; null where it cannot be read, which no clock makes worse. */
  readonly saidAt: number | null;
  readonly verdict: Verdict;
  readonly detail: string;
  readonly requestId: string;
}

export interface TakenRow {
  readonly id: string;
  readonly eventKey: string;
  readonly verdict: Verdict;
  /** 1: it is new. */
  readonly times: number;
}

const callbacksTake = statement<TakenRow>(
  'callbacks_take',
  // In the order of the unique key, before the payments are locked; nobody who holds a payment
  // waits for a row here. Whether it is stale is the database's clock's to say. A repeat waits for
  // the first one's commit, and finds its verdict.
  `INSERT INTO bank_callbacks AS c (id, bank, event_id, body, status, verdict, detail, request_id,
                                    received_at, last_received_at)
   SELECT id, $1, CASE WHEN stale THEN stale_key ELSE event_key END, decode(body, 'hex'), status,
          CASE WHEN stale THEN 'stale' ELSE verdict END,
          CASE WHEN stale THEN 'its timestamp is ' || round(age) || ' s away' ELSE detail END,
          request_id, clock_timestamp(), clock_timestamp()
     FROM (SELECT f.*, age, coalesce(age > $2, false) AS stale
             FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::float8[],
                         $9::text[], $10::text[], $11::text[])
                    AS f (id, event_key, stale_key, body, status, said_at, verdict, detail,
                          request_id)
            CROSS JOIN LATERAL
                  (SELECT abs(extract(epoch FROM clock_timestamp()) - f.said_at) AS age) a) t
    ORDER BY CASE WHEN stale THEN stale_key ELSE event_key END
   ON CONFLICT (bank, event_id) DO UPDATE
      SET times = c.times + 1, last_received_at = excluded.last_received_at
   RETURNING id, event_id AS "eventKey", verdict, times`,
);

export function takeCallbacks(
  tx: Tx,
  rows: readonly InboxRow[],
  terms: { readonly bank: string; readonly windowSeconds: number },
): Promise<readonly TakenRow[]> {
  return tx.query(callbacksTake, [
    terms.bank,
    terms.windowSeconds,
    rows.map((one) => one.id),
    rows.map((one) => one.eventKey),
    rows.map((one) => one.staleKey),
    rows.map((one) => one.bodyHex),
    rows.map((one) => one.status),
    rows.map((one) => one.saidAt),
    rows.map((one) => one.verdict),
    rows.map((one) => one.detail),
    rows.map((one) => one.requestId),
  ]);
}

export interface NamedRow {
  readonly id: PaymentId;
  readonly kind: PaymentKind;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly status: PaymentStatus;
  readonly bankTransactionId: string | null;
  readonly claimsOpen: number;
  readonly isLeased: boolean;
}

const namedLock = statement<NamedRow>(
  'callbacks_payments_lock',
  // An inquiry that is due later than a lease after the last change is nobody's call. A repeat that
  // has its verdict locks nothing: the worker that was just told of the payment would find it
  // taken, and leave it to the sweeper.
  `SELECT p.id, p.kind, p.amount AS "amountMinor", p.currency, s.status,
          s.bank_transaction_id AS "bankTransactionId", s.claims_open AS "claimsOpen",
          s.claims_open > 0 AND s.contact_at > clock_timestamp()
            AND s.contact_at <= s.updated_at + $3 * interval '1 ms' AS "isLeased"
     FROM payment_state s JOIN payments p ON p.id = s.payment_id
    WHERE s.payment_id IN (
            SELECT n.payment_id FROM unnest($1::uuid[], $4::text[]) AS n (payment_id, event_key)
              JOIN bank_callbacks c ON c.bank = $2 AND c.event_id = n.event_key
             WHERE c.times = 1 OR c.verdict = 'settling')
      AND p.bank = $2
    ORDER BY s.payment_id FOR NO KEY UPDATE OF s`,
);

/** The payments of one bank that its callbacks name, where there is something to decide. */
export function lockNamed(
  tx: Tx,
  named: readonly { readonly id: PaymentId; readonly eventKey: string }[],
  terms: { readonly bank: string; readonly leaseMs: number },
): Promise<readonly NamedRow[]> {
  return tx.query(namedLock, [
    named.map((one) => one.id),
    terms.bank,
    terms.leaseMs,
    named.map((one) => one.eventKey),
  ]);
}

const inquiriesBring = statement<Record<never, never>>(
  'callbacks_inquiries_bring',
  // The fence stays: an answer that is on its way still counts, if it comes before the inquiry.
  `UPDATE payment_state s
      SET next_contact = 'inquire',
          contact_at = least(s.contact_at, clock_timestamp() + n.in_ms * interval '1 ms'),
          due_at = least(s.contact_at, clock_timestamp() + n.in_ms * interval '1 ms')
     FROM unnest($1::uuid[], $2::float8[]) AS n (id, in_ms)
    WHERE s.payment_id = n.id AND s.due_at IS NOT NULL`,
);

/** An inquiry is due in so many milliseconds, or when it was due anyway. */
export function bringInquiries(
  tx: Tx,
  inquiries: readonly { readonly id: PaymentId; readonly inMs: number }[],
): Promise<unknown> {
  return tx.query(inquiriesBring, [
    inquiries.map((one) => one.id),
    inquiries.map((one) => one.inMs),
  ]);
}

export interface Judged {
  readonly id: string;
  readonly verdict: Verdict;
  readonly detail: string;
  readonly paymentId: PaymentId | null;
}

const callbacksJudge = statement<Record<never, never>>(
  'callbacks_judge',
  `WITH judged AS (
     UPDATE bank_callbacks c
        SET verdict = j.verdict, detail = j.detail, payment_id = j.payment_id
       FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[])
              AS j (id, verdict, detail, payment_id)
      WHERE c.id = j.id
     RETURNING 1
   ) SELECT assert_count('callbacks', (SELECT count(*) FROM judged), cardinality($1::uuid[]))`,
);

export function judgeCallbacks(database: Queryable, judged: readonly Judged[]): Promise<unknown> {
  return database.query(callbacksJudge, [
    judged.map((one) => one.id),
    judged.map((one) => one.verdict),
    judged.map((one) => one.detail),
    judged.map((one) => one.paymentId),
  ]);
}

const missedBring = statement<{ id: PaymentId }>(
  'callbacks_missed_bring',
  // Whoever was asking when the callback came has written the next contact over the inquiry that it
  // was to bring. One contact that began after it is enough: the bank has said what it knew then.
  `WITH missed AS (
     SELECT s.payment_id FROM bank_callbacks c JOIN payment_state s USING (payment_id)
      WHERE c.verdict = 'inquiry_due' AND c.bank = $1 AND s.contact_at > clock_timestamp()
        AND NOT (s.claims_open > 0 AND s.contact_at <= s.updated_at + $2 * interval '1 ms')
        AND NOT EXISTS (SELECT FROM attempts a
                         WHERE a.payment_id = c.payment_id AND a.started_at >= c.received_at)
      ORDER BY s.payment_id LIMIT $3
        FOR NO KEY UPDATE OF s SKIP LOCKED
   )
   UPDATE payment_state s
      SET next_contact = 'inquire', contact_at = clock_timestamp(), due_at = clock_timestamp()
     FROM missed m WHERE s.payment_id = m.payment_id
   RETURNING s.payment_id AS id`,
);

/** Payments that nobody has asked about since their callback came are due now. */
export async function bringMissed(
  database: Queryable,
  terms: { readonly bank: string; readonly leaseMs: number; readonly rowsMax: number },
): Promise<readonly PaymentId[]> {
  const rows = await database.query(missedBring, [terms.bank, terms.leaseMs, terms.rowsMax]);
  return rows.map((row) => row.id);
}

export interface EndedRow extends NamedRow {
  readonly callbackId: string;
  readonly eventKey: string;
  readonly bodyHex: string;
  readonly requestId: string;
}

const endedTake = statement<EndedRow>(
  'callbacks_ended_take',
  `SELECT c.id AS "callbackId", c.event_id AS "eventKey", encode(c.body, 'hex') AS "bodyHex",
          c.request_id AS "requestId", p.id, p.kind, p.amount AS "amountMinor", p.currency,
          s.status, s.bank_transaction_id AS "bankTransactionId", 0 AS "claimsOpen",
          false AS "isLeased"
     FROM bank_callbacks c
     JOIN payment_state s ON s.payment_id = c.payment_id AND s.status IN ('SUCCESS', 'FAILED')
     JOIN payments p ON p.id = c.payment_id
    WHERE c.verdict = 'inquiry_due' AND c.bank = $1
    ORDER BY c.received_at LIMIT $2
      FOR NO KEY UPDATE OF c SKIP LOCKED`,
);

/** Callbacks that had the bank asked, and whose payment has ended since. */
export function takeEnded(tx: Tx, bank: string, rowsMax: number): Promise<readonly EndedRow[]> {
  return tx.query(endedTake, [bank, rowsMax]);
}

const refusalNote = statement<Record<never, never>>(
  'callbacks_refusal_note',
  `INSERT INTO bank_callback_refusals AS r (sender, last_digest, first_at, last_at)
   VALUES ($1, $2, clock_timestamp(), clock_timestamp())
   ON CONFLICT (sender) DO UPDATE
      SET times = r.times + 1, last_digest = excluded.last_digest, last_at = excluded.last_at`,
);

/** One that bears no signature of the bank's: counted, per sender. */
export async function noteRefusal(
  database: Queryable,
  refusal: { readonly sender: string; readonly digest: string },
): Promise<void> {
  await database.query(refusalNote, [refusal.sender, refusal.digest]);
}

export interface UnusableCallback {
  readonly id: string;
  readonly bank: string;
  readonly event_id: string;
  /** As text; what is no UTF-8 shows as its escapes. */
  readonly body: string;
  readonly payment_id: PaymentId | null;
  readonly verdict: Verdict;
  readonly detail: string;
  readonly times: number;
  readonly received_at: Date;
}

const unusableSelect = statement<UnusableCallback>(
  'callbacks_unusable',
  `SELECT id, bank, event_id, encode(body, 'escape') AS body, payment_id, verdict, detail, times,
          received_at
     FROM bank_callbacks
    WHERE verdict IN ('settling', 'unproven', 'unknown_payment', 'unreadable', 'stale')
    ORDER BY received_at DESC LIMIT $1`,
);

/** Signed, and of no use to the journey: for a human to look at, the newest first. */
export function selectUnusable(
  database: Queryable,
  rowsMax: number,
): Promise<readonly UnusableCallback[]> {
  return database.query(unusableSelect, [rowsMax]);
}
