import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor, openBooks } from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import { approved, declined, notFound } from '../../test/support/scripted-bank.ts';

test('an approval that came too late to end its payment is a break where the bank then denies it', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  for (const denies of [notFound, declined]) {
    const command = commandFor(person);
    const { id } = command;
    await journey.accept(command);
    const [frozen] = await journey.claim(id);
    await books.makeDue([id]);
    const [claim] = await journey.claim(id);
    assert.ok(frozen !== undefined && claim !== undefined);
    assert.equal((await journey.end(frozen, approved)).kind, 'overtaken');
    // Past its last submit and the bank's longest processing time.
    await books.sql(
      `UPDATE payment_state SET submits = 4, last_submit_at = now() - interval '1 day'
        WHERE payment_id = $1`,
      [id],
    );
    assert.equal((await journey.end(claim, denies)).kind, 'fail');
    const [found] = await books.sql(
      `SELECT kind, source, bank_amount::int, booked_amount::int FROM breaks WHERE payment_id = $1`,
      [id],
    );
    const moved = { bank_amount: -100, booked_amount: 0 };
    assert.deepEqual(found, { kind: 'contradiction', source: 'submit', ...moved });
  }
  await books.assertAudited();
});
