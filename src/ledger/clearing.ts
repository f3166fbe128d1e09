import { present } from '../assert.ts';
import type { Queryable } from '../db/database.ts';
import { type AccountId, newAccountId } from '../ids.ts';
import type { Currency } from '../money.ts';
import { ensureClearing } from './store.ts';

/**
 * The bank's clearing account of a currency: where a deposit comes from and a withdrawal goes to.
 */
export type Clearing = (currency: Currency) => Promise<AccountId>;

/** Found once a process and currency: an account never changes its id. */
export function openClearing(database: Queryable): Clearing {
  const known = new Map<Currency, AccountId>();
  return async (currency) => {
    const cached = known.get(currency);
    if (cached !== undefined) return cached;
    // Two processes may make it at once; whoever comes second finds nothing and looks again.
    const id =
      (await ensureClearing(database, newAccountId(), currency)) ??
      present(
        await ensureClearing(database, newAccountId(), currency),
        'a clearing account that another process has just made is there',
      );
    known.set(currency, id);
    return id;
  };
}
