import type { BreakId, PaymentId } from '../ids.ts';
import type { Currency } from '../money.ts';

/**
 * A difference between the bank's word and our books. It stays until somebody resolves it with a
 * reason: an unfinished payment by settling it, a final one by a correcting payment or by leaving
 * it as it is. Nothing is ever edited.
 */
export interface NewBreak {
  readonly id: BreakId;
  readonly kind: BreakKind;
  readonly source: BreakSource;
  readonly fingerprint: string;
  readonly bank: string;
  /** Null where the bank moved money for nobody we know. */
  readonly paymentId: PaymentId | null;
  /** As the bank wrote them. */
  readonly bankReference: string | null;
  readonly bankTransactionId: string | null;
  readonly currency: Currency;
  /** Minor units into our books (negative: out of them), by the bank's word and as booked. */
  readonly bankAmountMinor: bigint;
  readonly bookedAmountMinor: bigint;
  readonly detail: string;
  /** The reconciliation run that found it; null where a payment's own contact did. */
  readonly runId: string | null;
}

export type BreakKind =
  | 'missing_in_bank'
  | 'missing_in_books'
  | 'amount_differs'
  | 'duplicate'
  /** The bank's later word against a final status. */
  | 'contradiction';

/** Who said otherwise. */
export type BreakSource = 'submit' | 'inquire' | 'callback' | 'statement';

/**
 * One difference has one break, whoever tells it and however often: of a payment of ours it is
 * known by what the bank says it moved, else by the bank's own transaction.
 */
export function breakFingerprint(
  difference: Pick<NewBreak, 'paymentId' | 'bank' | 'bankTransactionId' | 'bankAmountMinor'>,
): string {
  const { paymentId, bank, bankTransactionId, bankAmountMinor } = difference;
  return paymentId === null
    ? `bank:${bank}:${bankTransactionId ?? 'none'}:${bankAmountMinor}`
    : `payment:${paymentId}:${bankAmountMinor}`;
}
