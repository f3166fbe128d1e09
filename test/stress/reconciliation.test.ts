import assert from 'node:assert/strict';
import { test } from 'node:test';
import { present } from '../../src/assert.ts';
import { newPaymentId, type PaymentId } from '../../src/ids.ts';
import { openReconciliation } from '../../src/reconciliation/run.ts';
import { usd } from '../support/books.ts';
import { lineOf, openReconciledBooks, statementOf } from '../support/reconciled-books.ts';
import { camt053Of, csvOf } from '../support/statements.ts';

/**
 * A day of 100,000 payments: a statement of them is held against the books in under 20 s on an idle
 * machine of two cores (printed below), and no transaction of it lasts a second. The bound asserted
 * is wider, because tests share the machine.
 */
const linesMax = 100_000;
const boundMs = 90_000;

/** What as many deposits of 1.00 leave behind; the funds of one customer. */
const deposits = `
  WITH one AS MATERIALIZED (SELECT id, n FROM unnest($1::uuid[]) WITH ORDINALITY AS u (id, n)),
  asked AS (
    INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                          idempotency_key, request_id, created_at)
    SELECT id, $2, $3, 'deposit', 'USD', 100, 'scripted', 1, id::text, 'seeded', now() FROM one
  ), stands AS (
    INSERT INTO payment_state (payment_id, status, fence, version, submits, bank_transaction_id,
                               updated_at)
    SELECT id, 'SUCCESS', 2, 3, 1, 'seeded', now() FROM one
  ), contacted AS (
    INSERT INTO attempts (payment_id, fence, contact, worker, started_at, ended_at, outcome, evidence)
    SELECT id, 1, 'submit', id, now(), now(), 'approved', 'seeded' FROM one
  ), told AS (
    INSERT INTO events (payment_id, version, user_id, type, data, created_at, epoch)
    SELECT id, v, $2, 'deposit.' || (ARRAY['created', 'processing', 'succeeded'])[v], '{}', now(), 1
      FROM one, generate_series(1, 3) v
  ), booked AS (
    INSERT INTO postings (account_id, seq, payment_id, amount, currency, balance_after, posted_at)
    SELECT $3, n + 1, id, 100, 'USD', n * 100 + 1, now() FROM one
    UNION ALL
    SELECT (SELECT id FROM accounts WHERE kind = 'clearing'), nextval('system_posting_seq'), id,
           -100, 'USD', NULL, now() FROM one
  )
  UPDATE accounts SET balance = balance + 100 * cardinality($1::uuid[]),
         last_seq = 1 + cardinality($1::uuid[]), last_posted_at = now() WHERE id = $3`;

test('a statement of 100,000 lines, in short transactions', async (t) => {
  const books = await openReconciledBooks(t);
  const person = await books.openAccount(1n);
  const ids: PaymentId[] = Array.from({ length: linesMax }, newPaymentId);
  await books.sql(deposits, [ids, person.userId, person.accountId]);
  const [funds] = await books.sql<{ id: PaymentId }>(
    'SELECT id FROM payments WHERE id <> ALL($1::uuid[])',
    [ids],
  );
  const now = new Date();
  const period = { from: new Date(now.getTime() - 60_000), to: new Date(now.getTime() + 60_000) };
  const lines = [
    lineOf(present(funds, 'what was there before').id, { amountMinor: 1n }),
    // The last one is missing in the bank, and one that nobody knows stands in its place.
    ...ids.slice(0, -1).map((id) => lineOf(id, { executedAt: now })),
    lineOf(newPaymentId(), { executedAt: now, currency: usd }),
  ];
  let longestMs = 0;
  const { database } = books;
  const reconcile = openReconciliation({
    ...books.reconciliation,
    database: {
      ...database,
      transaction: async (work) => {
        const startedAt = performance.now();
        const result = await database.transaction(work);
        longestMs = Math.max(longestMs, performance.now() - startedAt);
        return result;
      },
    },
  });
  for (const write of [
    csvOf,
    (all: typeof lines) => camt053Of(all, { period, createdAt: period.to }),
  ]) {
    const text = write(lines);
    const startedAt = performance.now();
    const result = await reconcile(statementOf(text));
    const tookMs = performance.now() - startedAt;
    assert.equal(result.kind, 'complete');
    const { format, matched, missing_in_books, missing_in_bank } = result.run;
    t.diagnostic(`${format}: ${lines.length} lines in ${(tookMs / 1000).toFixed(1)} s`);
    assert.equal(matched, linesMax);
    assert.equal(missing_in_books, 1);
    assert.equal(missing_in_bank, format === 'camt053' ? 1 : 0);
    assert.ok(tookMs < boundMs, `${format} took ${tookMs} ms`);
  }
  t.diagnostic(`longest transaction: ${longestMs.toFixed(0)} ms`);
  assert.ok(longestMs < 5_000, `a transaction took ${longestMs} ms`);
  await books.assertAudited();
});
