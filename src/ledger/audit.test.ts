import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Client } from 'pg';
import { type Books, commandFor, openBooks } from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import { approved, declined, unknown } from '../../test/support/scripted-bank.ts';
import type { Database, Tx } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';
import { audit } from './audit.ts';

/** A payment in each standing: done, refused, failed, in flight, pending. */
async function openLivedInBooks(t: TestContext): Promise<Books> {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const start = async (amountMinor: bigint): Promise<PaymentId> => {
    const command = commandFor(person, { amountMinor });
    await journey.accept(command);
    return command.id;
  };
  for (const outcome of [approved, declined, unknown]) {
    const [claim] = await journey.claim(await start(100n));
    assert.ok(claim !== undefined);
    await journey.end(claim, outcome);
  }
  await start(100_000n);
  await start(100n);
  return books;
}

/** Audits what this connection sees, its own uncommitted changes too. */
function seenBy(client: Client, database: Database): Database {
  const tx: Tx = {
    isTransaction: true,
    // The row's type is the statement's own promise.
    query: async ({ text }) => (await client.query(text)).rows as never,
  };
  return { ...database, snapshot: (work) => work(tx) };
}

/** Without what the database itself refuses; rolled back with the rest. */
const lowerTheGuard = `
  DO $$ DECLARE c record; BEGIN
    FOR c IN SELECT conrelid::regclass AS tab, conname FROM pg_constraint
              WHERE contype = 'c' AND connamespace = 'public'::regnamespace
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.tab, c.conname); END LOOP;
    FOR c IN SELECT relname FROM pg_class
              WHERE relkind = 'r' AND relhastriggers AND relnamespace = 'public'::regnamespace
    LOOP EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', c.relname); END LOOP;
  END $$`;

const user = `(SELECT id FROM accounts WHERE kind = 'user')`;
const withStatus = (status: string): string =>
  `(SELECT payment_id FROM payment_state WHERE status = '${status}' ORDER BY payment_id LIMIT 1)`;
const newPosting = `INSERT INTO postings
  (account_id, seq, payment_id, amount, currency, balance_after, posted_at)`;

/** What breaks each check, as a fault in our code would. */
const violations: readonly (readonly [check: string, sql: string])[] = [
  [
    'the postings of a payment sum to zero in each currency',
    `UPDATE postings SET amount = amount + 1 WHERE account_id = ${user} AND seq = 1`,
  ],
  ['all postings of a currency sum to zero', `DELETE FROM postings WHERE account_id <> ${user}`],
  [
    'a balance equals the sum of its postings',
    `UPDATE accounts SET balance = balance + 1 WHERE id = ${user}`,
  ],
  [
    'held funds equal the unfinished withdrawals',
    `UPDATE accounts SET held = held + 1 WHERE id = ${user}`,
  ],
  ['no account is overdrawn', `UPDATE accounts SET held = balance + 1 WHERE id = ${user}`],
  [
    'an account numbers its postings without gaps, each with the balance after it',
    `UPDATE postings SET seq = seq + 1 WHERE account_id = ${user} AND seq = 2`,
  ],
  [
    'an account numbers its postings without gaps, each with the balance after it',
    `UPDATE postings SET balance_after = 7 WHERE account_id = ${user} AND seq = 2`,
  ],
  [
    'an account numbers its postings without gaps, each with the balance after it',
    `UPDATE postings SET posted_at = '2001-01-01' WHERE account_id = ${user} AND seq = 2`,
  ],
  [
    'the newest posting is the one that its account counts',
    `UPDATE accounts SET last_seq = last_seq + 1 WHERE id = ${user}`,
  ],
  [
    'a posting is in the currency of its account',
    `UPDATE postings SET currency = 'EUR' WHERE payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'every posting has its account',
    `UPDATE postings SET account_id = gen_random_uuid() WHERE account_id <> ${user}`,
  ],
  [
    'a payment is booked once, whole, and only where it succeeded',
    `${newPosting} VALUES
       (${user}, 3, ${withStatus('FAILED')}, 5, 'USD', 905, now()),
       (gen_random_uuid(), 1, ${withStatus('FAILED')}, -5, 'USD', NULL, now())`,
  ],
  [
    'a payment is booked once, whole, and only where it succeeded',
    `DELETE FROM postings WHERE payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'every posting belongs to a payment',
    `DELETE FROM payments WHERE id = ${withStatus('SUCCESS')}`,
  ],
  [
    'every payment has its state, and every state its payment',
    `DELETE FROM payment_state WHERE status = 'PENDING'`,
  ],
  [
    'every payment has its state, and every state its payment',
    `DELETE FROM payments WHERE id = ${withStatus('PENDING')}`,
  ],
  [
    'a payment is on an account of its user, in its currency',
    `UPDATE payments SET user_id = gen_random_uuid() WHERE id = ${withStatus('SUCCESS')}`,
  ],
  [
    'a payment is on an account of its user, in its currency',
    `UPDATE payments SET currency = 'EUR' WHERE id = ${withStatus('SUCCESS')}`,
  ],
  [
    'every status change has its event, without gaps',
    `DELETE FROM events WHERE version = 2 AND payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'the newest event tells how the payment stands',
    `UPDATE events SET type = 'withdrawal.review'
      WHERE version = 1 AND payment_id = ${withStatus('PENDING')}`,
  ],
  [
    'no payment ended twice',
    `UPDATE events SET type = 'withdrawal.failed'
      WHERE version = 2 AND payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'no unfinished payment is past its deadline and forgotten',
    `UPDATE payment_state SET deadline_at = now() - interval '3 h' WHERE status = 'PROCESSING'`,
  ],
  [
    'every status change has its event, without gaps',
    `UPDATE events SET version = 0 WHERE version = 1 AND payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    "money moves between the payment's own account and a system account",
    `WITH other AS (INSERT INTO accounts (id, kind, user_id, currency)
       SELECT gen_random_uuid(), 'user', user_id, 'EUR' FROM accounts WHERE kind = 'user'
       RETURNING id)
     UPDATE postings SET account_id = (SELECT id FROM other) WHERE account_id <> ${user}`,
  ],
  [
    'a status follows only one that may become it',
    `UPDATE events SET type = 'withdrawal.created'
      WHERE version = 2 AND payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'a status follows only one that may become it',
    `UPDATE events SET type = 'withdrawal.review'
      WHERE version = 1 AND payment_id = ${withStatus('PENDING')}`,
  ],
  [
    'every event belongs to a payment, of its user and its kind',
    `DELETE FROM payments WHERE id = ${withStatus('PENDING')}`,
  ],
  [
    'every event belongs to a payment, of its user and its kind',
    `UPDATE events SET user_id = gen_random_uuid() WHERE payment_id = ${withStatus('PENDING')}`,
  ],
  [
    'every event belongs to a payment, of its user and its kind',
    `UPDATE events SET type = 'deposit.created' WHERE payment_id = ${withStatus('PENDING')}`,
  ],
  [
    'every contact and every failed task belongs to a payment',
    `DELETE FROM payments WHERE id = ${withStatus('PROCESSING')}`,
  ],
  [
    'every contact and every failed task belongs to a payment',
    `INSERT INTO failed_tasks (payment_id, reason, detail, first_at, last_at)
     VALUES (gen_random_uuid(), 'REVIEW', 'seeded', now(), now())`,
  ],
  [
    'no contact is newer than its payment',
    `UPDATE payment_state SET fence = 1 WHERE payment_id = ${withStatus('SUCCESS')}`,
  ],
  [
    'what is unfinished has a moment at which somebody looks at it, what is final has none',
    `UPDATE payment_state SET due_at = NULL WHERE status = 'PENDING'`,
  ],
  [
    'what is unfinished has a moment at which somebody looks at it, what is final has none',
    `UPDATE payment_state SET due_at = now() WHERE status = 'SUCCESS'`,
  ],
  [
    'what is due is looked at while somebody works',
    `INSERT INTO workers (id, role, host, pid, version, started_at, in_flight, in_flight_max,
                          breakers)
     VALUES (gen_random_uuid(), 'worker', 'here', 1, '1', now() - interval '1 h', 0, 1, '{}');
     UPDATE payment_state SET due_at = now() - interval '3 min' WHERE status = 'PENDING'`,
  ],
  [
    'the bank approved what we call done',
    `UPDATE attempts SET outcome = 'unknown' WHERE outcome = 'approved'`,
  ],
  [
    'the bank approved what we call done',
    `UPDATE payment_state SET bank_transaction_id = NULL WHERE status = 'SUCCESS'`,
  ],
  [
    'what failed was refused here from its birth, or by the bank',
    `UPDATE attempts SET outcome = 'unknown' WHERE outcome = 'declined'`,
  ],
  [
    'what failed was refused here from its birth, or by the bank',
    `UPDATE payments SET refusal = 'INSUFFICIENT_FUNDS' WHERE id = ${withStatus('PROCESSING')}`,
  ],
  [
    'what may have been executed does not fail for want of an answer',
    `UPDATE payment_state SET error_code = 'BANK_UNAVAILABLE', unsure = true
      WHERE payment_id = ${withStatus('FAILED')}`,
  ],
  [
    'what the bank could not be asked about, or left open, is a failed task',
    `UPDATE payment_state SET status = 'PENDING_REVIEW' WHERE status = 'PROCESSING'`,
  ],
  [
    'what the bank could not be asked about, or left open, is a failed task',
    `UPDATE payment_state SET error_code = 'BANK_UNAVAILABLE'
      WHERE payment_id = ${withStatus('FAILED')}`,
  ],
  [
    'the bank never approved what we call failed',
    `UPDATE attempts SET outcome = 'approved' WHERE outcome = 'declined'`,
  ],
];

test('books in every standing have no fault, and every check has looked', async (t) => {
  const books = await openLivedInBooks(t);
  const report = await audit(books.database);
  assert.deepEqual(report.faults, []);
  const rows = Object.fromEntries(report.checked.map(({ check, rows: count }) => [check, count]));
  assert.equal(rows['payments'], 6);
  assert.equal(rows['postings'], 4);
  // A check without a violation here would never have been seen to fire.
  assert.equal(rows['checks'], new Set(violations.map(([check]) => check)).size);
});

test('each check fires on its own violation', async (t) => {
  const books = await openLivedInBooks(t);
  const client = await books.connect();
  for (const [check, sql] of violations) {
    await client.query('BEGIN');
    await client.query(lowerTheGuard);
    await client.query(sql);
    const { faults } = await audit(seenBy(client, books.database));
    const fired = faults.filter((fault) => fault.check === check);
    assert.ok(fired.length > 0, `"${check}" is silent after ${sql}`);
    assert.ok(fired.every((fault) => fault.detail !== ''));
    await client.query('ROLLBACK');
  }
  assert.deepEqual((await audit(books.database)).faults, []);
});

test('the report of a broken check is bounded', async (t) => {
  const books = await openLivedInBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount();
  await Promise.all(
    Array.from({ length: 50 }, () => journey.accept(commandFor(person, { kind: 'deposit' }))),
  );
  const client = await books.connect();
  await client.query('BEGIN');
  await client.query(lowerTheGuard);
  await client.query('UPDATE events SET version = version + 10');
  const { faults } = await audit(seenBy(client, books.database));
  const check = 'every status change has its event, without gaps';
  assert.equal(faults.filter((fault) => fault.check === check).length, 20);
  await client.query('ROLLBACK');
});

test('what the database itself refuses: rewriting the books, a second ending, a sum that is not zero', async (t) => {
  const books = await openLivedInBooks(t);
  const refused = async (code: string, sql: string): Promise<void> =>
    assert.rejects(books.sql(sql), (error) => {
      assert.ok(error instanceof Error && 'code' in error);
      assert.equal(error.code, code, sql);
      return true;
    });
  for (const table of ['payments', 'postings', 'attempts', 'events']) {
    await refused('TG002', `DELETE FROM ${table}`);
    await refused('TG002', `TRUNCATE ${table}`);
  }
  await refused('TG002', 'UPDATE postings SET amount = 1');
  await refused('TG002', 'DELETE FROM payment_state');
  await refused('TG003', `UPDATE payment_state SET fence = 9 WHERE status = 'SUCCESS'`);
  await refused(
    'TG001',
    `${newPosting} VALUES (${user}, 9, ${withStatus('FAILED')}, 5, 'USD', 5, now())`,
  );
  await refused('23514', `UPDATE accounts SET held = balance + 1 WHERE id = ${user}`);
  await refused('23514', `UPDATE accounts SET held = -1 WHERE id = ${user}`);
  await books.assertAudited();
});
