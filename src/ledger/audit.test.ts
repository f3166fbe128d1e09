import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Client } from 'pg';
import { newPosting, user, violations, withStatus } from '../../test/support/audit-violations.ts';
import { commandFor } from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import { openLivedInBooks } from '../../test/support/lived-in-books.ts';
import type { Database, Tx } from '../db/database.ts';
import { audit } from './audit.ts';

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

test('books in every standing have no fault, and every check has looked', async (t) => {
  const books = await openLivedInBooks(t);
  const report = await audit(books.database);
  assert.deepEqual(report.faults, []);
  const rows = Object.fromEntries(report.checked.map(({ check, rows: count }) => [check, count]));
  assert.equal(rows['payments'], 11);
  assert.equal(rows['postings'], 12);
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
