import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { AccountId } from '../ids.ts';
import type { Currency } from '../money.ts';
import type { AccountChange, LockedAccount, Posting } from './post.ts';

const lockedColumns = `id, balance, held, overdraft_limit AS "overdraftLimit",
  last_seq AS "lastSeq",
  greatest(extract(epoch FROM last_posted_at) * 1000, 0)::float8 AS "lastPostedAt"`;

const accountsLock = statement<LockedAccount>(
  'ledger_accounts_lock',
  // By id: the one order. SKIP LOCKED: an account that is taken stops nobody else of the group.
  `SELECT ${lockedColumns} FROM accounts WHERE id = ANY($1::uuid[]) ORDER BY id
      FOR NO KEY UPDATE SKIP LOCKED`,
);

const accountsLockWaiting = statement<LockedAccount>(
  'ledger_accounts_lock_waiting',
  `SELECT ${lockedColumns} FROM accounts WHERE id = ANY($1::uuid[]) ORDER BY id
      FOR NO KEY UPDATE`,
);

/** The accounts of `ids` that this transaction holds from now on. */
export function lockAccounts(
  tx: Tx,
  ids: readonly AccountId[],
  wait: 'skip_locked' | 'wait',
): Promise<readonly LockedAccount[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return tx.query(wait === 'wait' ? accountsLockWaiting : accountsLock, [ids]);
}

const holdsAdd = statement<Record<never, never>>(
  'ledger_holds_add',
  `WITH held AS (
     UPDATE accounts a SET held = a.held + h.amount
       FROM unnest($1::uuid[], $2::bigint[]) AS h (id, amount)
      WHERE a.id = h.id RETURNING 1
   ) SELECT assert_count('holds', (SELECT count(*) FROM held), cardinality($1::uuid[]))`,
);

/** Minor units to set aside, per account that this transaction has locked. */
export function addHolds(tx: Tx, holds: ReadonlyMap<AccountId, bigint>): Promise<unknown> {
  return tx.query(holdsAdd, [[...holds.keys()], [...holds.values()]]);
}

const accountsChange = statement<Record<never, never>>(
  'ledger_accounts_change',
  `WITH changed AS (
     UPDATE accounts a
        SET balance = a.balance + c.balance, held = a.held + c.held,
            last_seq = c.last_seq, last_posted_at = greatest(a.last_posted_at, c.last_posted_at)
       FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[])
              AS c (id, balance, held, last_seq, last_posted_at)
      WHERE a.id = c.id RETURNING 1
   ) SELECT assert_count('accounts', (SELECT count(*) FROM changed), cardinality($1::uuid[]))`,
);

export function changeAccounts(tx: Tx, changes: readonly AccountChange[]): Promise<unknown> {
  return tx.query(accountsChange, [
    changes.map((one) => one.id),
    changes.map((one) => one.balanceDelta),
    changes.map((one) => one.heldDelta),
    changes.map((one) => one.lastSeq),
    changes.map((one) => one.lastPostedAt),
  ]);
}

const postingsInsert = statement<Record<never, never>>(
  'ledger_postings_insert',
  // A user's account is locked, and so it is there; a system account's id was only remembered, and
  // postings have no foreign key. Counted in this statement it costs no round trip.
  `WITH known AS MATERIALIZED (
     SELECT assert_count('system accounts', (SELECT count(*) FROM accounts
                                             WHERE id = ANY($8::uuid[]) AND kind <> 'user'),
                         cardinality($8::uuid[]))
   )
   INSERT INTO postings (account_id, seq, payment_id, amount, currency, balance_after, posted_at)
   SELECT account_id, coalesce(seq, nextval('system_posting_seq')), payment_id, amount, currency,
          balance_after, posted_at
     FROM known,
          unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[], $5::text[], $6::bigint[],
                 $7::timestamptz[])
       AS p (account_id, seq, payment_id, amount, currency, balance_after, posted_at)`,
);

export function insertPostings(tx: Tx, postings: readonly Posting[]): Promise<unknown> {
  return tx.query(postingsInsert, [
    postings.map((one) => one.accountId),
    postings.map((one) => one.seq),
    postings.map((one) => one.paymentId),
    postings.map((one) => one.amountMinor),
    postings.map((one) => one.currency),
    postings.map((one) => one.balanceAfter),
    postings.map((one) => one.postedAt),
    [...new Set(postings.filter(isOfSystem).map((one) => one.accountId))],
  ]);
}

const isOfSystem = (posting: Posting): boolean => posting.seq === null;

const systemEnsure = statement<{ id: AccountId }>(
  'ledger_system_ensure',
  `WITH made AS (
     INSERT INTO accounts (id, kind, currency) VALUES ($1, $3, $2)
     ON CONFLICT (kind, currency) WHERE user_id IS NULL DO NOTHING RETURNING id
   ) SELECT id FROM made
     UNION ALL SELECT id FROM accounts
                WHERE kind = $3 AND currency = $2 AND user_id IS NULL LIMIT 1`,
);

/** The bank's clearing account of a currency; `freshId` becomes its id where there is none yet. */
export async function ensureClearing(
  database: Queryable,
  freshId: AccountId,
  currency: Currency,
): Promise<AccountId | null> {
  const [row] = await database.query(systemEnsure, [freshId, currency, 'clearing']);
  return row?.id ?? null;
}

/** The same of the account that bears what nobody's can: nobody knows yet whose loss it is. */
export async function ensureSuspense(
  database: Queryable,
  freshId: AccountId,
  currency: Currency,
): Promise<AccountId | null> {
  const [row] = await database.query(systemEnsure, [freshId, currency, 'suspense']);
  return row?.id ?? null;
}
