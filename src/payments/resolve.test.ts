import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Books, commandFor, openBooks } from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import { approved, declined, notFound, unknown } from '../../test/support/scripted-bank.ts';
import { newPaymentId, type PaymentId } from '../ids.ts';
import type { OutsideOutcome, OutsideWord } from './resolve.ts';
import type { OutsideSource } from './states.ts';

const sources: readonly OutsideSource[] = ['callback', 'statement', 'operator'];

const word = (
  paymentId: PaymentId,
  source: OutsideSource,
  outcome: OutsideOutcome,
): OutsideWord => ({ paymentId, source, outcome });

async function trailOf(books: Books, id: PaymentId): Promise<readonly string[]> {
  const attempts = await books.sql<{ said: string }>(
    `SELECT contact || ' ' || outcome AS said FROM attempts WHERE payment_id = $1 ORDER BY fence`,
    [id],
  );
  return attempts.map((row) => row.said);
}

async function breaksOf(books: Books, id: PaymentId): Promise<readonly object[]> {
  return books.sql(
    `SELECT kind, source, bank_amount::int, booked_amount::int FROM breaks WHERE payment_id = $1`,
    [id],
  );
}

test('an unknown payment ends by the word of a callback, a statement or an operator', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  for (const source of sources) {
    for (const [outcome, status] of [
      [approved, 'SUCCESS'],
      [declined, 'FAILED'],
    ] as const) {
      const command = commandFor(person);
      await journey.accept(command);
      const [claim] = await journey.claim(command.id);
      assert.ok(claim !== undefined);
      await journey.end(claim, unknown);
      const told = word(command.id, source, outcome);
      assert.deepEqual(await journey.resolve([told]), [{ kind: 'settled', status }]);
      const final = { kind: 'already_final', status, agrees: true } as const;
      const bankTransactionId = status === 'SUCCESS' ? approved.bankTransactionId : null;
      assert.deepEqual(await journey.resolve([told]), [{ ...final, bankTransactionId }]);
      const said = [`submit unknown`, `${source} ${outcome.kind}`];
      assert.deepEqual(await trailOf(books, command.id), said);
      assert.deepEqual(await breaksOf(books, command.id), []);
    }
  }
  const [account] = await books.sql('SELECT balance::int, held::int FROM accounts WHERE id = $1', [
    person.accountId,
  ]);
  assert.deepEqual(account, { balance: 700, held: 0 });
  await books.assertAudited();
});

test('a word of the bank overtakes the worker who asks it just now, an operator waits for it', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  for (const source of sources) {
    const command = commandFor(person, { kind: 'deposit' });
    await journey.accept(command);
    const [claim] = await journey.claim(command.id);
    assert.ok(claim !== undefined);
    const [first] = await journey.resolve([word(command.id, source, declined)]);
    if (source === 'operator') {
      assert.deepEqual(first, { kind: 'not_yet', reason: 'contact_under_way' });
      assert.equal((await journey.end(claim, approved)).kind, 'succeed');
      continue;
    }
    assert.deepEqual(first, { kind: 'settled', status: 'FAILED' });
    // The worker's answer says otherwise: on record, and never applied.
    assert.equal((await journey.end(claim, approved)).kind, 'overtaken');
    const found = { kind: 'contradiction', source: 'submit', bank_amount: 100, booked_amount: 0 };
    assert.deepEqual(await breaksOf(books, command.id), [found]);
    assert.deepEqual(await trailOf(books, command.id), ['submit approved', `${source} declined`]);
  }
});

test('an operator decides where a claim died with its worker, and between two inquiries', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const [dead, asked] = [commandFor(person), commandFor(person)];
  await journey.accept(dead);
  await journey.accept(asked);
  for (const { id } of [dead, asked]) assert.equal((await journey.claim(id)).length, 1);
  await books.makeDue([dead.id, asked.id]);
  const [again] = await journey.claim(asked.id);
  assert.ok(again !== undefined);
  await journey.end(again, notFound);
  const words = [dead, asked].map(({ id }) => word(id, 'operator', declined));
  const settled = { kind: 'settled', status: 'FAILED' };
  assert.deepEqual(await journey.resolve(words), [settled, settled]);
  await books.assertAudited();
});

test('what the bank was never asked about ends by its own word, and not by an operator', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const commands = sources.map(() => commandFor(person));
  for (const command of commands) await journey.accept(command);
  const words = commands.map(({ id }, index) => word(id, sources[index] ?? 'operator', approved));
  const settled = { kind: 'settled', status: 'SUCCESS' };
  const refused = { kind: 'not_yet', reason: 'never_submitted' };
  assert.deepEqual(await journey.resolve(words), [settled, settled, refused]);
  const events = await books.sql('SELECT type FROM events WHERE payment_id = $1 ORDER BY version', [
    commands[0]?.id,
  ]);
  const types = ['created', 'processing', 'succeeded'].map((step) => ({
    type: `withdrawal.${step}`,
  }));
  assert.deepEqual(events, types);
  await books.assertAudited();
});

test('a review ends by an operator although the bank was only ever asked, never told', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const command = commandFor(person);
  await journey.accept(command);
  // A callback came before the first submit, and the bank says nothing until the deadline.
  await books.sql(`UPDATE payment_state SET next_contact = 'inquire' WHERE payment_id = $1`, [
    command.id,
  ]);
  const [claim] = await journey.claim(command.id);
  assert.ok(claim?.contact === 'inquire');
  await books.sql('UPDATE payment_state SET deadline_at = now() WHERE payment_id = $1', [
    command.id,
  ]);
  assert.equal((await journey.end(claim, unknown)).kind, 'review');
  const told = word(command.id, 'operator', declined);
  assert.deepEqual(await journey.resolve([told]), [{ kind: 'settled', status: 'FAILED' }]);
  await books.assertAudited();
});

test('a final payment keeps its end, and a bank that says otherwise makes one break', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const command = commandFor(person);
  await journey.accept(command);
  const [claim] = await journey.claim(command.id);
  assert.ok(claim !== undefined);
  await journey.end(claim, approved);
  const final = {
    kind: 'already_final',
    status: 'SUCCESS',
    agrees: false,
    bankTransactionId: approved.bankTransactionId,
  };
  const say = (source: OutsideSource): OutsideWord => word(command.id, source, declined);
  assert.deepEqual(await journey.resolve([say('operator')]), [final]);
  assert.deepEqual(await breaksOf(books, command.id), []);
  const told = [say('statement'), say('callback'), say('statement')];
  assert.deepEqual(await journey.resolve(told), [final, final, final]);
  const found = { kind: 'contradiction', source: 'statement', bank_amount: 0, booked_amount: -100 };
  assert.deepEqual(await breaksOf(books, command.id), [found]);
  await books.assertAudited();
});

test('of many words for many payments, at once and from several processes, each ends once', async (t) => {
  const books = await openBooks(t);
  const desks = [openJourney(books.database), openJourney(await books.openDatabase())];
  const people = await Promise.all([1, 2, 3].map(() => books.openAccount(100_000n)));
  const commands = Array.from({ length: 600 }, (_, index) => {
    const person = people[index % people.length];
    assert.ok(person !== undefined);
    return commandFor(person, { kind: index % 2 === 0 ? 'deposit' : 'withdrawal' });
  });
  const [desk] = desks;
  assert.ok(desk !== undefined);
  await Promise.all(commands.map(desk.accept));
  const stranger = newPaymentId();
  const words = [
    ...commands.flatMap(({ id }) => [
      word(id, 'statement', approved),
      word(id, 'callback', approved),
    ]),
    word(stranger, 'statement', approved),
  ];
  const answers = await Promise.all(desks.map(({ resolve }) => resolve(words)));
  const settled = answers.flat().filter(({ kind }) => kind === 'settled').length;
  assert.equal(settled, commands.length);
  const others = answers.flat().filter(({ kind }) => kind === 'already_final').length;
  assert.equal(others, 3 * commands.length);
  for (const told of answers) assert.deepEqual(told.at(-1), { kind: 'not_found' });
  await books.assertAudited();
});
