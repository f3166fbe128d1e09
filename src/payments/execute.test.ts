import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Books, commandFor, openBooks } from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import {
  approved,
  notFound,
  openScriptedBank,
  retryable,
  unknown,
} from '../../test/support/scripted-bank.ts';
import { until } from '../../test/support/wait.ts';
import { type Clock, systemClock } from '../clock.ts';
import { DatabaseAway, OutcomeUnknown } from '../db/database.ts';
import { bankReference, newPaymentId, type PaymentId } from '../ids.ts';

const statusOf = async (books: Books, id: PaymentId): Promise<string | undefined> =>
  (
    await books.sql<{ status: string }>('SELECT status FROM payment_state WHERE payment_id = $1', [
      id,
    ])
  )[0]?.status;

test('a message is done when its payments are claimed; the bank is asked once for each', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const commands = Array.from({ length: 30 }, () => commandFor(person, { amountMinor: 10n }));
  await Promise.all(commands.map(journey.accept));
  const gate = Promise.withResolvers<void>();
  const bank = openScriptedBank({ submits: [approved], before: () => gate.promise });
  const execute = journey.openExecute(bank);
  const paymentIds = commands.map((command) => command.id);
  // Named twice, in a message that comes twice, beside one that nobody knows.
  const hint = { paymentIds: [...paymentIds, ...paymentIds, newPaymentId()] };
  await Promise.all([execute.handle(hint), execute.handle(hint)]);
  assert.equal(execute.inFlight(), 30);
  gate.resolve();
  await execute.stop();
  assert.deepEqual(
    bank.calls.map((call) => call.order.reference).toSorted(),
    paymentIds.map(bankReference).toSorted(),
  );
  assert.deepEqual(bank.calls[0]?.order, {
    reference: bank.calls[0]?.order.reference,
    kind: 'withdrawal',
    amountMinor: 10n,
    currency: 'USD',
  });
  for (const id of paymentIds) assert.equal(await statusOf(books, id), 'SUCCESS');
  await books.assertAudited();
});

test('an unknown submit is inquired about, and submitted again under the same reference', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const command = commandFor(await books.openAccount(1_000n));
  await journey.accept(command);
  const bank = openScriptedBank({ submits: [unknown, approved], inquiries: [notFound] });
  const execute = journey.openExecute(bank);
  for (let contact = 1; contact <= 3; contact += 1) {
    await books.makeDue([command.id]);
    await execute.handle({ paymentIds: [command.id] });
    await until(() => execute.inFlight() === 0, { what: 'the contact to be settled' });
  }
  assert.deepEqual(
    bank.calls.map((call) => call.contact),
    ['submit', 'inquire', 'submit'],
  );
  assert.equal(new Set(bank.calls.map((call) => call.order.reference)).size, 1);
  assert.equal(await statusOf(books, command.id), 'SUCCESS');
  await books.assertAudited();
});

test('a bank that is away costs four submits, never one before it is due', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const command = commandFor(await books.openAccount(1_000n));
  await journey.accept(command);
  const bank = openScriptedBank({ submits: [retryable] });
  const execute = journey.openExecute(bank);
  for (let round = 1; round <= 6; round += 1) {
    await execute.handle({ paymentIds: [command.id] });
    await until(() => execute.inFlight() === 0, { what: 'the contact to be settled' });
    // A message that comes too early finds nothing due.
    await execute.handle({ paymentIds: [command.id] });
    await books.makeDue([command.id]);
  }
  assert.equal(bank.calls.length, 4);
  assert.equal(await statusOf(books, command.id), 'FAILED');
  await books.assertAudited();
});

test('no more calls at one time than the bank has places, and a stop hands the rest back', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const commands = Array.from({ length: 10 }, () => commandFor(person));
  await Promise.all(commands.map(journey.accept));
  const gate = Promise.withResolvers<void>();
  const bank = openScriptedBank({ submits: [approved], before: () => gate.promise });
  const execute = journey.openExecute(bank, { inFlightMax: 3 });
  const handling = execute.handle({ paymentIds: commands.map((command) => command.id) });
  const refused = assert.rejects(handling, /stopping/);
  await until(() => bank.calls.length === 3, { what: 'three calls' });
  const stopping = execute.stop();
  await refused;
  gate.resolve();
  await stopping;
  assert.equal(bank.calls.length, 3);
  const [row] = await books.sql(
    `SELECT count(*)::int AS pending FROM payment_state WHERE status = 'PENDING'`,
  );
  assert.deepEqual(row, { pending: 7 });
});

test('the word of the bank is kept while PostgreSQL is away, and settled when it is back', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const command = commandFor(await books.openAccount(1_000n));
  await journey.accept(command);
  const failures = [new DatabaseAway('gone'), new OutcomeUnknown('cut')];
  const bank = openScriptedBank({ submits: [approved] });
  const execute = journey.openExecute(bank, {
    settle: async (contacted) => {
      const failure = failures.shift();
      if (failure instanceof DatabaseAway) throw failure;
      const settlement = await journey.settle(contacted);
      // It was committed, and the answer was lost.
      if (failure !== undefined) throw failure;
      return settlement;
    },
  });
  await execute.handle({ paymentIds: [command.id] });
  await execute.stop();
  assert.deepEqual([failures.length, bank.calls.length], [0, 1]);
  assert.equal(await statusOf(books, command.id), 'SUCCESS');
  await books.assertAudited();
});

test('claimed too late for a call: the bank is not asked, and the lease ends by itself', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const command = commandFor(await books.openAccount(1_000n));
  await journey.accept(command);
  // Between the claim's departure and its answer, ten seconds are gone.
  let readings = 0;
  const slow: Clock = { ...systemClock, monotonic: () => readings++ * 11_000 };
  const bank = openScriptedBank({ submits: [approved], inquiries: [notFound] });
  const late = journey.openExecute(bank, { clock: slow });
  await late.handle({ paymentIds: [command.id] });
  await late.stop();
  assert.equal(bank.calls.length, 0);
  assert.equal(await statusOf(books, command.id), 'PROCESSING');
  await books.makeDue([command.id]);
  const execute = journey.openExecute(bank);
  await execute.handle({ paymentIds: [command.id] });
  await execute.stop();
  assert.deepEqual(
    bank.calls.map((call) => call.contact),
    ['inquire'],
  );
});

test('a message whose claim fails is handed back, and its places are free again', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const keyed = {
    query: async () => {
      throw new DatabaseAway('gone');
    },
  };
  const execute = journey.openExecute(openScriptedBank({}), { database: { keyed } });
  const hint = { paymentIds: [newPaymentId(), newPaymentId()] };
  await assert.rejects(execute.handle(hint), DatabaseAway);
  await until(() => execute.inFlight() === 0, { what: 'the places to be free' });
});

test('payments of an account that is stuck leave their places at the bank to others', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const [stuck, free] = await Promise.all([books.openAccount(1_000n), books.openAccount(1_000n)]);
  const places = 5;
  const blocked = Array.from({ length: places }, () => commandFor(stuck));
  const waiting = Array.from({ length: places }, () => commandFor(free));
  for (const command of [...blocked, ...waiting]) await journey.accept(command);
  const holder = await books.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM accounts WHERE id = $1 FOR UPDATE', [stuck.accountId]);
  const bank = openScriptedBank({ submits: [approved] });
  const execute = journey.openExecute(bank, { inFlightMax: places });
  await execute.handle({ paymentIds: blocked.map(({ id }) => id) });
  await until(() => bank.calls.length === places, { what: 'the stuck ones at the bank' });
  // Long before the leases of those that are stuck end.
  await execute.handle({ paymentIds: waiting.map(({ id }) => id) });
  for (const { id } of waiting)
    await until(async () => (await statusOf(books, id)) === 'SUCCESS', { what: 'the others' });
  for (const { id } of blocked) assert.equal(await statusOf(books, id), 'PROCESSING');
  await holder.query('ROLLBACK');
  await execute.stop();
  for (const { id } of blocked) assert.equal(await statusOf(books, id), 'SUCCESS');
  await books.assertAudited();
});

test('a stop waits for an answer whose account is taken, as long as its lease runs', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const command = commandFor(await books.openAccount(1_000n));
  await journey.accept(command);
  const taken = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const execute = journey.openExecute(openScriptedBank({ submits: [approved] }), {
    settle: async (contacted) => {
      asked.resolve();
      await taken.promise;
      return journey.settle(contacted);
    },
  });
  await execute.handle({ paymentIds: [command.id] });
  await asked.promise;
  let isStopped = false;
  const askedAt = systemClock.monotonic();
  const stopping = execute.stop().then(() => {
    isStopped = true;
  });
  // Past the moment at which it would give its place to others, were there others.
  await until(() => isStopped || systemClock.monotonic() - askedAt > 1_200, { what: 'a while' });
  assert.ok(!isStopped, 'its word is not on record yet');
  taken.resolve();
  await stopping;
  assert.equal(await statusOf(books, command.id), 'SUCCESS');
});
