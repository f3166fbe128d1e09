import { present } from '../assert.ts';
import type { Queryable } from '../db/database.ts';
import { type AccountId, newAccountId } from '../ids.ts';
import type { Currency } from '../money.ts';
import { ensureClearing } from './store.ts';

/**
 * The bank's clearing account of a currency: where a deposit comes from and a withdrawal goes to.
 */
export type Clearing = (currency: Currency) => Promise<AccountId>;

/**
 * Looked up again after this. The account may have been made by a commit that a standby, promoted a
 * moment later, never had: its id is then nobody's. Nothing is ever booked on such an id, because
 * `insertPostings` counts the system accounts it books on; but for as long as it is remembered here
 * nothing at all is booked in that currency. One look by key in five seconds costs nothing that
 * could be measured; to hear of a failover instead would tie the ledger to how connections end, and
 * a proxy in front of the servers does not tell of one.
 */
const trustedMs = 5_000;

/** An account never changes its id, so it is not asked for by every group. */
export function openClearing(database: Queryable, monotonic: () => number): Clearing {
  const known = new Map<Currency, { readonly id: AccountId; readonly until: number }>();
  return async (currency) => {
    const cached = known.get(currency);
    if (cached !== undefined && monotonic() < cached.until) return cached.id;
    // Two processes may make it at once; whoever comes second finds nothing and looks again.
    const id =
      (await ensureClearing(database, newAccountId(), currency)) ??
      present(
        await ensureClearing(database, newAccountId(), currency),
        'a clearing account that another process has just made is there',
      );
    known.set(currency, { id, until: monotonic() + trustedMs });
    return id;
  };
}
