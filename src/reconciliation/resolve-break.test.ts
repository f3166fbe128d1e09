import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  lineOf,
  openReconciledBooks,
  type ReconciledBooks,
} from '../../test/support/reconciled-books.ts';
import { approved, declined, unknown } from '../../test/support/scripted-bank.ts';
import { present } from '../assert.ts';
import { type BreakId, newBreakId, newPaymentId } from '../ids.ts';

/** The only break that is open. */
async function openBreak(books: ReconciledBooks): Promise<BreakId> {
  const open = (await books.breaks()).filter((row) => row.state === 'open');
  assert.equal(open.length, 1);
  return present(open[0], 'one is open').id;
}

interface CorrectionRow {
  readonly amount: string;
  readonly from_kind: string;
  readonly to_kind: string;
}

const corrections = (books: ReconciledBooks): Promise<CorrectionRow[]> =>
  books.sql<CorrectionRow>(
    `SELECT p.amount, a.kind AS from_kind, c.kind AS to_kind FROM payments p
       JOIN accounts a ON a.id = p.account_id JOIN accounts c ON c.id = p.counter_account_id
      WHERE p.kind = 'correction' ORDER BY p.id`,
  );

/** What differs, what the account holds then, and between which accounts the correction moves. */
const cases: readonly {
  readonly what: string;
  readonly arrange: (books: ReconciledBooks, person: Person) => Promise<unknown>;
  readonly amount: string;
  readonly between: readonly [from: string, to: string];
  readonly balance: bigint;
}[] = [
  {
    what: 'the bank moved a deposit that we call failed: it comes in',
    arrange: async (books, person) =>
      books.importLines(lineOf(await books.pay(person, 'deposit', 100n, declined))),
    amount: '100',
    between: ['clearing', 'user'],
    balance: 1_100n,
  },
  {
    what: 'the bank paid out a withdrawal that we call failed: it goes out',
    arrange: async (books, person) => {
      const id = await books.pay(person, 'withdrawal', 100n, declined);
      return books.importLines(lineOf(id, { amountMinor: -100n }));
    },
    amount: '100',
    between: ['user', 'clearing'],
    balance: 900n,
  },
  {
    what: 'the bank moved less than we booked: the rest goes out',
    arrange: async (books, person) => {
      const id = await books.pay(person, 'deposit', 500n, approved);
      return books.importLines(lineOf(id, { amountMinor: 480n }));
    },
    amount: '20',
    between: ['user', 'clearing'],
    balance: 1_480n,
  },
  {
    what: 'the account has spent it meanwhile: suspense bears it',
    arrange: async (books, person) => {
      const id = await books.pay(person, 'deposit', 500n, approved);
      await books.pay(person, 'withdrawal', 1_450n, approved);
      return books.importLines(lineOf(id, { amountMinor: 400n }));
    },
    amount: '100',
    between: ['suspense', 'clearing'],
    balance: 50n,
  },
  {
    what: 'what is held is not there to correct with: suspense bears it',
    arrange: async (books, person) => {
      const id = await books.pay(person, 'deposit', 500n, approved);
      await books.pay(person, 'withdrawal', 1_450n, unknown);
      return books.importLines(lineOf(id, { amountMinor: 400n }));
    },
    amount: '100',
    between: ['suspense', 'clearing'],
    balance: 1_500n,
  },
  {
    what: 'the bank moved money in for nobody we know: suspense keeps it',
    arrange: (books) => books.importLines(lineOf(newPaymentId())),
    amount: '100',
    between: ['clearing', 'suspense'],
    balance: 1_000n,
  },
  {
    what: 'the bank moved money out for nobody we know: suspense bears it',
    arrange: (books) => books.importLines(lineOf(newPaymentId(), { amountMinor: -100n })),
    amount: '100',
    between: ['suspense', 'clearing'],
    balance: 1_000n,
  },
];
type Person = Awaited<ReturnType<ReconciledBooks['openAccount']>>;

for (const { what, arrange, amount, between, balance } of cases)
  test(`corrected: ${what}`, async (t) => {
    const books = await openReconciledBooks(t);
    const person = await books.openAccount(1_000n);
    await arrange(books, person);
    const decided = await books.decide(await openBreak(books));
    assert.equal(decided.kind, 'resolved');
    assert.equal(decided.row.resolution, 'corrected');
    const [from_kind, to_kind] = between;
    assert.deepEqual(await corrections(books), [{ amount, from_kind, to_kind }]);
    assert.equal((await books.balanceOf(person)).balance, balance);
    const log = await books.sql<{ action: string; reason: string; after: string }>(
      `SELECT action, reason, after FROM audit_log WHERE action = 'break.resolve'`,
    );
    assert.equal(log.length, 1);
    assert.equal(JSON.parse(log[0]?.after ?? '').on_suspense, between.includes('suspense'));
    await books.assertAudited();
  });

test('what is accepted stays as it is, with its reason', async (t) => {
  const books = await openReconciledBooks(t);
  await books.importLines(lineOf(newPaymentId()));
  const decided = await books.decide(await openBreak(books), 'accept');
  assert.equal(decided.kind, 'resolved');
  assert.equal(decided.row.resolution, 'accepted');
  assert.equal(decided.row.resolution_reason, 'the bank has shown us its receipt');
  assert.deepEqual(await corrections(books), []);
  await books.assertAudited();
});

test('of operators who decide at once one wins, and money moves once', async (t) => {
  const books = await openReconciledBooks(t);
  const person = await books.openAccount();
  await books.importLines(lineOf(await books.pay(person, 'deposit', 100n, declined)));
  const id = await openBreak(books);
  const decided = await Promise.all(
    Array.from({ length: 8 }, (_, at) => books.decide(id, at % 2 === 0 ? 'correct' : 'accept')),
  );
  assert.deepEqual(decided.map(({ kind }) => kind).toSorted(), [
    ...Array<string>(7).fill('already_resolved'),
    'resolved',
  ]);
  const { balance } = await books.balanceOf(person);
  assert.equal(balance, (await corrections(books)).length === 1 ? 100n : 0n);
  await books.assertAudited();
});

test('a break on an unfinished payment waits for its end, and is settled where that agrees', async (t) => {
  const books = await openReconciledBooks(t);
  const person = await books.openAccount();
  const id = await books.pay(person, 'deposit', 100n, unknown);
  await books.importLines(lineOf(id, { amountMinor: 70n }));
  const found = await openBreak(books);
  for (const resolution of ['correct', 'accept'] as const)
    assert.deepEqual(await books.decide(found, resolution), { kind: 'not_final', paymentId: id });
  // An operator ends the payment; 100 are booked, so 30 too many.
  await books.resolve([{ paymentId: id, source: 'operator', outcome: approved }]);
  const decided = await books.decide(found);
  assert.equal(decided.kind, 'resolved');
  assert.deepEqual(await books.balanceOf(person), { balance: 70n, held: 0n });
  await books.assertAudited();
});

test('a difference that is gone by now is settled, not corrected', async (t) => {
  const books = await openReconciledBooks(t);
  const person = await books.openAccount();
  const id = await books.pay(person, 'deposit', 100n, unknown);
  // The word was on the statement; another one has ended the payment before it could.
  await books.importLines(lineOf(id, { amountMinor: 70n }));
  await books.resolve([{ paymentId: id, source: 'operator', outcome: approved }]);
  const again = lineOf(id, { amountMinor: 30n });
  await books.importLines(again);
  const breaks = await books.breaks();
  assert.deepEqual(
    breaks.map(({ state, resolution }) => [state, resolution]),
    [['resolved', 'settled']],
  );
  const decided = await books.decide(present(breaks[0], 'one').id);
  assert.equal(decided.kind, 'already_resolved');
  await books.assertAudited();
});

test('only the newest word of the bank about a payment is corrected, and it takes in the others', async (t) => {
  const books = await openReconciledBooks(t);
  const person = await books.openAccount();
  const id = await books.pay(person, 'deposit', 100n, approved);
  await books.importLines(lineOf(id, { amountMinor: 90n }));
  await books.importLines(lineOf(id, { amountMinor: 100n }));
  const [older, newer] = await books.breaks();
  assert.ok(older !== undefined && newer !== undefined);
  assert.equal((await books.decide(older.id)).kind, 'superseded');
  assert.equal((await books.decide(newer.id)).kind, 'resolved');
  assert.equal((await books.balanceOf(person)).balance, 190n);
  assert.equal((await books.decide(older.id)).kind, 'superseded', 'it would undo the newer one');
  assert.equal((await books.balanceOf(person)).balance, 190n);
  assert.equal((await books.decide(older.id, 'accept')).kind, 'resolved');
  await books.assertAudited();
});

test('a second correction starts from the first: later words of the bank are booked once', async (t) => {
  const books = await openReconciledBooks(t);
  const person = await books.openAccount(1_000n);
  const id = await books.pay(person, 'deposit', 100n, approved);
  await books.importLines(lineOf(id, { amountMinor: 90n }));
  assert.equal((await books.decide(await openBreak(books))).kind, 'resolved');
  const run = await books.importLines(lineOf(id, { amountMinor: 25n }));
  assert.equal(run.amount_differs, 1);
  assert.equal((await books.decide(await openBreak(books))).kind, 'resolved');
  assert.equal((await books.balanceOf(person)).balance, 1_115n);
  // The books show what the bank moved: nothing is left to tell.
  const last = await books.importLines(lineOf(id, { amountMinor: 5n }), lineOf(newPaymentId()));
  assert.equal(last.amount_differs, 1);
  await books.assertAudited();
});

test('a break that is not there is not found', async (t) => {
  const books = await openReconciledBooks(t);
  assert.deepEqual(await books.decide(newBreakId()), { kind: 'not_found' });
});
