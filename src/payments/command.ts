import type { AccountId, PaymentId, UserId } from '../ids.ts';
import type { Currency } from '../money.ts';
import type { PaymentKind } from './states.ts';

/** A valid request for a payment: parsed at the edge, trusted from here on. */
export interface AcceptCommand {
  /** Made by the caller (UUIDv7); a replay answers with the first one's. */
  readonly id: PaymentId;
  readonly userId: UserId;
  readonly accountId: AccountId;
  readonly kind: PaymentKind;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly idempotencyKey: string;
  readonly requestId: string;
  readonly description: string | null;
  /** RFC 8785 text of the metadata object, so that equal metadata is equal text. */
  readonly metadata: string | null;
  /** Of a transfer: where it goes, and to whom. */
  readonly counterAccountId: AccountId | null;
  readonly counterUserId: UserId | null;
  /** Of a refund: the deposit that it gives back, which has succeeded, and how much that was. */
  readonly relatedPaymentId: PaymentId | null;
  readonly relatedAmountMinor: bigint | null;
  /** When the token was issued, milliseconds: one from before `users.valid_after` is dead. */
  readonly authenticatedAt: number;
}

/** Why accept said no; as in `payments.refusal`. */
export type Refusal = 'INSUFFICIENT_FUNDS' | 'REFUND_EXCEEDS_DEPOSIT';

/** What was fixed at accept: enough to rebuild the first answer to the byte, for ever. */
export interface AcceptedPayment {
  readonly id: PaymentId;
  readonly accountId: AccountId;
  readonly kind: PaymentKind;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly requestId: string;
  readonly description: string | null;
  readonly metadata: string | null;
  /** Of a transfer: where it goes. */
  readonly counterAccountId: AccountId | null;
  /** Of a refund: the deposit that it gives back. */
  readonly relatedPaymentId: PaymentId | null;
  readonly answerVersion: number;
  /** Null: accepted. Else accept said no, and the payment is FAILED from birth. */
  readonly refusal: Refusal | null;
  /** Minor units that were available, or left to give back, when it was refused. */
  readonly refusalAvailable: bigint | null;
  readonly createdAt: Date;
}

export type AcceptResult =
  | { readonly kind: 'accepted'; readonly payment: AcceptedPayment; readonly replayed: boolean }
  | { readonly kind: 'refused'; readonly payment: AcceptedPayment; readonly replayed: boolean }
  /** The key stands for another request. */
  | {
      readonly kind: 'key_reused';
      readonly original: PaymentId;
      /** Names as in the API: `amount`, `currency`, `type`, `description`, `to_account_id`, … */
      readonly differing: readonly string[];
    }
  /** Deactivated, or the token is from before `valid_after`. */
  | { readonly kind: 'user_refused' }
  /** Of a transfer: its receiver was deactivated, or can hold no more. Nothing was stored. */
  | { readonly kind: 'receiver_refused' }
  /** The account was locked by somebody else until the deadline; nothing was stored. */
  | { readonly kind: 'account_busy' };

/**
 * @throws Overloaded when the waiting room is full (nothing stored),
 *   DatabaseAway (nothing stored), OutcomeUnknown (perhaps stored: the same key finds out)
 */
export type Accept = (command: AcceptCommand) => Promise<AcceptResult>;
