import { present } from '../assert.ts';
import type { Queryable } from '../db/database.ts';
import type { AccountId } from '../ids.ts';
import type { Currency } from '../money.ts';
import { selectBalance } from './accounts-store.ts';
import { availableFunds } from './post.ts';

/** One row read at one moment, so the three amounts belong together. */
export interface Balance {
  readonly accountId: AccountId;
  readonly currency: Currency;
  readonly balance: bigint;
  /** Reserved for withdrawals that are not yet final. */
  readonly held: bigint;
  /** What a withdrawal may take now. */
  readonly available: bigint;
  readonly asOf: Date;
}

export async function readBalance(database: Queryable, accountId: AccountId): Promise<Balance> {
  const [row] = await selectBalance(database, accountId);
  const found = present(row, 'an account id comes from the accounts table, which forgets nothing');
  const { currency, balance, held, asOf } = found;
  return { accountId, currency, balance, held, available: availableFunds(found), asOf };
}
