import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openBooks, usd } from '../../test/support/books.ts';
import { StatementRefused } from '../db/database.ts';
import { type AccountId, newAccountId, newPaymentId } from '../ids.ts';
import { openClearing } from './clearing.ts';
import type { Posting } from './post.ts';
import { insertPostings } from './store.ts';

test('a clearing account that a failover lost is booked on by nobody, and made again', async (t) => {
  const { database, sql } = await openBooks(t);
  let now = 0;
  const clearing = openClearing(database.keyed, () => now);
  const lost = await clearing(usd);
  assert.equal(await clearing(usd), lost);
  const book = (id: AccountId) =>
    database.group({
      name: 'book',
      deadlineMs: 5_000,
      read: async () => undefined,
      write: (tx) => ({ written: insertPostings(tx, depositFrom(id)), result: undefined }),
    });
  await book(lost);

  // As if its commit had never reached the server that is primary now.
  await sql('DELETE FROM accounts WHERE id = $1', [lost]);
  await assert.rejects(book(await clearing(usd)), (error: unknown) => {
    assert(error instanceof StatementRefused);
    assert.equal(error.code, 'TG004');
    return true;
  });

  now += 5_000;
  const found = await clearing(usd);
  assert.notEqual(found, lost);
  await book(found);
  const booked = await sql<{ account_id: string }>(
    'SELECT account_id FROM postings WHERE balance_after IS NULL ORDER BY seq',
  );
  assert.deepEqual(
    booked.map((one) => one.account_id),
    [lost, found],
  );
});

/** A deposit's two sides. */
function depositFrom(clearing: AccountId): readonly Posting[] {
  const both = { paymentId: newPaymentId(), currency: usd, postedAt: new Date(1_000) };
  const user = { accountId: newAccountId(), seq: 1n, amountMinor: 100n, balanceAfter: 100n };
  const bank = { accountId: clearing, seq: null, amountMinor: -100n, balanceAfter: null };
  return [
    { ...both, ...user },
    { ...both, ...bank },
  ];
}
