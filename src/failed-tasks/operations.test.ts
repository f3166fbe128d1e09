import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Books, commandFor, openBooks, type Person } from '../../test/support/books.ts';
import { type Journey, openJourney } from '../../test/support/journey.ts';
import { approved, declined, retryable, unknown } from '../../test/support/scripted-bank.ts';
import { actors, type DoneBy } from '../audit-log/append.ts';
import { verifyAuditLog } from '../audit-log/verify.ts';
import { type FailedTaskId, newUserId, type PaymentId } from '../ids.ts';
import { recordUnnamedFailure } from '../payments/failed-task-store.ts';
import { closeTask } from './close.ts';
import { requeueReason, requeueTasks } from './requeue.ts';
import { resolvePayment } from './resolve-payment.ts';
import { selectFailedTask, selectFailedTasks } from './store.ts';

const done = (reason = 'the bank says so'): DoneBy & { readonly reason: string } => ({
  actor: actors.user(newUserId()),
  requestId: 'request-1',
  reason,
});

interface Desk {
  readonly books: Books;
  readonly journey: Journey;
  readonly person: Person;
  readonly announced: PaymentId[];
  /** A withdrawal of 1.00 that the bank left unknown past its deadline, and its failed task. */
  readonly review: () => Promise<{ id: PaymentId; task: FailedTaskId }>;
  readonly requeue: (...ids: readonly FailedTaskId[]) => Promise<readonly string[]>;
  readonly resolve: (id: PaymentId, as: 'succeeded' | 'failed') => Promise<string>;
  /** No fault in the books, and none in the chain; its actions, eldest first. */
  readonly audited: () => Promise<readonly string[]>;
}

async function openDesk(t: TestContext): Promise<Desk> {
  const books = await openBooks(t);
  const { database, sql } = books;
  const journey = openJourney(database);
  const person = await books.openAccount(1_000n);
  const announced: PaymentId[] = [];
  const options = { database, announce: (ids: readonly PaymentId[]) => announced.push(...ids) };
  return {
    books,
    journey,
    person,
    announced,
    review: async () => {
      const { id } = await unknownPayment({ books, journey, person });
      await sql(`UPDATE payment_state SET deadline_at = now() WHERE payment_id = $1`, [id]);
      await books.makeDue([id]);
      const [claim] = await journey.claim(id);
      assert.ok(claim !== undefined);
      assert.equal((await journey.end(claim, unknown)).kind, 'review');
      return { id, task: await taskOf(books, id) };
    },
    requeue: (...ids) => requeueTasks(options, ids, done()),
    resolve: async (id, as) => {
      const decision = { as, bankTransactionId: null, evidence: 'a letter' } as const;
      const parts = { database, resolve: journey.resolve };
      return (await resolvePayment(parts, id, decision, done())).kind;
    },
    audited: async () => {
      await books.assertAudited();
      assert.deepEqual((await verifyAuditLog(database)).faults, []);
      const rows = await sql<{ action: string }>('SELECT action FROM audit_log ORDER BY seq');
      return rows.map((row) => row.action);
    },
  };
}

async function unknownPayment(desk: Pick<Desk, 'books' | 'journey' | 'person'>) {
  const command = commandFor(desk.person);
  await desk.journey.accept(command);
  const [claim] = await desk.journey.claim(command.id);
  assert.ok(claim !== undefined);
  await desk.journey.end(claim, unknown);
  return command;
}

async function taskOf({ database }: Books, paymentId: PaymentId): Promise<FailedTaskId> {
  const filter = { isOpen: null, reason: null, paymentId, after: null, limit: 2 };
  const [task, second] = await selectFailedTasks(database, filter);
  assert.ok(task !== undefined && second === undefined);
  return task.id;
}

test('a requeued payment is due now, is announced, and its task stays open', async (t) => {
  const { books, announced, review, requeue, journey, audited } = await openDesk(t);
  const { id, task } = await review();
  assert.equal((await journey.claim(id)).length, 0);
  assert.deepEqual(await requeue(task), ['requeued']);
  assert.deepEqual(announced, [id]);
  const row = await selectFailedTask(books.database, task);
  assert.equal(row?.closedAt, null);
  assert.match(row?.requeuedBy ?? '', /^user:/);
  const [claim] = await journey.claim(id);
  assert.equal(claim?.contact, 'inquire');
  await journey.end(claim, approved);
  assert.deepEqual(await requeue(task), ['final']);
  // The bank has answered: nothing is left to decide.
  const after = await selectFailedTask(books.database, task);
  assert.deepEqual([after?.closedBy, after?.paymentStatus], ['system', 'SUCCESS']);
  assert.deepEqual(await audited(), ['failed_task.requeue']);
});

test('while the bank is being asked nobody asks it again', async (t) => {
  const { books, review, requeue, resolve, journey, announced, audited } = await openDesk(t);
  const { id, task } = await review();
  await books.makeDue([id]);
  const [claim] = await journey.claim(id);
  assert.ok(claim !== undefined);
  assert.deepEqual(await requeue(task), ['in_contact']);
  assert.equal(await resolve(id, 'failed'), 'in_contact');
  assert.deepEqual(announced, []);
  // Its answer counts: the lease was not cut short.
  assert.equal((await journey.end(claim, approved)).kind, 'succeed');
  assert.deepEqual(await audited(), []);
});

test('a worker that dies after a requeue leaves an inquiry behind', async (t) => {
  const { books, review, requeue, journey } = await openDesk(t);
  const { id, task } = await review();
  assert.deepEqual(await requeue(task), ['requeued']);
  assert.equal((await journey.claim(id)).length, 1);
  assert.deepEqual(await requeue(task), ['in_contact']);
  await books.makeDue([id]);
  assert.deepEqual(await requeue(task), ['requeued']);
});

test('what cannot be requeued says why', async (t) => {
  const { books, journey, person, requeue, announced, audited } = await openDesk(t);
  const command = commandFor(person, { kind: 'deposit' });
  await journey.accept(command);
  for (let nth = 0; nth < 4; nth += 1) {
    const [claim] = await journey.claim(command.id);
    assert.ok(claim !== undefined);
    await journey.end(claim, retryable);
    await books.makeDue([command.id]);
  }
  const failed = await taskOf(books, command.id);
  await recordUnnamedFailure(books.database, {
    reason: 'POISON_MESSAGE',
    subject: 'message:1',
    detail: 'not ours',
  });
  const [poison] = await books.sql<{ id: FailedTaskId }>(
    'SELECT id FROM failed_tasks WHERE payment_id IS NULL',
  );
  assert.ok(poison !== undefined);
  // Proven by nothing: no such row.
  const nobody = newUserId() as string as FailedTaskId;
  assert.deepEqual(await requeue(failed, poison.id, nobody), ['final', 'no_payment', 'not_found']);
  assert.deepEqual(announced, []);
  assert.equal(await closeTask(books.database, nobody, done()), 'not_found');
  assert.equal(await closeTask(books.database, poison.id, done('junk')), 'closed');
  assert.equal(await closeTask(books.database, poison.id, done()), 'already_closed');
  assert.equal(await closeTask(books.database, failed, done('seen')), 'closed');
  const row = await selectFailedTask(books.database, failed);
  assert.deepEqual([row?.closedNote, row?.times, row?.history.length], ['seen', 1, 1]);
  assert.deepEqual(await audited(), ['failed_task.close', 'failed_task.close']);
});

test('a review is not closed before its payment has ended, and a closed task is not requeued', async (t) => {
  const { books, review, requeue, resolve, audited } = await openDesk(t);
  const { id, task } = await review();
  assert.equal(await closeTask(books.database, task, done()), 'in_review');
  assert.equal(await resolve(id, 'failed'), 'resolved');
  assert.equal(await closeTask(books.database, task, done()), 'already_closed');
  const lost = await review();
  await books.sql(`UPDATE failed_tasks SET reason = 'WORKER_LOST' WHERE id = $1`, [lost.task]);
  assert.equal(await closeTask(books.database, lost.task, done()), 'closed');
  assert.deepEqual(await requeue(lost.task), ['closed']);
  await books.sql(`UPDATE failed_tasks SET reason = 'REVIEW' WHERE id = $1`, [lost.task]);
  assert.deepEqual(await audited(), ['payment.resolve', 'failed_task.close']);
});

test('all that wait for one reason are requeued together, those left alone first', async (t) => {
  const { books, review, announced, requeue, audited } = await openDesk(t);
  const [first, second, third] = [await review(), await review(), await review()];
  await requeue(first.task);
  announced.length = 0;
  const options = {
    database: books.database,
    announce: (ids: readonly PaymentId[]) => announced.push(...ids),
  };
  const results = await requeueReason(options, { reason: 'REVIEW', limit: 2 }, done());
  assert.deepEqual(results, [
    { id: second.task, result: 'requeued' },
    { id: third.task, result: 'requeued' },
  ]);
  assert.deepEqual(new Set(announced), new Set([second.id, third.id]));
  assert.deepEqual(await requeueReason(options, { reason: 'OTHER', limit: 9 }, done()), []);
  assert.equal((await audited()).length, 3);
});

for (const [as, status, balance] of [
  ['succeeded', 'SUCCESS', 900],
  ['failed', 'FAILED', 1_000],
] as const)
  test(`a payment in review that is resolved as ${as} ends so, on record`, async (t) => {
    const desk = await openDesk(t);
    const { sql } = desk.books;
    const { id, task } = await desk.review();
    assert.equal(await desk.resolve(id, as), 'resolved');
    const [state] = await sql('SELECT status, error_code FROM payment_state');
    const errorCode = as === 'failed' ? 'RESOLVED_AS_FAILED' : null;
    assert.deepEqual(
      await sql('SELECT status, error_code FROM payment_state WHERE payment_id = $1', [id]),
      [{ status, error_code: errorCode }],
    );
    assert.ok(state !== undefined);
    const [account] = await sql(
      'SELECT balance::int, held::int FROM accounts WHERE user_id IS NOT NULL',
    );
    assert.deepEqual(account, { balance, held: 0 });
    const row = await selectFailedTask(desk.books.database, task);
    assert.match(row?.closedBy ?? '', /^user:/);
    assert.equal(row?.closedNote, 'the bank says so');
    const [entry] = await sql<{ before: string; after: string; reason: string; subject: string }>(
      'SELECT subject, before, after, reason FROM audit_log',
    );
    assert.deepEqual(
      [entry?.subject, entry?.before, entry?.reason],
      [`payment:${id}`, '{"status":"PENDING_REVIEW"}', 'the bank says so'],
    );
    const after: { status: string; evidence: string } = JSON.parse(entry?.after ?? '{}');
    assert.equal(after.status, status);
    assert.match(after.evidence, /^user:.*: the bank says so · a letter$/);
    assert.equal(await desk.resolve(id, as), 'final');
    assert.deepEqual(await desk.audited(), ['payment.resolve']);
  });

test('of two operators who resolve at once one decides', async (t) => {
  const { review, resolve, audited } = await openDesk(t);
  const ids = [(await review()).id, (await review()).id, (await review()).id];
  for (const id of ids) {
    const kinds = await Promise.all([resolve(id, 'succeeded'), resolve(id, 'failed')]);
    assert.equal(kinds.filter((kind) => kind === 'resolved').length, 1, kinds.join());
    assert.ok(kinds.includes('final') || kinds.includes('in_contact'), kinds.join());
    assert.equal(await resolve(id, 'failed'), 'final');
  }
  assert.equal((await audited()).length, ids.length);
});

test('decisions, requeues and closings of the same tasks at once leave one chain', async (t) => {
  const { books, review, resolve, requeue, audited } = await openDesk(t);
  const reviews = await Promise.all(Array.from({ length: 6 }, () => review()));
  const deeds = reviews.flatMap(({ id, task }) => [
    resolve(id, 'failed'),
    requeue(task),
    closeTask(books.database, task, done()),
    resolve(id, 'succeeded'),
    requeue(...reviews.map((one) => one.task)),
  ]);
  await Promise.all(deeds);
  for (const { id } of reviews) await resolve(id, 'failed');
  const actions = await audited();
  assert.equal(actions.filter((action) => action === 'payment.resolve').length, reviews.length);
});

test('what is not unknown is not a human’s to decide', async (t) => {
  const { books, journey, person, resolve } = await openDesk(t);
  const command = commandFor(person);
  await journey.accept(command);
  assert.equal(await resolve(command.id, 'failed'), 'not_unknown');
  const [claim] = await journey.claim(command.id);
  assert.ok(claim !== undefined);
  // It certainly did nothing, and is to be tried again.
  await journey.end(claim, retryable);
  assert.equal(await resolve(command.id, 'failed'), 'not_unknown');
  assert.equal(await resolve(newUserId() as string as PaymentId, 'failed'), 'not_found');
  const bare = { as: 'succeeded', bankTransactionId: null, evidence: null } as const;
  const parts = { database: books.database, resolve: journey.resolve };
  const refused = await resolvePayment(parts, command.id, bare, done());
  assert.equal(refused.kind, 'no_evidence');
});

test('an unknown payment that is not in review yet can be decided too', async (t) => {
  const desk = await openDesk(t);
  const { id } = await unknownPayment(desk);
  const decision = { as: 'succeeded', bankTransactionId: 'bank-7', evidence: null } as const;
  const parts = { database: desk.books.database, resolve: desk.journey.resolve };
  assert.equal((await resolvePayment(parts, id, decision, done())).kind, 'resolved');
  const [row] = await desk.books.sql(
    'SELECT bank_transaction_id FROM payment_state WHERE payment_id = $1',
    [id],
  );
  assert.deepEqual(row, { bank_transaction_id: 'bank-7' });
  assert.deepEqual(await desk.audited(), ['payment.resolve']);
});

for (const [as, word] of [
  ['succeeded', declined],
  ['failed', approved],
] as const)
  test(`the bank's later word against "${as}" is a break, and changes nothing`, async (t) => {
    const desk = await openDesk(t);
    const { id } = await desk.review();
    await desk.resolve(id, as);
    const before = await desk.books.sql('SELECT * FROM payment_state WHERE payment_id = $1', [id]);
    for (const source of ['callback', 'statement'] as const) {
      const told = await desk.journey.resolve([{ paymentId: id, source, outcome: word }]);
      assert.equal(told[0]?.kind, 'already_final');
    }
    assert.deepEqual(
      await desk.books.sql('SELECT * FROM payment_state WHERE payment_id = $1', [id]),
      before,
    );
    const breaks = await desk.books.sql('SELECT kind, state FROM breaks WHERE payment_id = $1', [
      id,
    ]);
    assert.deepEqual(breaks, [{ kind: 'contradiction', state: 'open' }]);
    await desk.audited();
  });

test('a list goes through every task once, newest first', async (t) => {
  const { books, review } = await openDesk(t);
  for (let nth = 0; nth < 5; nth += 1) await review();
  // One statement, one moment: the id decides.
  await books.sql(`UPDATE failed_tasks SET first_at = (SELECT min(first_at) FROM failed_tasks)
                    WHERE id IN (SELECT id FROM failed_tasks LIMIT 3)`);
  const filter = { isOpen: true, reason: 'REVIEW', paymentId: null };
  const seen: FailedTaskId[] = [];
  let page = await selectFailedTasks(books.database, { ...filter, after: null, limit: 2 });
  while (page.length > 0) {
    seen.push(...page.map((row) => row.id));
    page = await selectFailedTasks(books.database, {
      ...filter,
      after: page.at(-1) ?? null,
      limit: 2,
    });
  }
  const all = await books.sql<{ id: FailedTaskId }>(
    'SELECT id FROM failed_tasks ORDER BY first_at DESC, id DESC',
  );
  assert.deepEqual(
    seen,
    all.map((row) => row.id),
  );
  assert.deepEqual(
    await selectFailedTasks(books.database, { ...filter, isOpen: false, after: null, limit: 9 }),
    [],
  );
});
