import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { AccountId, UserId } from '../ids.ts';
import type { Currency } from '../money.ts';

export interface AccountRow {
  readonly id: AccountId;
  readonly currency: Currency;
}

const selectAccountsOfUser = statement<AccountRow>(
  'accounts_of_user',
  'SELECT id, currency FROM accounts WHERE user_id = $1 ORDER BY created_at, id',
);

/** In the order in which they were opened. */
export function selectAccounts(
  database: Queryable,
  userId: UserId,
): Promise<readonly AccountRow[]> {
  return database.query(selectAccountsOfUser, [userId]);
}

const selectAccountById = statement<AccountRow>(
  'accounts_by_id',
  `SELECT id, currency FROM accounts
    WHERE id = $1 AND kind = 'user' AND ($2::uuid IS NULL OR user_id = $2)`,
);

/** A customer's account: of `owner`, or of anybody where that is null. */
export async function selectAccount(
  database: Queryable,
  wanted: { readonly id: AccountId; readonly owner: UserId | null },
): Promise<AccountRow | null> {
  const [row] = await database.query(selectAccountById, [wanted.id, wanted.owner]);
  return row ?? null;
}

export interface ReceiverRow extends AccountRow {
  readonly userId: UserId;
}

const selectReceiverById = statement<ReceiverRow>(
  'accounts_receiver',
  `SELECT id, currency, user_id AS "userId" FROM accounts WHERE id = $1 AND kind = 'user'`,
);

/** A customer's account, whoever's: money may be sent to it. */
export async function selectReceiver(
  database: Queryable,
  id: AccountId,
): Promise<ReceiverRow | null> {
  const [row] = await database.query(selectReceiverById, [id]);
  return row ?? null;
}

export interface BalanceRow {
  readonly currency: Currency;
  readonly balance: bigint;
  readonly held: bigint;
  readonly overdraftLimit: bigint;
  readonly asOf: Date;
}

const selectBalanceOfAccount = statement<BalanceRow>(
  'accounts_balance',
  `SELECT currency, balance, held, overdraft_limit AS "overdraftLimit",
          statement_timestamp() AS "asOf"
     FROM accounts WHERE id = $1`,
);

export function selectBalance(
  database: Queryable,
  accountId: AccountId,
): Promise<readonly BalanceRow[]> {
  return database.query(selectBalanceOfAccount, [accountId]);
}

const insertUserAccount = statement<never>(
  'accounts_insert',
  `INSERT INTO accounts (id, kind, user_id, currency) VALUES ($1, 'user', $2, $3)`,
);

export async function insertAccount(
  tx: Tx,
  account: { readonly id: AccountId; readonly userId: UserId; readonly currency: Currency },
): Promise<void> {
  await tx.query(insertUserAccount, [account.id, account.userId, account.currency]);
}

const insertMissingAccount = statement<AccountRow>(
  'accounts_insert_missing',
  `INSERT INTO accounts (id, kind, user_id, currency) VALUES ($1, 'user', $2, $3)
   ON CONFLICT (user_id, currency) WHERE user_id IS NOT NULL DO NOTHING RETURNING id, currency`,
);

/** Null where the user has one in this currency: a later statement sees it. */
export async function insertAccountIfMissing(
  database: Queryable,
  account: { readonly id: AccountId; readonly userId: UserId; readonly currency: Currency },
): Promise<AccountRow | null> {
  const values = [account.id, account.userId, account.currency];
  const [row] = await database.query(insertMissingAccount, values);
  return row ?? null;
}

/** An account with its amounts, in minor units, all read at one moment. */
export interface StandingRow extends AccountRow {
  readonly userId: UserId;
  readonly balance: bigint;
  readonly held: bigint;
  readonly overdraftLimit: bigint;
  readonly createdAt: Date;
}

const standingColumns = `id, user_id AS "userId", currency, balance, held,
  overdraft_limit AS "overdraftLimit", created_at AS "createdAt"`;

const selectStandingsOfUser = statement<StandingRow>(
  'accounts_standings',
  `SELECT ${standingColumns} FROM accounts WHERE user_id = $1 ORDER BY created_at, id`,
);

export function selectStandings(
  database: Queryable,
  userId: UserId,
): Promise<readonly StandingRow[]> {
  return database.query(selectStandingsOfUser, [userId]);
}

const selectStandingById = statement<StandingRow>(
  'accounts_standing',
  `SELECT ${standingColumns} FROM accounts
    WHERE id = $1 AND kind = 'user' AND ($2::uuid IS NULL OR user_id = $2)`,
);

/** A customer's account: of `owner`, or of anybody where that is null. */
export async function selectStanding(
  database: Queryable,
  wanted: { readonly id: AccountId; readonly owner: UserId | null },
): Promise<StandingRow | null> {
  const [row] = await database.query(selectStandingById, [wanted.id, wanted.owner]);
  return row ?? null;
}
