import type { PaymentId, UserId } from '../ids.ts';
import { formatPosition, type Position } from './position.ts';

/** One change of one payment's status, as the feed has it. */
export interface FeedEvent {
  readonly position: Position;
  readonly type: string;
  readonly createdAt: Date;
  readonly paymentId: PaymentId;
  /** Counts the status changes of the payment. */
  readonly version: number;
  readonly userId: UserId;
  /** JSON: the changed values only. */
  readonly data: string;
}

/** Null lets everything through. */
export interface FeedFilter {
  readonly userId: UserId | null;
  readonly types: readonly string[] | null;
  readonly paymentId: PaymentId | null;
}

export function passes(event: FeedEvent, { userId, types, paymentId }: FeedFilter): boolean {
  return (
    (userId === null || userId === event.userId) &&
    (paymentId === null || paymentId === event.paymentId) &&
    (types === null || types.includes(event.type))
  );
}

/** What the public reads. */
export interface EventBody {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly transaction_id: string;
  readonly version: number;
  readonly user_id: string;
  readonly data: unknown;
}

export function eventBody(event: FeedEvent): EventBody {
  return {
    id: formatPosition(event.position),
    type: event.type,
    timestamp: event.createdAt.toISOString(),
    transaction_id: event.paymentId,
    version: event.version,
    user_id: event.userId,
    data: JSON.parse(event.data),
  };
}
