import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandFor, openBooks } from '../../test/support/books.ts';
import { openJourney } from '../../test/support/journey.ts';
import { until } from '../../test/support/wait.ts';
import { type Database, StatementRefused } from '../db/database.ts';
import { newPaymentId } from '../ids.ts';
import type { AcceptResult } from './command.ts';

const counted = `SELECT count(*)::int AS payments FROM payments WHERE request_id <> 'funds'`;
const waiters = `SELECT FROM pg_stat_activity
  WHERE datname = current_database() AND wait_event_type = 'Lock'`;

/** `accepted`, `accepted again`, `refused`, `key_reused`, …: how often each was answered. */
function tally(results: readonly AcceptResult[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) {
    const isReplay = 'replayed' in result && result.replayed;
    const name = isReplay ? `${result.kind} again` : result.kind;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

test('a hundred deposits at once are a hundred payments', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const person = await books.openAccount();
  const results = await Promise.all(
    times(100, () => accept(commandFor(person, { kind: 'deposit' }))),
  );
  assert.deepEqual(tally(results), { accepted: 100 });
  assert.deepEqual(await books.sql(counted), [{ payments: 100 }]);
  await books.assertAudited();
});

test('two hundred withdrawals on funds for fifty: fifty are accepted, the rest stored as refused', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const person = await books.openAccount(5_050n);
  const results = await Promise.all(times(200, () => accept(commandFor(person))));
  assert.deepEqual(tally(results), { accepted: 50, refused: 150 });
  assert.deepEqual(
    await books.sql('SELECT balance::int, held::int FROM accounts WHERE id = $1', [
      person.accountId,
    ]),
    [{ balance: 5_050, held: 5_000 }],
  );
  assert.deepEqual(
    await books.sql(
      `SELECT status, error_code, count(*)::int FROM payment_state
        WHERE version = 1 GROUP BY 1, 2 ORDER BY 1`,
    ),
    [
      { status: 'FAILED', error_code: 'INSUFFICIENT_FUNDS', count: 150 },
      { status: 'PENDING', error_code: null, count: 50 },
    ],
  );
  await books.assertAudited();
});

test('the same key fifty times at once is one payment and 49 replays of it', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const command = commandFor(person);
  const results = await Promise.all(times(50, () => accept({ ...command, id: newPaymentId() })));
  assert.deepEqual(tally(results), { accepted: 1, 'accepted again': 49 });
  const ids = new Set(results.map((result) => 'payment' in result && result.payment.id));
  assert.equal(ids.size, 1);
  assert.deepEqual(await books.sql(counted), [{ payments: 1 }]);
  await books.assertAudited();
});

test('two processes with the same keys in opposite orders never wait for each other', async (t) => {
  const books = await openBooks(t);
  const refusals: unknown[] = [];
  const watched = (database: Database): Database => ({
    ...database,
    group: async (steps) =>
      database.group(steps).catch((error: unknown) => {
        refusals.push(error instanceof StatementRefused ? error.code : error);
        throw error;
      }),
  });
  const one = openJourney(watched(books.database));
  const other = openJourney(watched(await books.openDatabase()));
  const person = await books.openAccount();
  const commands = ['a', 'm', 'z'].map((idempotencyKey) =>
    commandFor(person, { kind: 'deposit', idempotencyKey }),
  );
  // Both meet in the middle: a third one has that key, and gives it back when both wait.
  const holder = await books.connect();
  await holder.query('BEGIN');
  await holder.query(
    `INSERT INTO payments (id, user_id, account_id, kind, currency, amount, bank, answer_version,
                           idempotency_key, request_id, created_at)
     VALUES ($1, $2, $3, 'deposit', 'USD', 1, 'none', 1, 'm', 'held', now())`,
    [newPaymentId(), person.userId, person.accountId],
  );
  const again = commands.map((command) => ({ ...command, id: newPaymentId() })).toReversed();
  const all = Promise.all([...commands.map(one.accept), ...again.map(other.accept)]);
  await until(async () => (await books.sql(waiters)).length === 2, { what: 'both to wait' });
  await holder.query('ROLLBACK');
  assert.deepEqual(tally(await all), { accepted: 3, 'accepted again': 3 });
  // The second one found the keys of the first, and no deadlock (40P01).
  assert.deepEqual(refusals, ['23505']);
  assert.deepEqual(await books.sql(counted), [{ payments: 3 }]);
  await books.assertAudited();
});

test('one key and four processes at once are one payment', async (t) => {
  const books = await openBooks(t);
  const databases = await Promise.all(times(4, () => books.openDatabase(3)));
  const journeys = databases.map((database) => openJourney(database));
  const person = await books.openAccount(10_000n);
  for (let round = 0; round < 10; round += 1) {
    const command = commandFor(person);
    const results = await Promise.all(
      journeys.map(({ accept }) => accept({ ...command, id: newPaymentId() })),
    );
    assert.deepEqual(tally(results), { accepted: 1, 'accepted again': 3 });
  }
  await books.assertAudited();
});

test('a key used again for another amount is refused by name, in this group or a later one', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const person = await books.openAccount(1_000n);
  const command = commandFor(person);
  const other = { ...command, id: newPaymentId(), amountMinor: 5n };
  const expected = { kind: 'key_reused', original: command.id, differing: ['amount'] };
  const [, together] = await Promise.all([accept(command), accept(other)]);
  assert.deepEqual([together, await accept(other)], [expected, expected]);
});

test('a refusal is replayed as it was, whatever funds have come since', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const person = await books.openAccount(99n);
  const command = commandFor(person);
  const first = await accept(command);
  assert.ok(first.kind === 'refused' && !first.replayed);
  await books.sql('UPDATE accounts SET overdraft_limit = 500 WHERE id = $1', [person.accountId]);
  const second = await accept({ ...command, id: newPaymentId() });
  assert.deepEqual(second, { ...first, replayed: true });
});

test('whatever stands in description and metadata comes back to the byte', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const person = await books.openAccount();
  const texts = [
    `it's "quoted" \\ {a,b}`,
    'NULL',
    '',
    '漢字 🎉 ü',
    'line\nbreak\ttab',
    '{}',
    "'); --",
  ];
  const commands = texts.map((text) =>
    commandFor(person, {
      kind: 'deposit',
      description: text,
      metadata: JSON.stringify({ text }),
      idempotencyKey: `key ${text}`,
    }),
  );
  await Promise.all(commands.map(accept));
  const replays = await Promise.all(
    commands.map((command) => accept({ ...command, id: newPaymentId() })),
  );
  replays.forEach((result, index) => {
    assert.ok(result.kind === 'accepted' && result.replayed);
    assert.equal(result.payment.description, texts[index]);
    assert.equal(result.payment.metadata, JSON.stringify({ text: texts[index] }));
  });
});

test('a row that PostgreSQL refuses is told alone; its group is accepted', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const person = await books.openAccount();
  const results = await Promise.allSettled(
    times(20, (index) =>
      accept(
        commandFor(person, { kind: 'deposit', description: index === 7 ? 'a \0 zero' : 'fine' }),
      ),
    ),
  );
  assert.deepEqual(
    results.flatMap((result, index) => (result.status === 'rejected' ? [index] : [])),
    [7],
  );
  await books.assertAudited();
});

test('a stuck account stops nobody else, and its own request hears so by the deadline', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database, { acceptDeadlineMs: 1_000 });
  const [stuck, free] = [await books.openAccount(1_000n), await books.openAccount(10_000n)];
  const holder = await books.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM accounts WHERE id = $1 FOR UPDATE', [stuck.accountId]);
  const waiting = accept(commandFor(stuck));
  // Deposits to it lock nothing.
  assert.equal((await accept(commandFor(stuck, { kind: 'deposit' }))).kind, 'accepted');
  for (let each = 0; each < 20; each += 1)
    assert.equal((await accept(commandFor(free))).kind, 'accepted');
  assert.deepEqual(await waiting, { kind: 'account_busy' });
  await holder.query('ROLLBACK');
  assert.equal((await accept(commandFor(stuck))).kind, 'accepted');
  await books.assertAudited();
});

test('in line, a stuck account goes to the end: one that comes free is served before its deadline', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database, { acceptDeadlineMs: 4_000 });
  const [stuck, busy] = [await books.openAccount(1_000n), await books.openAccount(1_000n)];
  const [holder, other] = [await books.connect(), await books.connect()];
  for (const [client, person] of [
    [holder, stuck],
    [other, busy],
  ] as const) {
    await client.query('BEGIN');
    await client.query('SELECT FROM accounts WHERE id = $1 FOR UPDATE', [person.accountId]);
  }
  let isStuckOver = false;
  const first = accept(commandFor(stuck)).finally(() => (isStuckOver = true));
  const second = accept(commandFor(busy));
  await until(async () => (await books.sql(waiters)).length === 1, { what: 'one in line' });
  await other.query('ROLLBACK');
  assert.equal((await second).kind, 'accepted');
  assert.equal(isStuckOver, false);
  await holder.query('ROLLBACK');
  assert.equal((await first).kind, 'accepted');
  await books.assertAudited();
});

test('whoever is deactivated, or holds a token from before valid_after, is refused', async (t) => {
  const books = await openBooks(t);
  const { accept } = openJourney(books.database);
  const [idle, reset] = [await books.openAccount(100n), await books.openAccount(100n)];
  await books.sql('UPDATE users SET is_active = false WHERE id = $1', [idle.userId]);
  await books.sql('UPDATE users SET valid_after = to_timestamp(5000) WHERE id = $1', [
    reset.userId,
  ]);
  const refused = { kind: 'user_refused' };
  assert.deepEqual(await accept(commandFor(idle)), refused);
  assert.deepEqual(await accept(commandFor(reset, { authenticatedAt: 4_999_999 })), refused);
  assert.equal((await accept(commandFor(reset, { authenticatedAt: 5_000_000 }))).kind, 'accepted');
  assert.deepEqual(await books.sql(counted), [{ payments: 1 }]);
});
