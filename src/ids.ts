import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import { systemClock } from './clock.ts';

/** Ids carry their kind in their type: a PaymentId is never taken for an AccountId. */
declare const kind: unique symbol;
type Id<Kind extends string> = string & { readonly [kind]: Kind };

export type PaymentId = Id<'payment'>;
export type UserId = Id<'user'>;
export type AccountId = Id<'account'>;
export type WorkerId = Id<'worker'>;
export type BreakId = Id<'break'>;
export type FailedTaskId = Id<'failedTask'>;
export type SessionId = Id<'session'>;
export type ApiKeyId = Id<'apiKey'>;
export type EndpointId = Id<'endpoint'>;
export type DeliveryId = Id<'delivery'>;

const idBytes = 16;
const pool = new Uint8Array(1024 * idBytes);
let taken = pool.length;
let lastMs = 0;
let seq = 0;

/**
 * UUIDv7 (RFC 9562 section 5.7): in one process each is greater than the one before, also within a
 * millisecond and when the clock steps back (method 1 of section 6.2, a 32-bit counter). Random
 * bytes are fetched for a thousand ids at once: one by one they are most of an id's 3 µs.
 */
export function newUuid(): string {
  if (taken === pool.length) {
    randomFillSync(pool);
    taken = 0;
  }
  const random = pool.subarray(taken, taken + idBytes);
  taken += idBytes;
  const now = systemClock.now();
  if (now > lastMs) {
    lastMs = now;
    // Half of the counter's room is left for what the same millisecond brings.
    seq = new DataView(random.buffer, random.byteOffset).getUint32(6) >>> 1;
  } else seq += 1;
  return v7({ random, msecs: lastMs, seq });
}

// Made by the application before the transaction: rows arrive in key order, and after an unknown
// COMMIT the row can be looked for by its id. The format is proven by v7; the brand exists for the
// compiler only.
export const newPaymentId = (): PaymentId => newUuid() as PaymentId;
export const newUserId = (): UserId => newUuid() as UserId;
export const newAccountId = (): AccountId => newUuid() as AccountId;
export const newWorkerId = (): WorkerId => newUuid() as WorkerId;
export const newBreakId = (): BreakId => newUuid() as BreakId;
export const newSessionId = (): SessionId => newUuid() as SessionId;
export const newApiKeyId = (): ApiKeyId => newUuid() as ApiKeyId;
export const newEndpointId = (): EndpointId => newUuid() as EndpointId;
export const newDeliveryId = (): DeliveryId => newUuid() as DeliveryId;

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The id that a client wrote, in lower case, or null where it is not a UUID. */
export function parseId<Kind extends string>(text: string): Id<Kind> | null {
  const lower = text.toLowerCase();
  // Proven by the pattern.
  return uuidForm.test(lower) ? (lower as Id<Kind>) : null;
}

/**
 * What the bank knows a payment by: its id in 32 hex digits (ISO 20022 allows 35 characters). One
 * reference per payment, so no column: it is on record as soon as the payment is.
 */
export function bankReference(id: PaymentId): string {
  return id.replaceAll('-', '');
}
