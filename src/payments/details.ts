import type { Queryable } from '../db/database.ts';
import type { PaymentId, UserId } from '../ids.ts';
import {
  type ContactRow,
  selectContacts,
  selectWaiting,
  type WaitingRow,
} from './details-store.ts';
import { type PaymentRow, readPayment } from './history.ts';
import { isFinal, type PaymentStatus } from './states.ts';

/**
 * What is known of how a payment ends. `unknown`: money may have moved or not, and only the bank's
 * own word, or a human's with evidence, will tell.
 */
export type Outcome = 'pending' | 'unknown' | 'succeeded' | 'failed';

export interface PaymentDetails {
  readonly payment: PaymentRow;
  readonly outcome: Outcome;
  /** Of an unknown outcome; null where the same reference is submitted again first. */
  readonly nextInquiryAt: Date | null;
  /** Oldest first. */
  readonly contacts: readonly ContactRow[];
}

/** One payment of a user, or of anybody where `userId` is null, with what the bank was asked. */
export async function readDetails(
  database: Queryable,
  wanted: { readonly id: PaymentId; readonly userId: UserId | null },
): Promise<PaymentDetails | null> {
  const [payment, waiting, contacts] = await Promise.all([
    readPayment(database, wanted),
    selectWaiting(database, wanted.id),
    selectContacts(database, wanted.id),
  ]);
  if (payment === null) return null;
  const outcome = outcomeOf(payment.status, waiting);
  return { payment, outcome, nextInquiryAt: nextInquiryOf(outcome, waiting), contacts };
}

type Waiting = Pick<WaitingRow, 'unsure' | 'claims_open' | 'next_contact' | 'is_due'>;

export function outcomeOf(status: PaymentStatus, waiting: Waiting | null): Outcome {
  if (isFinal(status)) return status === 'SUCCESS' ? 'succeeded' : 'failed';
  if (status === 'PENDING_REVIEW') return 'unknown';
  if (status === 'PENDING' || waiting === null) return 'pending';
  // A worker that died with its call: the lease has ended, or another has claimed the payment.
  const isLost = waiting.claims_open > 1 || (waiting.claims_open === 1 && waiting.is_due);
  return waiting.unsure || isLost ? 'unknown' : 'pending';
}

function nextInquiryOf(outcome: Outcome, waiting: WaitingRow | null): Date | null {
  return outcome === 'unknown' && waiting?.next_contact === 'inquire' ? waiting.contact_at : null;
}
