import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Books, commandFor, openBooks, silentLog } from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import {
  approved,
  notFound,
  openScriptedBank,
  type ScriptedBank,
  unknown,
} from '../../test/support/scripted-bank.ts';
import { until } from '../../test/support/wait.ts';
import type { InquiryOutcome, ResilientBank, SubmitOutcome } from '../bank/bank.ts';
import { openResilience } from '../bank/resilience.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { PaymentId } from '../ids.ts';
import { openEmbeddedQueue } from '../queue/embedded.ts';
import type { Queue } from '../queue/queue.ts';
import { openKillPoints } from '../runtime/kill-point.ts';
import { openDispatch } from './dispatch.ts';
import type { Execute } from './execute.ts';
import { openPace, type Pace } from './execute-pace.ts';

/** One worker whose time is the test's. */
interface Worker {
  readonly books: Books;
  readonly bank: ScriptedBank;
  readonly resilient: ResilientBank;
  readonly queue: Queue;
  readonly execute: Execute;
  readonly pace: Pace;
  /** Lets time pass in steps of the pace loop. */
  readonly pass: (ms: number) => Promise<void>;
  readonly accept: (count: number) => Promise<readonly PaymentId[]>;
  readonly announce: (ids: readonly PaymentId[]) => Promise<void>;
  readonly status: (id: PaymentId) => Promise<string>;
  /** Of these rows, everything that a claim or a sweep would write. */
  readonly rows: (ids: readonly PaymentId[]) => Promise<readonly object[]>;
}

const stepMs = 250;

async function openWorker(t: TestContext, answers: Answers): Promise<Worker> {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000_000n);
  const bank = openAnsweringBank(answers);
  let passed = 0;
  const clock: Clock = { now: systemClock.now, monotonic: () => systemClock.monotonic() + passed };
  const queue = openEmbeddedQueue();
  const resilient = openResilience(bank, {
    failures: 5,
    openMs: 60_000,
    callsMax: 500,
    clock,
    log: silentLog,
  });
  const execute = journey.openExecute(resilient, { bank: resilient, handBack: queue.publish });
  const pace = openPace({
    bank: resilient,
    database: books.database.keyed,
    execute,
    consume: () => queue.consume(execute.handle, { prefetch: 10 }),
    monotonic: clock.monotonic,
  });
  t.after(async () => {
    await pace.stop();
    await execute.stop();
    await queue.close();
  });
  await pace.paceOnce();
  return {
    books,
    bank,
    resilient,
    queue,
    execute,
    pace,
    pass: async (ms) => {
      for (let step = 0; step < ms; step += stepMs) {
        passed += stepMs;
        await pace.paceOnce();
        await until(() => execute.inFlight() === 0, { what: 'calls to end', deadlineMs: 10_000 });
      }
    },
    accept: async (count) => {
      const commands = Array.from({ length: count }, () => commandFor(person, { amountMinor: 1n }));
      await Promise.all(commands.map(journey.accept));
      return commands.map(({ id }) => id);
    },
    announce: async (ids) => {
      await queue.publish({ paymentIds: ids });
    },
    status: async (id) => {
      const [row] = await books.sql<{ status: string }>(
        'SELECT status FROM payment_state WHERE payment_id = $1',
        [id],
      );
      return row?.status ?? 'none';
    },
    rows: (ids) =>
      books.sql(
        'SELECT xmin::text, s.* FROM payment_state s WHERE payment_id = ANY($1::uuid[]) ORDER BY payment_id',
        [ids],
      ),
  };
}

interface Answers {
  submit: SubmitOutcome;
  inquire: InquiryOutcome;
}

/** Its words may change while it is asked. */
function openAnsweringBank(answers: Answers): ScriptedBank {
  const scripted = openScriptedBank({});
  return {
    ...scripted,
    submit: async (order) => {
      scripted.calls.push({ contact: 'submit', order });
      return answers.submit;
    },
    inquire: async (order) => {
      scripted.calls.push({ contact: 'inquire', order });
      return answers.inquire;
    },
  };
}

/** Five submits whose outcome nobody knows: the breaker is open. */
async function fail(worker: Worker): Promise<readonly PaymentId[]> {
  const first = await worker.accept(5);
  await worker.announce(first);
  await until(() => worker.resilient.snapshot().state === 'open', { what: 'the open breaker' });
  await until(() => worker.execute.inFlight() === 0, { what: 'calls to end' });
  return first;
}

test('while the breaker is open no payment is submitted and no row is written, in the queue or due', async (t) => {
  const answers: Answers = { submit: unknown, inquire: unknown };
  const worker = await openWorker(t, answers);
  await fail(worker);
  const calls = worker.bank.calls.length;
  const waiting = await worker.accept(600);
  for (let start = 0; start < 600; start += 200)
    await worker.announce(waiting.slice(start, start + 200));
  await worker.books.makeDue(waiting);
  const before = await worker.rows(waiting);
  const { sweepOnce } = openDispatch({
    database: worker.books.database,
    queue: worker.queue,
    log: silentLog,
    reach: openKillPoints(''),
  });
  for (let second = 0; second < 50; second += 1) {
    await worker.pass(1_000);
    assert.equal(await sweepOnce(worker.pace.sweepRowsMax()), 'idle');
  }
  assert.equal(worker.resilient.snapshot().state, 'open');
  assert.equal(worker.bank.calls.length, calls, 'the inquiries are not due yet');
  assert.deepEqual(await worker.rows(waiting), before);
  // What this worker leaves alone is there for another one.
  const other = openJourney(worker.books.database);
  assert.equal((await other.claim(...waiting.slice(0, 10))).length, 10);
});

test('while it is open one due inquiry a second goes on, and does not advance the table', async (t) => {
  const answers: Answers = { submit: unknown, inquire: unknown };
  const worker = await openWorker(t, answers);
  const unsure = await fail(worker);
  await worker.books.makeDue(unsure);
  const calls = worker.bank.calls.length;
  await worker.pass(4_000);
  const asked = worker.bank.calls.slice(calls);
  assert.ok(asked.length >= 3 && asked.length <= 5, `${asked.length} inquiries in four seconds`);
  assert.ok(asked.every(({ contact }) => contact === 'inquire'));
  const counts = await worker.books.sql(
    'SELECT sum(inquiries)::int AS inquiries FROM payment_state',
  );
  assert.deepEqual(counts, [{ inquiries: 0 }]);
  answers.inquire = approved;
  await worker.books.makeDue(unsure);
  await worker.pass(6_000);
  for (const id of unsure) assert.equal(await worker.status(id), 'SUCCESS');
  assert.equal(worker.resilient.snapshot().state, 'open', 'answers to questions do not close it');
});

test('after its time one payment tries the bank; once that was answered the backlog drains', async (t) => {
  const answers: Answers = { submit: unknown, inquire: notFound };
  const worker = await openWorker(t, answers);
  await fail(worker);
  const waiting = await worker.accept(600);
  for (let start = 0; start < 600; start += 200)
    await worker.announce(waiting.slice(start, start + 200));
  const submits = (): number =>
    worker.bank.calls.filter(({ contact }) => contact === 'submit').length;
  assert.equal(submits(), 5);
  await worker.pass(62_000);
  assert.equal(submits(), 6, 'one tried it, and it fails again');
  assert.equal(worker.resilient.snapshot().opened, 2);
  answers.submit = approved;
  await worker.pass(61_000);
  await until(() => worker.resilient.snapshot().callsMax > 1, { what: 'the bank to be back' });
  for (let second = 0; second < 12; second += 1) await worker.pass(1_000);
  assert.equal(worker.resilient.snapshot().state, 'closed');
  for (const id of waiting.slice(1)) {
    await until(async () => (await worker.status(id)) === 'SUCCESS', { what: 'the backlog' });
  }
  assert.equal(await worker.queue.depth(), 0);
});
