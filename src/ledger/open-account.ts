import { present } from '../assert.ts';
import type { Queryable } from '../db/database.ts';
import { newAccountId, type UserId } from '../ids.ts';
import type { Currency } from '../money.ts';
import { insertAccountIfMissing, type StandingRow, selectStandings } from './accounts-store.ts';

/** Opened just now, or found: a user has one account in a currency, whoever asks how often. */
export interface OpenedAccount {
  readonly account: StandingRow;
  readonly isNew: boolean;
}

/**
 * In:   a user, and a currency in which he may have no account yet.
 * Out:  his one account in it.
 * If we die here: the same request finds what was opened.
 */
export async function openAccount(
  database: Queryable,
  wanted: { readonly userId: UserId; readonly currency: Currency },
): Promise<OpenedAccount> {
  const made = await insertAccountIfMissing(database, { ...wanted, id: newAccountId() });
  // In a statement of its own: one that lost to another's insert does not see the winner's row.
  const accounts = await selectStandings(database, wanted.userId);
  const found = accounts.find(({ currency }) => currency === wanted.currency);
  const account = present(found, 'an account that was in the way of an insert is there');
  return { account, isNew: made !== null };
}
