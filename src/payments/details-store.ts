import { type Queryable, statement } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';
import type { Contact, WordSource } from './states.ts';

/** What an unfinished payment waits for. */
export interface WaitingRow {
  readonly unsure: boolean;
  readonly claims_open: number;
  readonly next_contact: Contact | null;
  readonly contact_at: Date | null;
  readonly is_due: boolean;
}

const waitingSelect = statement<WaitingRow>(
  'details_waiting',
  `SELECT unsure, claims_open, next_contact, contact_at,
          coalesce(contact_at <= clock_timestamp(), false) AS is_due
     FROM payment_state WHERE payment_id = $1`,
);

export async function selectWaiting(
  database: Queryable,
  id: PaymentId,
): Promise<WaitingRow | null> {
  const [row] = await database.query(waitingSelect, [id]);
  return row ?? null;
}

/** A contact with the bank, or a word that somebody brought. */
export interface ContactRow {
  readonly contact: WordSource;
  readonly worker: string;
  readonly started_at: Date;
  readonly ended_at: Date;
  readonly outcome: string;
  /** For operators: it may hold addresses, and what a library said. */
  readonly evidence: string;
}

const contactsSelect = statement<ContactRow>(
  'details_contacts',
  `SELECT contact, worker, started_at, ended_at, outcome, evidence
     FROM attempts WHERE payment_id = $1 ORDER BY fence`,
);

export function selectContacts(database: Queryable, id: PaymentId): Promise<readonly ContactRow[]> {
  return database.query(contactsSelect, [id]);
}

export interface CallbackRow {
  readonly status: string | null;
  readonly verdict: string;
  readonly times: number;
  readonly received_at: Date;
}

const callbacksSelect = statement<CallbackRow>(
  'details_callbacks',
  `SELECT status, verdict, times, received_at
     FROM bank_callbacks WHERE payment_id = $1 ORDER BY received_at, id`,
);

export function selectCallbacks(
  database: Queryable,
  id: PaymentId,
): Promise<readonly CallbackRow[]> {
  return database.query(callbacksSelect, [id]);
}

const oldestUnknownSelect = statement<{ readonly seconds: number | null }>(
  'details_oldest_unknown',
  // Over the index of unfinished payments, which are as many as are under way; an index of its own
  // would be paid for by every payment.
  `SELECT extract(epoch FROM clock_timestamp() - min(coalesce(first_submit_at, updated_at)))::float8
            AS seconds
     FROM payment_state WHERE due_at IS NOT NULL AND (unsure OR status = 'PENDING_REVIEW')`,
);

/** Seconds since the first submit of the oldest unknown outcome; null where none is unknown. */
export async function selectOldestUnknown(database: Queryable): Promise<number | null> {
  const [row] = await database.query(oldestUnknownSelect, []);
  return row?.seconds ?? null;
}
