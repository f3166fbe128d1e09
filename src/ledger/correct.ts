import { assert } from '../assert.ts';
import type { AccountId, PaymentId, UserId } from '../ids.ts';
import type { Currency } from '../money.ts';
import {
  type AccountChange,
  availableFunds,
  type LockedAccount,
  type Posting,
  post,
} from './post.ts';

/**
 * A correcting payment books the difference of a break: what the bank moved beyond our books comes
 * from its clearing account, what we booked beyond it goes back there. Nothing that stands is
 * edited.
 */
export interface Correction {
  readonly id: PaymentId;
  /** Whose account it touches. */
  readonly userId: UserId;
  readonly fromAccountId: AccountId;
  readonly toAccountId: AccountId;
  readonly currency: Currency;
  /** Above zero. */
  readonly amountMinor: bigint;
  readonly relatedPaymentId: PaymentId | null;
  /** True where the account could not bear it, or there is none. */
  readonly isOnSuspense: boolean;
  readonly postings: readonly Posting[];
  readonly changes: readonly AccountChange[];
}

export interface CorrectionFacts {
  readonly id: PaymentId;
  /** Into our books; negative: out of them. Never zero. */
  readonly differenceMinor: bigint;
  readonly currency: Currency;
  /** The payment that is put right, with its account, locked; null where it is nobody's. */
  readonly payment: {
    readonly id: PaymentId;
    readonly userId: UserId;
    readonly account: LockedAccount;
  } | null;
  readonly clearingId: AccountId;
  readonly suspenseId: AccountId;
  readonly now: Date;
}

/** What happens between system accounts is no user's: nobody has this id. */
// The format is a UUID's; the brand exists for the compiler only.
export const nobody = '00000000-0000-0000-0000-000000000000' as UserId;

/** The pure decision: on whose account, and the rows that book it. */
export function decideCorrection(facts: CorrectionFacts): Correction {
  const { id, differenceMinor, currency, payment, clearingId, suspenseId, now } = facts;
  assert(differenceMinor !== 0n, 'a correction moves money');
  const bearer = payment !== null && canBear(payment.account, differenceMinor) ? payment : null;
  const accountId = bearer?.account.id ?? suspenseId;
  const entry = { paymentId: id, currency, amountMinor: differenceMinor };
  const { postings, changes } =
    bearer === null
      ? { postings: betweenSystems(entry, { accountId, clearingId, now }), changes: [] }
      : post(
          [{ ...entry, accountId, releasedMinor: 0n, counterAccountId: clearingId }],
          [bearer.account],
          now,
        );
  const isIn = differenceMinor > 0n;
  return {
    id,
    userId: bearer?.userId ?? nobody,
    fromAccountId: isIn ? clearingId : accountId,
    toAccountId: isIn ? accountId : clearingId,
    currency,
    amountMinor: isIn ? differenceMinor : -differenceMinor,
    relatedPaymentId: payment?.id ?? null,
    isOnSuspense: bearer === null,
    postings,
    changes,
  };
}

/** Money that comes in hurts nobody; what goes out must be there, beyond what is held. */
function canBear(account: LockedAccount, differenceMinor: bigint): boolean {
  return differenceMinor > 0n || availableFunds(account) >= -differenceMinor;
}

/** The database numbers both: system accounts keep no balance. */
function betweenSystems(
  entry: Pick<Posting, 'paymentId' | 'currency' | 'amountMinor'>,
  between: { readonly accountId: AccountId; readonly clearingId: AccountId; readonly now: Date },
): readonly Posting[] {
  const common = { ...entry, seq: null, balanceAfter: null, postedAt: between.now };
  return [
    { ...common, accountId: between.accountId },
    { ...common, accountId: between.clearingId, amountMinor: -entry.amountMinor },
  ];
}
