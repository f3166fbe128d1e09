import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Books, commandFor, openBooks, silentLog } from '../../test/support/books.ts';
import { claimTerms, openJourney } from '../../test/support/journey.ts';
import { retryable } from '../../test/support/scripted-bank.ts';
import { until } from '../../test/support/wait.ts';
import type { Database } from '../db/database.ts';
import type { PaymentId } from '../ids.ts';
import { openEmbeddedQueue } from '../queue/embedded.ts';
import { type Hint, hintPaymentsMax, type Queue } from '../queue/queue.ts';
import { openKillPoints } from '../runtime/kill-point.ts';
import { type Dispatch, openDispatch } from './dispatch.ts';
import { moveDue } from './dispatch-store.ts';

/** A queue that notes what it is given, and can be told to refuse or to look full. */
function openNotedQueue(changes: Partial<Queue> = {}) {
  const sent: Hint[] = [];
  const queue: Queue = {
    ...openEmbeddedQueue(),
    publish: async (hint) => {
      sent.push(hint);
      return 'sent';
    },
    ...changes,
  };
  return { queue, sent, ids: () => sent.flatMap((hint) => hint.paymentIds) };
}

function open(database: Database, queue: Queue): Dispatch {
  return openDispatch({ database, queue, log: silentLog, reach: openKillPoints('') });
}

async function acceptMany(books: Books, count: number): Promise<readonly PaymentId[]> {
  const journey = openJourney(books.database);
  const person = await books.openAccount();
  const commands = Array.from({ length: count }, () => commandFor(person, { kind: 'deposit' }));
  await Promise.all(commands.map(journey.accept));
  return commands.map((command) => command.id);
}

const dueIn = `SELECT round(extract(epoch FROM due_at - clock_timestamp()))::int AS seconds,
    contact_at <= clock_timestamp() AS contactable FROM payment_state WHERE payment_id = $1`;

test('what was just accepted is announced in messages of a bounded size', async (t) => {
  const books = await openBooks(t);
  const ids = await acceptMany(books, hintPaymentsMax + 10);
  const { queue, sent } = openNotedQueue();
  open(books.database, queue).announce(ids);
  await until(() => sent.length === 2, { what: 'two messages' });
  assert.deepEqual(
    sent.map((hint) => hint.paymentIds.length),
    [hintPaymentsMax, 10],
  );
  // Nothing is due for the sweeper before the hint had its time.
  assert.equal(await open(books.database, queue).sweepOnce(), 'idle');
  assert.equal(sent.length, 2);
});

test('a hint that the queue refused comes back soon, not at once, and can be acted on', async (t) => {
  const books = await openBooks(t);
  const [id] = await acceptMany(books, 1);
  assert.ok(id !== undefined);
  await books.makeDue([id]);
  let answers = 0;
  const refusing = openNotedQueue({
    publish: async () => {
      answers += 1;
      return 'refused';
    },
  });
  const dispatch = open(books.database, refusing.queue);
  assert.equal(await dispatch.sweepOnce(), 'idle');
  assert.equal(await dispatch.sweepOnce(), 'idle');
  assert.equal(answers, 1);
  const [row] = await books.sql<{ seconds: number; contactable: boolean }>(dueIn, [id]);
  assert.ok(row !== undefined && row.contactable);
  assert.ok(row.seconds >= 3 && row.seconds <= 5, `${row.seconds} s`);
  await books.makeDue([id]);
  const working = openNotedQueue();
  await open(books.database, working.queue).sweepOnce();
  assert.deepEqual(working.ids(), [id]);
});

test('after a refusal nothing is taken from other sweepers until the queue answers', async (t) => {
  const books = await openBooks(t);
  const [first, second] = await acceptMany(books, 2);
  assert.ok(first !== undefined && second !== undefined);
  await books.makeDue([first]);
  let isAway = true;
  const noted: PaymentId[] = [];
  const { queue } = openNotedQueue({
    ping: () => (isAway ? Promise.reject(new Error('no broker')) : Promise.resolve()),
    publish: async (hint) => {
      if (isAway) return 'refused';
      noted.push(...hint.paymentIds);
      return 'sent';
    },
  });
  const dispatch = open(books.database, queue);
  await dispatch.sweepOnce();
  await books.makeDue([second]);
  await dispatch.sweepOnce();
  const [left] = await books.sql<{ seconds: number }>(dueIn, [second]);
  assert.ok(left !== undefined && left.seconds <= 0, 'still due, for whoever has a broker');
  isAway = false;
  await dispatch.sweepOnce();
  assert.deepEqual(noted, [second]);
});

test('due_at has moved before the message leaves: whoever dies in between loses nothing', async (t) => {
  const books = await openBooks(t);
  const [id] = await acceptMany(books, 1);
  assert.ok(id !== undefined);
  await books.makeDue([id]);
  let seconds = Number.NaN;
  const { queue } = openNotedQueue({
    publish: async () => {
      const [row] = await books.sql<{ seconds: number }>(dueIn, [id]);
      seconds = row?.seconds ?? Number.NaN;
      throw new Error('died');
    },
  });
  await assert.rejects(open(books.database, queue).sweepOnce(), /died/);
  assert.ok(seconds > 0);
});

test('a hint is repeated ever more rarely, and never later than ten minutes', async (t) => {
  const books = await openBooks(t);
  const [id] = await acceptMany(books, 1);
  assert.ok(id !== undefined);
  for (const [age, gap] of [
    [1, 30],
    [60, 60],
    [300, 300],
    [86_400, 600],
  ] as const) {
    await books.sql(
      `UPDATE payment_state SET updated_at = now() - $2 * interval '1 s' WHERE payment_id = $1`,
      [id, age],
    );
    await books.makeDue([id]);
    await open(books.database, openNotedQueue().queue).sweepOnce();
    const [row] = await books.sql<{ seconds: number }>(dueIn, [id]);
    assert.ok(row !== undefined && Math.abs(row.seconds - gap) <= 3, `${row?.seconds} s`);
  }
});

test('several sweepers share what is due without naming a payment twice', async (t) => {
  const books = await openBooks(t);
  const ids = await acceptMany(books, 1_200);
  await books.makeDue(ids);
  const { queue, ids: named } = openNotedQueue();
  const sweepers = await Promise.all(
    Array.from({ length: 4 }, async () => open(await books.openDatabase(1), queue)),
  );
  await Promise.all(
    sweepers.map(async (sweeper) => {
      while ((await sweeper.sweepOnce()) === 'again');
    }),
  );
  // A sweeper that skipped the rows of another one may have gone home early; the next turn has
  // them.
  while ((await open(books.database, queue).sweepOnce()) === 'again');
  assert.deepEqual(named().toSorted(), ids.toSorted());
});

test('while the queue holds more than it works off, what was never claimed is left alone', async (t) => {
  const books = await openBooks(t);
  const [pending, claimed] = await acceptMany(books, 2);
  assert.ok(pending !== undefined && claimed !== undefined);
  await openJourney(books.database).claim(claimed);
  await books.makeDue([pending, claimed]);
  const full = openNotedQueue({ depth: async () => 20_000 });
  await open(books.database, full.queue).sweepOnce();
  assert.deepEqual(full.ids(), [claimed]);
  const roomy = openNotedQueue({ depth: async () => 19_999 });
  await open(books.database, roomy.queue).sweepOnce();
  assert.deepEqual(roomy.ids(), [pending]);
});

test('a sweep takes a bounded number of rows, those due longest first', async (t) => {
  const books = await openBooks(t);
  const ids = await acceptMany(books, 5);
  await books.makeDue(ids);
  const [, oldest] = ids;
  await books.sql(
    `UPDATE payment_state SET due_at = now() - interval '1 h' WHERE payment_id = $1`,
    [oldest],
  );
  const options = { rowsMax: 1, withPending: true, gapMsMin: 1_000, gapMsMax: 1_000 };
  assert.deepEqual(await moveDue(books.database.keyed, options), [oldest]);
});

test('a start takes over what its predecessor left, and leaves a scheduled submit', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const ids = await acceptMany(books, 3);
  const [orphan, scheduled] = await journey.claim(...ids.slice(1));
  assert(orphan !== undefined && scheduled !== undefined);
  await journey.end(scheduled, retryable);
  const noted = openNotedQueue();
  const dispatch = open(books.database, noted.queue);

  await dispatch.takeOver(claimTerms.leaseMs);
  assert.equal(await dispatch.sweepOnce(), 'idle');
  assert.deepEqual(noted.ids().toSorted(), ids.filter((id) => id !== scheduled.id).toSorted());
  const [again] = await journey.claim(orphan.id);
  assert.equal(again?.contact, 'inquire');
  assert.equal(again.fence, orphan.fence + 1);
});
