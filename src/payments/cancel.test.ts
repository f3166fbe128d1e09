import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Books, commandFor, openBooks } from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import { approved } from '../../test/support/scripted-bank.ts';
import { systemClock } from '../clock.ts';
import type { PaymentId } from '../ids.ts';
import { type CancelResult, type CancelWish, openCancel } from './cancel.ts';
import type { AcceptCommand } from './command.ts';

const wishFor = ({ id, userId, accountId, amountMinor }: AcceptCommand, kind = 'withdrawal') =>
  ({ id, userId, accountId, amountMinor, kind }) as CancelWish;

const open = (books: Books) => openCancel({ database: books.database, clock: systemClock });

const tally = (results: readonly CancelResult[], kind: CancelResult['kind']): number =>
  results.filter((result) => result.kind === kind).length;

test('a pending withdrawal is cancelled: it failed, its funds are free, its event tells', async (t) => {
  const books = await openBooks(t);
  const { accept, claim } = openJourney(books.database);
  const command = commandFor(await books.openAccount(500n), { amountMinor: 300n });
  await accept(command);
  assert.deepEqual(await open(books)(wishFor(command)), { kind: 'cancelled' });
  assert.deepEqual(
    await books.sql(
      `SELECT s.status, s.error_code, s.due_at, a.held::int, e.type, e.data
         FROM payment_state s JOIN events e ON e.payment_id = s.payment_id AND e.version = s.version
         JOIN accounts a ON a.id = $2 WHERE s.payment_id = $1`,
      [command.id, command.accountId],
    ),
    [
      {
        status: 'FAILED',
        error_code: 'CANCELLED',
        due_at: null,
        held: 0,
        type: 'withdrawal.failed',
        data: '{"status":"FAILED","error_code":"CANCELLED"}',
      },
    ],
  );
  assert.deepEqual(await claim(command.id), [], 'the message that names it finds nothing due');
  await books.assertAudited();
});

test('a hundred times at once it is cancelled once', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const [one, other] = [
    open(books),
    openCancel({ database: await books.openDatabase(), clock: systemClock }),
  ];
  const command = commandFor(await books.openAccount(500n));
  await accept(command);
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? one : other)(wishFor(command))),
  );
  assert.equal(tally(results, 'cancelled'), 1);
  assert.equal(tally(results, 'too_late'), 99);
  await books.assertAudited();
});

test('of a cancellation and a claim exactly one wins, each of a hundred times', async (t) => {
  const books = await openBooks(t);
  const journey = openJourney(await books.openDatabase());
  const cancel = open(books);
  const person = await books.openAccount(100_000n);
  const commands = Array.from({ length: 100 }, (_, index) =>
    commandFor(person, { kind: index % 2 === 0 ? 'withdrawal' : 'deposit' }),
  );
  await Promise.all(commands.map((command) => journey.accept(command)));
  const outcomes = await Promise.all(
    commands.map(async (command, index) => {
      const claiming = () => journey.claim(command.id);
      const cancelling = () => cancel(wishFor(command, command.kind));
      // Each side goes first in turn.
      const claimFirst = index % 4 < 2 ? claiming() : null;
      const cancelled = cancelling();
      const claims = await (claimFirst ?? claiming());
      return { command, claims, cancelled: await cancelled };
    }),
  );
  const claimedIds: PaymentId[] = [];
  for (const { command, claims, cancelled } of outcomes) {
    const [claim] = claims;
    // Locked by the cancellation: the claim skips it. Nobody may have both, or neither.
    assert.equal(claim === undefined, cancelled.kind === 'cancelled', command.kind);
    if (claim === undefined) continue;
    claimedIds.push(claim.id);
    await journey.end(claim, approved);
  }
  const rows = await books.sql<{ id: PaymentId; status: string; error_code: string | null }>(
    'SELECT payment_id AS id, status, error_code FROM payment_state WHERE payment_id = ANY($1)',
    [commands.map((command) => command.id)],
  );
  for (const row of rows)
    assert.deepEqual(
      [row.status, row.error_code],
      claimedIds.includes(row.id) ? ['SUCCESS', null] : ['FAILED', 'CANCELLED'],
    );
  await books.assertAudited();
});

test('a stuck account is waited for until the deadline, and its deposits are cancelled meanwhile', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const person = await books.openAccount(500n);
  const [withdrawal, deposit] = [commandFor(person), commandFor(person, { kind: 'deposit' })];
  await Promise.all([accept(withdrawal), accept(deposit)]);
  const holder = await books.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM accounts WHERE id = $1 FOR UPDATE', [person.accountId]);
  // A clock on which the deadline is always over.
  let now = 0;
  const clock = { monotonic: () => (now += 10_000) };
  const cancel = openCancel({ database: books.database, clock });
  assert.deepEqual(await cancel(wishFor(withdrawal)), { kind: 'account_busy' });
  assert.deepEqual(await cancel(wishFor(deposit, 'deposit')), { kind: 'cancelled' });
  await holder.query('ROLLBACK');
  assert.deepEqual(await cancel(wishFor(withdrawal)), { kind: 'cancelled' });
  await books.assertAudited();
});
