import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Books, commandFor, openBooks, silentLog } from '../../test/support/books.ts';
import { claimTerms, openJourney } from '../../test/support/journey.ts';
import { approved, openScriptedBank, unknown } from '../../test/support/scripted-bank.ts';
import type { PaymentId } from '../ids.ts';
import { openEmbeddedQueue } from '../queue/embedded.ts';
import { openKillPoints } from '../runtime/kill-point.ts';
import { openDispatch } from './dispatch.ts';
import { claimDue } from './execute-store.ts';

const tasksOf = (books: Books, id: PaymentId): Promise<object[]> =>
  books.sql(
    'SELECT reason, times, closed_at FROM failed_tasks WHERE payment_id = $1 ORDER BY reason',
    [id],
  );

/** So many claims whose worker died. */
async function loseClaims(books: Books, id: PaymentId, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const { claims } = await claimDue(books.database.keyed, [id], claimTerms);
    assert.equal(claims.length, 1);
    await books.makeDue([id]);
  }
}

test('after three claims without an outcome a payment is claimed alone, asked about only, and told', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const [suspect, innocent] = [commandFor(person), commandFor(person)];
  await journey.accept(suspect);
  await journey.accept(innocent);
  await loseClaims(books, suspect.id, 3);
  assert.deepEqual(await tasksOf(books, suspect.id), []);
  // Whatever the row says: no submit any more.
  await books.sql(`UPDATE payment_state SET next_contact = 'submit' WHERE payment_id = $1`, [
    suspect.id,
  ]);
  const both = await claimDue(books.database.keyed, [suspect.id, innocent.id], claimTerms);
  assert.deepEqual([both.claims.map(({ id }) => id), both.setAside], [[innocent.id], [suspect.id]]);
  assert.deepEqual(await tasksOf(books, suspect.id), []);
  const alone = await claimDue(books.database.keyed, [suspect.id], claimTerms);
  assert.deepEqual(
    alone.claims.map(({ contact, suspect: isSuspect }) => [contact, isSuspect]),
    [['inquire', true]],
  );
  const told = { reason: 'WORKER_LOST', times: 1, closed_at: null };
  assert.deepEqual(await tasksOf(books, suspect.id), [told]);
  // Somebody thought that this was the end of it.
  await books.sql(`UPDATE failed_tasks SET closed_at = now(), closed_by = 'test'`);
  await books.makeDue([suspect.id]);
  await loseClaims(books, suspect.id, 1);
  assert.deepEqual(await tasksOf(books, suspect.id), [{ ...told, times: 2 }]);
});

test('a suspect in a message of many ends by the bank, and so do the others', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const commands = Array.from({ length: 20 }, () => commandFor(person, { amountMinor: 1n }));
  await Promise.all(commands.map(journey.accept));
  const suspects = commands.slice(0, 2).map(({ id }) => id);
  for (const id of suspects) await loseClaims(books, id, 3);
  const bank = openScriptedBank({ submits: [approved], inquiries: [approved] });
  const execute = journey.openExecute(bank);
  await execute.handle({ paymentIds: commands.map(({ id }) => id) });
  await execute.stop();
  const ended = await books.sql('SELECT DISTINCT status FROM payment_state WHERE fence > 0');
  assert.deepEqual(ended, [{ status: 'SUCCESS' }]);
  const inquiries = bank.calls.filter(({ contact }) => contact === 'inquire');
  assert.equal(inquiries.length, suspects.length);
  for (const id of suspects) assert.equal((await tasksOf(books, id)).length, 1);
  await books.assertAudited();
});

test('past its deadline a payment whose contacts never return goes to review, and can still end', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const [lost, busy, early] = [commandFor(person), commandFor(person), commandFor(person)];
  for (const command of [lost, busy, early]) await journey.accept(command);
  await loseClaims(books, lost.id, 4);
  await loseClaims(books, early.id, 1);
  const [underWay] = await journey.claim(busy.id);
  assert.ok(underWay !== undefined);
  await books.sql(
    'UPDATE payment_state SET deadline_at = now() WHERE due_at IS NOT NULL AND payment_id <> $1',
    [early.id],
  );
  const { reviewOnce } = openDispatch({
    database: books.database,
    queue: openEmbeddedQueue(),
    log: silentLog,
    reach: openKillPoints(''),
  });
  assert.equal(await reviewOnce(), 'idle');
  const statuses = await books.sql<{ id: PaymentId; status: string }>(
    'SELECT payment_id AS id, status FROM payment_state WHERE fence > 0',
  );
  const statusOf = new Map(statuses.map(({ id, status }) => [id, status]));
  assert.deepEqual(
    [lost, busy, early].map(({ id }) => statusOf.get(id)),
    ['PENDING_REVIEW', 'PROCESSING', 'PROCESSING'],
  );
  const reasons = (await tasksOf(books, lost.id)).map((task) => 'reason' in task && task.reason);
  assert.deepEqual(reasons, ['REVIEW', 'WORKER_LOST']);
  // Nobody is put there twice, and the bank's word ends it as ever.
  assert.equal(await reviewOnce(), 'idle');
  const [asked] = await journey.claim(lost.id);
  assert.ok(asked !== undefined && asked.contact === 'inquire');
  await journey.end(asked, unknown);
  await books.makeDue([lost.id]);
  const [again] = await journey.claim(lost.id);
  assert.ok(again !== undefined);
  assert.equal((await journey.end(again, approved)).kind, 'succeed');
  assert.equal((await journey.end(underWay, approved)).kind, 'succeed');
  await books.assertAudited();
});
