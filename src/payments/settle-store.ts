import { statement, type Tx } from '../db/database.ts';
import type { PaymentId, UserId, WorkerId } from '../ids.ts';
import type { Contact, PaymentStatus, WordSource } from './states.ts';

/** How a payment stands, locked. */
export interface LockedState {
  readonly id: PaymentId;
  readonly status: PaymentStatus;
  readonly fence: number;
  readonly version: number;
  readonly submits: number;
  readonly inquiries: number;
  readonly claimsOpen: number;
  readonly unsure: boolean;
  readonly deadlineAt: Date | null;
  readonly firstSubmitAt: Date | null;
  readonly lastSubmitAt: Date | null;
}

const statesLock = statement<LockedState>(
  'payments_states_lock',
  `SELECT payment_id AS id, status, fence, version, submits, inquiries,
          claims_open AS "claimsOpen", unsure, deadline_at AS "deadlineAt",
          first_submit_at AS "firstSubmitAt", last_submit_at AS "lastSubmitAt"
     FROM payment_state WHERE payment_id = ANY($1::uuid[]) ORDER BY payment_id
      FOR NO KEY UPDATE`,
);

export function lockStates(tx: Tx, ids: readonly PaymentId[]): Promise<readonly LockedState[]> {
  return tx.query(statesLock, [ids]);
}

/** A contact that the bank approved, though it came too late to end its payment. */
export interface Approval {
  readonly id: PaymentId;
  readonly contact: Exclude<WordSource, 'operator'>;
  readonly evidence: string;
}

const approvalsSelect = statement<Approval>(
  'payments_approvals',
  `SELECT DISTINCT ON (payment_id) payment_id AS id, contact, evidence FROM attempts
    WHERE payment_id = ANY($1::uuid[]) AND outcome = 'approved' AND contact <> 'operator'
    ORDER BY payment_id, fence`,
);

/** One per payment, the first. After their states are locked: nobody adds to them then. */
export function selectApprovals(tx: Tx, ids: readonly PaymentId[]): Promise<readonly Approval[]> {
  return tx.query(approvalsSelect, [ids]);
}

/** One row of `payment_state` after a contact. */
export interface StateChange {
  readonly id: PaymentId;
  /** Compared: a row that has moved on is not written, and the group fails. */
  readonly fence: number;
  readonly was: PaymentStatus;
  readonly status: PaymentStatus;
  readonly nextContact: Contact | null;
  readonly dueInMs: number | null;
  readonly unsure: boolean;
  readonly inquiries: number;
  readonly claimsOpen: number;
  readonly lastSubmitAt: Date | null;
  readonly bankTransactionId: string | null;
  readonly errorCode: string | null;
}

// The fence moves here too: the claim is spent, so settling it again (after a COMMIT whose answer
// was lost) finds another fence and changes nothing.
const statesChange = statement<Record<never, never>>(
  'payments_states_change',
  `WITH changed AS (
     UPDATE payment_state s
        SET status = c.status, version = s.version + (c.status <> c.was)::int, fence = s.fence + 1,
            next_contact = c.next_contact,
            contact_at = $1::timestamptz + c.due_in_ms * interval '1 ms',
            due_at = $1::timestamptz + c.due_in_ms * interval '1 ms',
            unsure = c.unsure, inquiries = c.inquiries, claims_open = c.claims_open,
            last_submit_at = c.last_submit_at, bank_transaction_id = c.bank_transaction_id,
            error_code = c.error_code, updated_at = $1::timestamptz
       FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[], $7::float8[],
                   $8::boolean[], $9::int[], $10::int[], $11::timestamptz[], $12::text[], $13::text[])
              AS c (id, fence, was, status, next_contact, due_in_ms, unsure, inquiries, claims_open,
                    last_submit_at, bank_transaction_id, error_code)
      WHERE s.payment_id = c.id AND s.fence = c.fence AND s.status = c.was
     RETURNING 1
   ) SELECT assert_count('states', (SELECT count(*) FROM changed), cardinality($2::uuid[]))`,
);

export function changeStates(tx: Tx, changes: readonly StateChange[], now: Date): Promise<unknown> {
  return tx.query(statesChange, [
    now,
    changes.map((one) => one.id),
    changes.map((one) => one.fence),
    changes.map((one) => one.was),
    changes.map((one) => one.status),
    changes.map((one) => one.nextContact),
    changes.map((one) => one.dueInMs),
    changes.map((one) => one.unsure),
    changes.map((one) => one.inquiries),
    changes.map((one) => one.claimsOpen),
    changes.map((one) => one.lastSubmitAt),
    changes.map((one) => one.bankTransactionId),
    changes.map((one) => one.errorCode),
  ]);
}

export interface AttemptRow {
  readonly id: PaymentId;
  readonly fence: number;
  readonly contact: WordSource;
  readonly worker: WorkerId;
  /**
   * Milliseconds before now, on the worker's monotonic clock: the row's times are the database's.
   */
  readonly startedAgoMs: number;
  readonly endedAgoMs: number;
  readonly outcome: string;
  readonly evidence: string;
}

const attemptsInsert = statement<Record<never, never>>(
  'payments_attempts_insert',
  // A group that runs again after an unknown COMMIT finds its attempts already there.
  `INSERT INTO attempts (payment_id, fence, contact, worker, started_at, ended_at, outcome, evidence)
   SELECT id, fence, contact, worker, $1::timestamptz - started_ago * interval '1 ms',
          $1::timestamptz - ended_ago * interval '1 ms', outcome, evidence
     FROM unnest($2::uuid[], $3::int[], $4::text[], $5::uuid[], $6::float8[], $7::float8[],
                 $8::text[], $9::text[])
       AS a (id, fence, contact, worker, started_ago, ended_ago, outcome, evidence)
   ON CONFLICT DO NOTHING`,
);

export function insertAttempts(
  tx: Tx,
  attempts: readonly AttemptRow[],
  now: Date,
): Promise<unknown> {
  return tx.query(attemptsInsert, [
    now,
    attempts.map((one) => one.id),
    attempts.map((one) => one.fence),
    attempts.map((one) => one.contact),
    attempts.map((one) => one.worker),
    attempts.map((one) => one.startedAgoMs),
    attempts.map((one) => one.endedAgoMs),
    attempts.map((one) => one.outcome),
    attempts.map((one) => one.evidence),
  ]);
}

/** A status change, for the feed: the changed values only. */
export interface EventRow {
  readonly id: PaymentId;
  readonly version: number;
  readonly userId: UserId;
  readonly type: string;
  /** JSON. */
  readonly data: string;
}

const eventsInsert = statement<Record<never, never>>(
  'payments_events_insert',
  `INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
   SELECT id, version, user_id, type, data, $1::timestamptz, (SELECT epoch FROM feed_epoch)
     FROM unnest($2::uuid[], $3::smallint[], $4::uuid[], $5::text[], $6::text[])
       AS e (id, version, user_id, type, data)`,
);

export function insertEvents(tx: Tx, events: readonly EventRow[], now: Date): Promise<unknown> {
  return tx.query(eventsInsert, [
    now,
    events.map((one) => one.id),
    events.map((one) => one.version),
    events.map((one) => one.userId),
    events.map((one) => one.type),
    events.map((one) => one.data),
  ]);
}

export interface FailedTaskRow {
  readonly id: PaymentId;
  readonly reason: string;
  readonly detail: string;
}

const failedTasksUpsert = statement<Record<never, never>>(
  'payments_failed_tasks_upsert',
  // Whatever was closed is open again: what made somebody close it did not last.
  `INSERT INTO failed_tasks AS t (payment_id, reason, detail, first_at, last_at, history)
   SELECT id, reason, detail, $1::timestamptz, $1::timestamptz,
          failed_task_history($1::timestamptz, detail)
     FROM unnest($2::uuid[], $3::text[], $4::text[]) AS f (id, reason, detail)
    ORDER BY id, reason
   ON CONFLICT (payment_id, reason) DO UPDATE
      SET times = t.times + 1, detail = excluded.detail, last_at = excluded.last_at,
          history = failed_task_history(t.history, excluded.history), closed_at = NULL`,
);

export function recordFailedTasks(
  tx: Tx,
  tasks: readonly FailedTaskRow[],
  now: Date,
): Promise<unknown> {
  return tx.query(failedTasksUpsert, [
    now,
    tasks.map((one) => one.id),
    tasks.map((one) => one.reason),
    tasks.map((one) => one.detail),
  ]);
}
