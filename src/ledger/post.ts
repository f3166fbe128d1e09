import { assert, present } from '../assert.ts';
import type { AccountId, PaymentId } from '../ids.ts';
import type { Currency } from '../money.ts';

/** A user's account that this transaction has locked. Amounts are minor units. */
export interface LockedAccount {
  readonly id: AccountId;
  readonly balance: bigint;
  readonly held: bigint;
  readonly overdraftLimit: bigint;
  readonly lastSeq: bigint;
  /** Milliseconds since 1970; 0 before the first posting. */
  readonly lastPostedAt: number;
}

/** What an account's row can hold. */
export const balanceMaxMinor = 2n ** 63n - 1n;

/** What may still be withdrawn: what is held already belongs to somebody. */
export function availableFunds(
  account: Pick<LockedAccount, 'balance' | 'held' | 'overdraftLimit'>,
): bigint {
  return account.balance - account.held + account.overdraftLimit;
}

/** What one final payment does to its account: money in or out, and the funds it held. */
export interface Entry {
  readonly paymentId: PaymentId;
  readonly accountId: AccountId;
  readonly currency: Currency;
  /**
   * Signed: a deposit adds, a withdrawal takes; 0 posts nothing and only gives back what was held.
   */
  readonly amountMinor: bigint;
  readonly releasedMinor: bigint;
  /** Where the money comes from or goes to: a system account, or of a transfer a locked one. */
  readonly counterAccountId: AccountId;
}

export interface Posting {
  readonly accountId: AccountId;
  /** Null where the database numbers it: system accounts. */
  readonly seq: bigint | null;
  readonly paymentId: PaymentId;
  readonly amountMinor: bigint;
  readonly currency: Currency;
  readonly balanceAfter: bigint | null;
  readonly postedAt: Date;
}

/** One aggregated change per account: the row as it will stand. */
export interface AccountChange {
  readonly id: AccountId;
  readonly balanceDelta: bigint;
  readonly heldDelta: bigint;
  readonly lastSeq: bigint;
  readonly lastPostedAt: Date;
}

/**
 * Books entries in order over locked accounts: two postings that sum to zero for each, numbered
 * without gaps under the account's lock, and never before the account's newest one.
 */
export function post(
  entries: readonly Entry[],
  accounts: readonly LockedAccount[],
  now: Date,
): { readonly postings: readonly Posting[]; readonly changes: readonly AccountChange[] } {
  const standing = new Map<AccountId, Standing>(
    accounts.map((row) => [row.id, { ...row, touched: false }]),
  );
  const postings: Posting[] = [];
  for (const entry of entries) {
    const account = present(standing.get(entry.accountId), 'an entry books on a locked account');
    account.touched = true;
    account.held -= entry.releasedMinor;
    assert(account.held >= 0n, 'a payment gives back only what it held');
    if (entry.amountMinor === 0n) continue;
    const { paymentId, currency, amountMinor } = entry;
    const common = { paymentId, currency };
    const own = {
      ...common,
      accountId: account.id,
      amountMinor,
      ...book(account, amountMinor, now),
    };
    const counter = standing.get(entry.counterAccountId);
    const other = { ...common, accountId: entry.counterAccountId, amountMinor: -amountMinor };
    postings.push(own);
    if (counter === undefined)
      postings.push({ ...other, seq: null, balanceAfter: null, postedAt: own.postedAt });
    else postings.push({ ...other, ...book(counter, -amountMinor, now) });
  }
  const changes = accounts.flatMap((before) => {
    const after = present(standing.get(before.id), 'every locked account has a standing');
    if (!after.touched) return [];
    return {
      id: before.id,
      balanceDelta: after.balance - before.balance,
      heldDelta: after.held - before.held,
      lastSeq: after.lastSeq,
      lastPostedAt: new Date(after.lastPostedAt),
    };
  });
  return { postings, changes };
}

type Standing = { -readonly [Name in keyof LockedAccount]: LockedAccount[Name] } & {
  touched: boolean;
};

/** The account's next line. */
function book(
  account: Standing,
  amountMinor: bigint,
  now: Date,
): Pick<Posting, 'seq' | 'balanceAfter' | 'postedAt'> {
  account.touched = true;
  account.balance += amountMinor;
  account.lastSeq += 1n;
  account.lastPostedAt = Math.max(account.lastPostedAt, now.getTime());
  return {
    seq: account.lastSeq,
    balanceAfter: account.balance,
    postedAt: new Date(account.lastPostedAt),
  };
}
