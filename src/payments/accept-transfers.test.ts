import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Books, commandFor, openBooks, type Person } from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import { newPaymentId } from '../ids.ts';
import type { AcceptCommand } from './command.ts';

const transferFor = (
  from: Person,
  to: Person,
  changes: Partial<AcceptCommand> = {},
): AcceptCommand =>
  commandFor(from, {
    kind: 'transfer',
    counterAccountId: to.accountId,
    counterUserId: to.userId,
    ...changes,
  });

async function balancesOf(books: Books, ...people: readonly Person[]): Promise<readonly number[]> {
  const rows = await books.sql<{ id: string; balance: number }>(
    'SELECT id, balance::int FROM accounts WHERE user_id IS NOT NULL',
  );
  return people.map(({ accountId }) => rows.find(({ id }) => id === accountId)?.balance ?? -1);
}

test('a transfer is done when it is answered: booked, told, and nobody looks at it again', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const [anna, ben] = [await books.openAccount(1_000n), await books.openAccount()];
  const command = transferFor(anna, ben, { amountMinor: 300n });
  const result = await accept(command);
  assert.equal(result.kind, 'accepted');
  assert.deepEqual(await balancesOf(books, anna, ben), [700, 300]);
  assert.deepEqual(
    await books.sql(
      `SELECT s.status, s.due_at, s.version, p.bank, e.type, e.data FROM payment_state s
         JOIN payments p ON p.id = s.payment_id JOIN events e ON e.payment_id = p.id
        WHERE s.payment_id = $1`,
      [command.id],
    ),
    [
      {
        status: 'SUCCESS',
        due_at: null,
        version: 1,
        bank: null,
        type: 'transfer.succeeded',
        data: '{"status":"SUCCESS"}',
      },
    ],
  );
  await books.assertAudited();
});

test('a hundred transfers each way at once, from two processes: no deadlock, and the books are right', async (t) => {
  const books = await openBooks(t);
  const journeys = [openJourney(books.database), openJourney(await books.openDatabase())];
  const [anna, ben] = [await books.openAccount(10_000n), await books.openAccount(10_000n)];
  const results = await Promise.all(
    Array.from({ length: 200 }, (_, index) => {
      const [from, to] = index % 2 === 0 ? [anna, ben] : [ben, anna];
      const { accept } = journeys[(index >> 1) % 2] ?? openJourney(books.database);
      return accept(transferFor(from, to, { amountMinor: index % 2 === 0 ? 10n : 7n }));
    }),
  );
  assert.deepEqual(new Set(results.map((result) => result.kind)), new Set(['accepted']));
  assert.deepEqual(await balancesOf(books, anna, ben), [10_000 - 300, 10_000 + 300]);
  const [waits] = await books.sql<{ deadlocks: number }>(
    'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
  );
  assert.equal(waits?.deadlocks, 0);
  await books.assertAudited();
});

test('transfers, withdrawals and deposits of one crowd at once: nobody is overdrawn, nothing is lost', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const people = await Promise.all(Array.from({ length: 5 }, () => books.openAccount(1_000n)));
  const at = (index: number): Person => people[index % people.length] ?? people[0] ?? never();
  await Promise.all(
    Array.from({ length: 300 }, (_, index) => {
      const [from, to] = [at(index * 7), at(index * 7 + 1 + (index % 4))];
      if (index % 3 === 0) return accept(commandFor(from, { amountMinor: 40n }));
      if (index % 3 === 1) return accept(commandFor(from, { kind: 'deposit' }));
      return accept(transferFor(from, to, { amountMinor: BigInt(50 + (index % 90)) }));
    }),
  );
  const balances = await balancesOf(books, ...people);
  assert.equal(
    balances.reduce((sum, balance) => sum + balance, 0),
    5_000,
  );
  await books.assertAudited();
});

test('more than there is: stored as refused, with its event, and replayed as the same refusal', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const [anna, ben] = [await books.openAccount(100n), await books.openAccount()];
  const command = transferFor(anna, ben, { amountMinor: 101n });
  const first = await accept(command);
  const second = await accept({ ...command, id: newPaymentId() });
  assert.ok(first.kind === 'refused' && second.kind === 'refused');
  assert.deepEqual([first.replayed, second.replayed], [false, true]);
  assert.deepEqual(second.payment.id, first.payment.id);
  assert.deepEqual(await balancesOf(books, anna, ben), [100, 0]);
  assert.deepEqual(
    await books.sql('SELECT type, data FROM events WHERE payment_id = $1', [command.id]),
    [
      {
        type: 'transfer.failed',
        data: '{"status":"FAILED","error_code":"INSUFFICIENT_FUNDS"}',
      },
    ],
  );
  await books.assertAudited();
});

test('a transfer to a stuck account holds up only transfers to it', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database, { acceptDeadlineMs: 1_500 });
  const [anna, stuck] = [await books.openAccount(1_000n), await books.openAccount()];
  const holder = await books.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM accounts WHERE id = $1 FOR UPDATE', [stuck.accountId]);
  const waiting = accept(transferFor(anna, stuck));
  for (let each = 0; each < 5; each += 1)
    assert.equal((await accept(commandFor(anna))).kind, 'accepted');
  assert.deepEqual(await waiting, { kind: 'account_busy' });
  await holder.query('ROLLBACK');
  assert.equal((await accept(transferFor(anna, stuck))).kind, 'accepted');
  await books.assertAudited();
});

test('whoever was deactivated receives nothing, and the key is not spent', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const [anna, ben] = [await books.openAccount(100n), await books.openAccount()];
  const command = transferFor(anna, ben);
  await books.sql('UPDATE users SET is_active = false WHERE id = $1', [ben.userId]);
  assert.deepEqual(await accept(command), { kind: 'receiver_refused' });
  await books.sql('UPDATE users SET is_active = true WHERE id = $1', [ben.userId]);
  const result = await accept(command);
  assert.ok(result.kind === 'accepted' && !result.replayed);
  await books.assertAudited();
});

function never(): never {
  throw new Error('there are people');
}
