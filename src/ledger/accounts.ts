import { openCache } from '../cache.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/database.ts';
import type { UserId } from '../ids.ts';
import type { Currency } from '../money.ts';
import { type AccountRow, selectAccounts } from './accounts-store.ts';

export type Account = AccountRow;

/**
 * Which account a user has in which currency. An account is never removed and never changes hands
 * or currency, so what was once read stays true; only an absence is asked for again.
 */
export interface Accounts {
  /** `null` names no currency: the user's USD account, else the first one. */
  readonly find: (userId: UserId, currency: Currency | null) => Promise<Account | null>;
  readonly all: (userId: UserId) => Promise<readonly Account[]>;
}

/** A user's accounts take about 300 bytes: 15 MB when full. */
const usersMax = 50_000;

export function openAccounts(database: Database, clock: Clock): Accounts {
  const cache = openCache<UserId, readonly Account[]>({
    sizeMax: usersMax,
    freshMs: Number.POSITIVE_INFINITY,
    clock,
    load: (userId) => selectAccounts(database, userId),
    keep: (accounts) => accounts.length > 0,
  });

  async function find(userId: UserId, currency: Currency | null): Promise<Account | null> {
    const known = choose(await cache.get(userId), currency);
    if (known !== null) return known;
    // Perhaps opened since: the list may grow, it never changes otherwise.
    cache.forget(userId);
    return choose(await cache.get(userId), currency);
  }

  async function all(userId: UserId): Promise<readonly Account[]> {
    // A list must not miss an account opened through another process.
    cache.forget(userId);
    return cache.get(userId);
  }

  return { find, all };
}

function choose(accounts: readonly Account[], currency: Currency | null): Account | null {
  const wanted = accounts.find((account) => account.currency === (currency ?? 'USD'));
  return wanted ?? (currency === null ? (accounts[0] ?? null) : null);
}
