import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor, openBooks } from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import { openDraws } from '../../test/support/random.ts';
import { approved, declined } from '../../test/support/scripted-bank.ts';
import { until } from '../../test/support/wait.ts';
import { type Database, statement } from '../db/database.ts';
import { type AccountId, newPaymentId } from '../ids.ts';
import { openStatement, readLines, readPastBalance, type Statement } from './statement.ts';

interface Read extends Statement {
  readonly amounts: readonly bigint[];
  readonly asOfClosing: bigint | undefined;
}

/** The period with all its lines, and what the balance was at its end. */
async function read(
  database: Database,
  accountId: AccountId,
  from: Date | null,
  to: Date | null,
): Promise<Read> {
  const opened = await openStatement(database, accountId, { from, to });
  assert.ok(opened !== null);
  const amounts: bigint[] = [];
  for (let next = opened.first; next <= opened.last; next += 7n)
    for (const line of await readLines(database, opened, { next, limit: 7 })) {
      amounts.push(line.amount);
      const before: bigint = opened.opening + sum(amounts);
      assert.equal(line.balanceAfter, before, 'each line goes on where the one before it ended');
      assert.ok((from === null || line.postedAt >= from) && line.postedAt < opened.to);
    }
  const past = await readPastBalance(database, accountId, opened.to);
  return { ...opened, amounts, asOfClosing: past?.balance };
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((a, b) => a + b, 0n);

test('opening and postings make closing, which is the balance then, whatever settles meanwhile', async (t) => {
  const draws = openDraws(t);
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const people = [await books.openAccount(10_000n), await books.openAccount(10_000n)];
  const taken: Read[] = [];
  const settling = { isOver: false };

  const pay = async (index: number): Promise<void> => {
    const person = people[index % people.length];
    assert.ok(person !== undefined);
    const kind = draws.share() < 0.5 ? 'deposit' : 'withdrawal';
    const amountMinor = BigInt(draws.whole(1, 50));
    const command = commandFor(person, { kind, amountMinor });
    await journey.accept(command);
    const [claim] = await journey.claim(command.id);
    assert.ok(claim !== undefined);
    let ended = await journey.end(claim, draws.share() < 0.8 ? approved : declined);
    // Somebody was reading a statement: its account was taken, and the settle comes again.
    while (ended.kind !== 'succeed' && ended.kind !== 'fail')
      ended = await journey.end(claim, approved);
  };
  const watch = async (): Promise<void> => {
    while (!settling.isOver) {
      const person = people[draws.whole(0, 1)];
      assert.ok(person !== undefined);
      // Periods that begin where an earlier one ended, so that nothing may slip between them.
      const earlier = taken.filter((one) => one.accountId === person.accountId).at(-1);
      const from = draws.share() < 0.3 ? null : (earlier?.to ?? null);
      taken.push(await read(books.database, person.accountId, from, null));
    }
  };
  const watching = [watch(), watch()];
  await Promise.all(Array.from({ length: 120 }, (_, index) => pay(index))).finally(() => {
    settling.isOver = true;
  });
  await Promise.all(watching);

  t.diagnostic(`${taken.length} statements`);
  assert.ok(taken.length > 2);
  for (const one of taken) {
    assert.equal(one.opening + sum(one.amounts), one.closing);
    assert.equal(one.asOfClosing, one.closing);
    // Once told, it stays: nothing has appeared in a period that had ended.
    assert.deepEqual(await read(books.database, one.accountId, one.from, one.to), one);
  }
  for (const { accountId } of people) {
    const whole = await read(books.database, accountId, null, null);
    const rows = await books.sql('SELECT balance::text FROM accounts WHERE id = $1', [accountId]);
    assert.deepEqual(rows, [{ balance: String(whole.closing) }]);
  }
  await books.assertAudited();
});

const insertHistory = statement<never>(
  'test_history',
  `WITH booked AS (
     INSERT INTO postings (account_id, seq, payment_id, amount, currency, balance_after, posted_at)
     SELECT $1::uuid, n, lpad(to_hex(n), 32, '0')::uuid, 1, 'USD', n,
            timestamptz '2026-01-01Z' + n / 3 * interval '1 minute'
       FROM generate_series(1, $2::int) n
      UNION ALL
     SELECT $3::uuid, n, lpad(to_hex(n), 32, '0')::uuid, -1, 'USD', NULL, now()
       FROM generate_series(1, $2::int) n)
   UPDATE accounts SET balance = $2::int, last_seq = $2::int WHERE id = $1`,
);

test('any moment is found among a hundred thousand postings, three of which share each minute', async (t) => {
  const books = await openBooks(t);
  const person = await books.openAccount(0n);
  const other = await books.openAccount(0n);
  const { database } = books;
  const count = 100_000;
  await database.query(insertHistory, [person.accountId, count, other.accountId]);
  const start = Date.parse('2026-01-01T00:00:00Z');
  for (const [minutes, before] of [
    [-1, 0],
    [0, 0],
    [0.5, 2],
    [1, 2],
    [2, 5],
    [12_345, 37_034],
    [33_333, 99_998],
    [33_334, 100_000],
    [50_000, 100_000],
  ] as const) {
    const at = new Date(start + minutes * 60_000);
    const past = await readPastBalance(database, person.accountId, at);
    assert.equal(past?.balance, BigInt(before), `after ${minutes} minutes`);
    const opened = await openStatement(database, person.accountId, { from: null, to: at });
    assert.deepEqual([opened?.first, opened?.last], [1n, BigInt(before)]);
  }
  assert.equal((await readPastBalance(database, other.accountId, new Date(start)))?.balance, 0n);
});

test('what is still to come has no balance, and a period ends now at the latest', async (t) => {
  const books = await openBooks(t);
  const { accountId } = await books.openAccount(500n);
  const { database } = books;
  const future = new Date('2999-01-01');
  assert.equal(await readPastBalance(database, accountId, future), null);
  const opened = await openStatement(database, accountId, { from: null, to: future });
  assert.ok(opened !== null && opened.to < future);
  assert.equal(opened.closing, 500n);
  assert.equal(await openStatement(database, accountId, { from: future, to: null }), null);
  const backwards = { from: opened.to, to: new Date('2020-01-01') };
  assert.equal(await openStatement(database, accountId, backwards), null);
});

test('a statement waits for whoever books on the account, and then has what he booked', async (t) => {
  const books = await openBooks(t);
  const { accountId } = await books.openAccount(500n);
  const other = await books.openDatabase();
  let opening: Promise<Statement | null> | undefined;
  await other.transaction(async (tx) => {
    await tx.query(lockAccount, [accountId]);
    opening = openStatement(books.database, accountId, { from: null, to: null });
    const isWaiting = async (): Promise<boolean> =>
      (await books.sql('SELECT 1 FROM pg_locks WHERE NOT granted')).length > 0;
    await until(isWaiting, { what: 'the statement to wait for the account' });
    await tx.query(bookMore, [accountId, newPaymentId()]);
  });
  assert.equal((await opening)?.closing, 750n);
});

const lockAccount = statement<never>(
  'test_lock',
  'SELECT 1 FROM accounts WHERE id = $1 FOR NO KEY UPDATE',
);

const bookMore = statement<never>(
  'test_book',
  `WITH booked AS (
     INSERT INTO postings (account_id, seq, payment_id, amount, currency, balance_after, posted_at)
     SELECT $1::uuid, 2, $2::uuid, 250, 'USD', 750, date_trunc('milliseconds', clock_timestamp())
      UNION ALL
     SELECT id, nextval('system_posting_seq'), $2::uuid, -250, 'USD', NULL, now()
       FROM accounts WHERE kind = 'clearing')
   UPDATE accounts SET balance = 750, last_seq = 2 WHERE id = $1`,
);
