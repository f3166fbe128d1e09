import { v7 } from 'uuid';

/** Ids carry their kind in their type: a PaymentId is never taken for an AccountId. */
declare const kind: unique symbol;
type Id<Kind extends string> = string & { readonly [kind]: Kind };

export type PaymentId = Id<'payment'>;
export type UserId = Id<'user'>;
export type AccountId = Id<'account'>;
export type WorkerId = Id<'worker'>;

/**
 * UUIDv7 (RFC 9562 section 5.7), made by the application before the transaction: rows arrive in key
 * order, and after an unknown COMMIT the row can be looked for by its id.
 */
// Proven by v7's format; the brand exists for the compiler only.
export const newPaymentId = (): PaymentId => v7() as PaymentId;
export const newUserId = (): UserId => v7() as UserId;
export const newAccountId = (): AccountId => v7() as AccountId;
export const newWorkerId = (): WorkerId => v7() as WorkerId;

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
