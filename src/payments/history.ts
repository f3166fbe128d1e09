import type { Queryable } from '../db/database.ts';
import type { PaymentId, UserId } from '../ids.ts';
import {
  type AttemptRow,
  type EventRow,
  type PaymentRow,
  type PostingRow,
  selectAttempts,
  selectEvents,
  selectPayment,
  selectPostings,
} from './history-store.ts';

export type { AttemptRow, EventRow, PaymentRow, PostingRow };

/** One payment of a user, or of anybody where `userId` is null. */
export function readPayment(
  database: Queryable,
  wanted: { readonly id: PaymentId; readonly userId: UserId | null },
): Promise<PaymentRow | null> {
  return selectPayment(database, wanted);
}

/** All that is on record about how a payment came to be what it is. */
export interface Trail {
  readonly events: readonly EventRow[];
  readonly attempts: readonly AttemptRow[];
  readonly postings: readonly PostingRow[];
}

/** Of a user, or for an operator where `userId` is null. */
export async function readTrail(
  database: Queryable,
  wanted: { readonly id: PaymentId; readonly userId: UserId | null },
): Promise<Trail> {
  const { id } = wanted;
  const [events, attempts, postings] = await Promise.all([
    selectEvents(database, id),
    selectAttempts(database, id),
    selectPostings(database, wanted),
  ]);
  return { events, attempts, postings };
}
