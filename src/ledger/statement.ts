import { assert, present } from '../assert.ts';
import { type Database, readNow, type Tx } from '../db/database.ts';
import type { AccountId } from '../ids.ts';
import type { Currency } from '../money.ts';
import {
  holdStill,
  type Standing,
  type StatementLine,
  selectLines,
  selectStanding,
} from './statement-store.ts';

export type { StatementLine };

/**
 * A period of an account: what it had, postings first to last (none where last is first − 1), what
 * it had then. It is fixed: what it says now it says for ever.
 */
export interface Statement {
  readonly accountId: AccountId;
  /** The first moment of the period; null: since the account was opened. */
  readonly from: Date | null;
  /** The first moment after it: never later than when it was asked for. */
  readonly to: Date;
  readonly first: bigint;
  readonly last: bigint;
  readonly opening: bigint;
  readonly closing: bigint;
}

export interface Period {
  readonly from: Date | null;
  /** Null, or in the future: until now. */
  readonly to: Date | null;
}

/** Null where the period begins after it ends, or has not begun. */
export function openStatement(
  database: Database,
  accountId: AccountId,
  period: Period,
): Promise<Statement | null> {
  return whileStill(database, accountId, async (tx, now) => {
    const { from } = period;
    const to = period.to === null || period.to > now ? now : period.to;
    if (from !== null && from > to) return null;
    const opening = from === null ? { seq: 0n, balance: 0n } : await standing(tx, accountId, from);
    const closing = await standing(tx, accountId, to);
    return {
      accountId,
      from,
      to,
      first: opening.seq + 1n,
      last: closing.seq,
      opening: opening.balance,
      closing: closing.balance,
    };
  });
}

/** The lines from `next` on, in the order in which they were booked, at most `limit`. */
export async function readLines(
  database: Database,
  statement: Pick<Statement, 'accountId' | 'last'>,
  page: { readonly next: bigint; readonly limit: number },
): Promise<readonly StatementLine[]> {
  const { accountId, last } = statement;
  const end = page.next + BigInt(page.limit) - 1n;
  const bound = end < last ? end : last;
  const lines = await selectLines(database, { accountId, first: page.next, last: bound });
  const wanted = bound < page.next ? 0n : bound - page.next + 1n;
  assert(BigInt(lines.length) === wanted, 'an account numbers its postings without gaps');
  return lines;
}

export interface PastBalance {
  readonly accountId: AccountId;
  readonly currency: Currency;
  readonly balance: bigint;
  readonly asOf: Date;
}

/**
 * What the account had at a moment: all that was booked before it. Null where that moment is still
 * to come.
 */
export function readPastBalance(
  database: Database,
  accountId: AccountId,
  asOf: Date,
): Promise<PastBalance | null> {
  return whileStill(database, accountId, async (tx, now, currency) => {
    if (asOf > now) return null;
    const { balance } = await standing(tx, accountId, asOf);
    return { accountId, currency, balance, asOf };
  });
}

/**
 * "Before" and not "until": postings have milliseconds, and one that is booked later in this very
 * millisecond bears the same time.
 */
function whileStill<Result>(
  database: Database,
  accountId: AccountId,
  work: (tx: Tx, now: Date, currency: Currency) => Promise<Result>,
): Promise<Result> {
  return database.transaction(async (tx) => {
    const currency = await holdStill(tx, accountId);
    const known = present(currency, 'an account id comes from the accounts table');
    return work(tx, await readNow(tx), known);
  });
}

async function standing(tx: Tx, accountId: AccountId, before: Date): Promise<Standing> {
  const found = await selectStanding(tx, accountId, before);
  return present(found, 'an account numbers its postings without gaps');
}
