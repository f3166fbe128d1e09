import { type Queryable, statement, type Tx } from '../db/database.ts';
import type { AccountId, PaymentId } from '../ids.ts';
import type { Currency } from '../money.ts';

const shareAccount = statement<{ readonly currency: Currency }>(
  'statement_share_account',
  'SELECT currency FROM accounts WHERE id = $1 FOR SHARE',
);

/**
 * Whoever books on the account holds its row, and takes the time of its postings after it has it:
 * while we hold a share of it, nothing is on its way that is older than the clock says now.
 */
export async function holdStill(tx: Tx, accountId: AccountId): Promise<Currency | null> {
  const [row] = await tx.query(shareAccount, [accountId]);
  return row?.currency ?? null;
}

/** How an account stood: its last posting by then (0: none yet) and the balance after it. */
export interface Standing {
  readonly seq: bigint;
  readonly balance: bigint;
}

// An account's postings are numbered without gaps, and in the order of their times: so the moment
// is found by halving, some twenty look-ups by key among ten million, without an index by time.
// `low` is a posting from before the moment (or 0), `high` one that is not (or one past the last).
const standingBefore = statement<Standing>(
  'statement_standing',
  `WITH RECURSIVE search (low, high) AS (
     SELECT 0::bigint, last_seq + 1 FROM accounts WHERE id = $1
      UNION ALL
     SELECT CASE WHEN p.posted_at < $2::timestamptz THEN p.seq ELSE s.low END,
            CASE WHEN p.posted_at < $2::timestamptz THEN s.high ELSE p.seq END
       FROM search s
      CROSS JOIN LATERAL
            (SELECT seq, posted_at FROM postings
              WHERE account_id = $1 AND seq = (s.low + s.high) / 2 OFFSET 0) p
      WHERE s.high - s.low > 1
   )
   SELECT s.low AS seq,
          coalesce((SELECT balance_after FROM postings WHERE account_id = $1 AND seq = s.low), 0)
            AS balance
     FROM search s WHERE s.high - s.low = 1`,
);

/** Null only where a posting is missing, which the audit would have found. */
export async function selectStanding(
  database: Queryable,
  accountId: AccountId,
  before: Date,
): Promise<Standing | null> {
  const [row] = await database.query(standingBefore, [accountId, before]);
  return row ?? null;
}

/** One posting on the account, and what it was for. */
export interface StatementLine {
  readonly seq: bigint;
  readonly paymentId: PaymentId;
  /** Null where the payment is missing, which is the audit's to find: the sum stays whole. */
  readonly kind: string | null;
  readonly description: string | null;
  readonly amount: bigint;
  readonly balanceAfter: bigint;
  readonly postedAt: Date;
}

const selectLinesBySeq = statement<StatementLine>(
  'statement_lines',
  `SELECT g.seq, g.payment_id AS "paymentId", p.kind, p.description, g.amount,
          g.balance_after AS "balanceAfter", g.posted_at AS "postedAt"
     FROM (SELECT seq, payment_id, amount, balance_after, posted_at FROM postings
            WHERE account_id = $1 AND seq BETWEEN $2 AND $3 ORDER BY seq) g
     LEFT JOIN LATERAL
          (SELECT kind, description FROM payments WHERE id = g.payment_id OFFSET 0) p ON true
    ORDER BY g.seq`,
);

export function selectLines(
  database: Queryable,
  wanted: { readonly accountId: AccountId; readonly first: bigint; readonly last: bigint },
): Promise<readonly StatementLine[]> {
  const { accountId, first, last } = wanted;
  return database.query(selectLinesBySeq, [accountId, first, last]);
}
