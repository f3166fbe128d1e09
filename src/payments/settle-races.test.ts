import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor, openBooks } from '../../test/support/books.ts';
import { openJourney, openLyingCoordination } from '../../test/support/journey.ts';
import { approved, declined, retryable, unknown } from '../../test/support/scripted-bank.ts';
import type { BankOutcome } from '../bank/bank.ts';
import { systemClock } from '../clock.ts';
import type { AcceptCommand } from './command.ts';
import type { Claim } from './execute-store.ts';

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const kinds = (settlements: readonly { readonly kind: string }[]): string[] =>
  settlements.map((one) => one.kind).toSorted();

test('two settles of one claim, together or one after the other: the second is overtaken', async (t) => {
  for (const [outcome, first] of [
    [approved, 'succeed'],
    [declined, 'fail'],
    [retryable, 'contact_again'],
    [unknown, 'contact_again'],
  ] as const) {
    const books = await openBooks(t);
    const journey = openJourney(books.database);
    const command = commandFor(await books.openAccount(1_000n));
    await journey.accept(command);
    const [claim] = await journey.claim(command.id);
    assert.ok(claim !== undefined);
    const both = await Promise.all([journey.end(claim, outcome), journey.end(claim, outcome)]);
    assert.deepEqual(kinds(both), [first, 'overtaken'].toSorted());
    assert.equal((await journey.end(claim, outcome)).kind, 'overtaken');
    const other = openJourney(await books.openDatabase());
    assert.equal((await other.end(claim, outcome)).kind, 'overtaken');
    const [row] = await books.sql(
      `SELECT claims_open, (SELECT count(*)::int FROM attempts WHERE payment_id = $1) AS attempts,
              (SELECT count(*)::int FROM postings WHERE payment_id = $1) AS postings
         FROM payment_state WHERE payment_id = $1`,
      [command.id],
    );
    const postings = outcome === approved ? 2 : 0;
    assert.deepEqual(row, { claims_open: 0, attempts: 1, postings });
    await books.assertAudited();
  }
});

test('a claim settles what is due, takes it from nobody, and leaves what is final', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const [free, taken, final, waiting] = times(4, () => commandFor(person, { kind: 'deposit' }));
  assert.ok(free && taken && final && waiting);
  for (const command of [free, taken, final, waiting]) await journey.accept(command);
  const [done, again] = await Promise.all([final, waiting].map(({ id }) => journey.claim(id)));
  assert.ok(done?.[0] !== undefined && again?.[0] !== undefined);
  await journey.end(done[0], approved);
  await journey.end(again[0], retryable);
  assert.equal((await journey.claim(taken.id)).length, 1);
  const claims = await journey.claim(free.id, taken.id, final.id, waiting.id);
  assert.deepEqual(
    claims.map((claim) => claim.id),
    [free.id],
  );
});

test('a payment claimed by five at once is one claim', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const command = commandFor(await books.openAccount(1_000n));
  await journey.accept(command);
  const claims = await Promise.all(times(5, () => journey.claim(command.id)));
  assert.equal(claims.flat().length, 1);
});

test('a claim that never brought its outcome comes back as an inquiry when its lease has ended', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const command = commandFor(await books.openAccount(1_000n));
  await journey.accept(command);
  const [lost] = await journey.claim(command.id);
  assert.deepEqual([lost?.contact, lost?.fence], ['submit', 1]);
  assert.deepEqual(await journey.claim(command.id), []);
  await books.makeDue([command.id]);
  const [next] = await journey.claim(command.id);
  assert.deepEqual([next?.contact, next?.fence], ['inquire', 2]);
  assert.ok(lost !== undefined && next !== undefined);
  // The lost worker comes back with a word after all: too late, and the inquiry will bring it.
  assert.equal((await journey.end(lost, approved)).kind, 'overtaken');
  assert.equal((await journey.end(next, approved)).kind, 'succeed');
  await books.assertAudited();
});

test('one payment whose row makes no sense harms nobody else of its group', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const [sane, broken] = [await books.openAccount(1_000n), await books.openAccount(1_000n)];
  const commands = times(20, (index) =>
    commandFor(index === 7 ? broken : sane, { amountMinor: 10n }),
  );
  for (const command of commands) await journey.accept(command);
  const claims = await journey.claim(...commands.map((command) => command.id));
  await books.sql('UPDATE accounts SET held = 0 WHERE id = $1', [broken.accountId]);
  const results = await Promise.allSettled(claims.map((claim) => journey.end(claim, approved)));
  const failed = claims.filter((_, index) => results[index]?.status === 'rejected');
  assert.deepEqual(
    failed.map((claim) => claim.accountId),
    [broken.accountId],
  );
  const [row] = await books.sql(
    `SELECT count(*)::int AS done FROM payment_state s JOIN payments p ON p.id = s.payment_id
      WHERE s.status = 'SUCCESS' AND p.kind = 'withdrawal'`,
  );
  assert.deepEqual(row, { done: 19 });
});

/** A mix in which every payment ends. */
const outcomeOf = (index: number): BankOutcome => (index % 5 === 0 ? declined : approved);
const commandsFor = (person: Parameters<typeof commandFor>[0], count: number): AcceptCommand[] =>
  times(count, (index) =>
    commandFor(person, {
      kind: index % 2 === 0 ? 'deposit' : 'withdrawal',
      amountMinor: BigInt(1 + (index % 9)),
    }),
  );

test('a hot account and a store that grants every lease to everybody: the books stay right', async (t) => {
  const books = await openBooks(t);
  const lying = openLyingCoordination();
  const journey = openJourney(books.database, { coordination: lying });
  const person = await books.openAccount(10_000n);
  const commands = commandsFor(person, 300);
  await Promise.all(commands.map(journey.accept));
  const claims = await journey.claim(...commands.map((command) => command.id));
  assert.equal(claims.length, 300);
  const settled = await Promise.all(
    claims.map((claim, index) => journey.end(claim, outcomeOf(index))),
  );
  assert.deepEqual(new Set(kinds(settled)), new Set(['fail', 'succeed']));
  await books.assertAudited();
});

test('six settlers, two of them lied to, and accepts on one hot account: balance and postings agree', async (t) => {
  const books = await openBooks(t);
  const person = await books.openAccount(10_000n);
  const databases = await Promise.all(times(6, () => books.openDatabase(3)));
  const journeys = databases.map((database, index) =>
    openJourney(database, index < 2 ? { coordination: openLyingCoordination() } : {}),
  );
  async function run(journey: (typeof journeys)[number]): Promise<readonly string[]> {
    const commands = commandsFor(person, 60);
    await Promise.all(commands.map(journey.accept));
    const claims: readonly Claim[] = await journey.claim(...commands.map((command) => command.id));
    const settled = await Promise.all(
      claims.map((claim, index) => journey.end(claim, outcomeOf(index))),
    );
    return kinds(settled);
  }
  const all = (await Promise.all(journeys.map(run))).flat();
  assert.equal(all.length, 360);
  assert.ok(all.every((kind) => kind === 'succeed' || kind === 'fail'));
  const [row] = await books.sql(
    `SELECT held::int, balance = (SELECT sum(amount) FROM postings WHERE account_id = a.id) AS agrees
       FROM accounts a WHERE id = $1`,
    [person.accountId],
  );
  assert.deepEqual(row, { held: 0, agrees: true });
  await books.assertAudited();
});

test('a payment asked about until its counters are full is still asked about', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const command = commandFor(await books.openAccount(1_000n));
  await journey.accept(command);
  const [submit] = await journey.claim(command.id);
  assert.ok(submit !== undefined);
  await journey.end(submit, unknown);
  await books.sql(
    'UPDATE payment_state SET inquiries = 32767, claims_open = 32767 WHERE due_at IS NOT NULL',
  );
  await books.makeDue([command.id]);
  const [claim] = await journey.claim(command.id);
  assert.equal(claim?.contact, 'inquire');
  assert.equal((await journey.end(claim, approved)).kind, 'succeed');
  await books.assertAudited();
});

test('a contact whose account is stuck gives its place up when its lease has ended', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(books.database);
  const person = await books.openAccount();
  const command = commandFor(person, { kind: 'deposit' });
  await journey.accept(command);
  const [claim] = await journey.claim(command.id);
  assert.ok(claim !== undefined);
  const holder = await books.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM accounts WHERE id = $1 FOR UPDATE', [person.accountId]);
  const now = systemClock.monotonic();
  const late = { claim, outcome: approved, startedAt: now, endedAt: now, leaseEndsAt: now + 50 };
  assert.equal((await journey.settle(late)).kind, 'too_late');
  await holder.query('ROLLBACK');
  await books.makeDue([command.id]);
  const [again] = await journey.claim(command.id);
  assert.equal(again?.contact, 'inquire');
  assert.equal((await journey.end(again, approved)).kind, 'succeed');
  await books.assertAudited();
});

test('a store that says of every account that it is taken delays a payment, and does not keep it', async (t) => {
  const books = await openBooks(t);
  const refusing = { ...openLyingCoordination(), lease: async () => ({ granted: new Map() }) };
  const journey = openJourney(books.database, { coordination: refusing });
  const command = commandFor(await books.openAccount(1_000n));
  await journey.accept(command);
  const [claim] = await journey.claim(command.id);
  assert.ok(claim !== undefined);
  const now = systemClock.monotonic();
  const at = { startedAt: now - 4_900, endedAt: now - 4_900, leaseEndsAt: now + 10_000 };
  assert.equal((await journey.settle({ claim, outcome: approved, ...at })).kind, 'succeed');
  assert.ok(systemClock.monotonic() - now >= 100, 'it waits as long as a lease can last');
  await books.assertAudited();
});
