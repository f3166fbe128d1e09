import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  lineOf,
  openReconciledBooks,
  type ReconciledBooks,
  statementOf,
} from '../../test/support/reconciled-books.ts';
import { approved, declined, unknown } from '../../test/support/scripted-bank.ts';
import { camt053Of, csvOf } from '../../test/support/statements.ts';
import { newPaymentId } from '../ids.ts';
import type { BreakRow } from './breaks-store.ts';
import { openReconciliation } from './run.ts';
import type { RunRow } from './run-store.ts';

const hourMs = 3_600_000;
const hoursFromNow = (hours: number): Date => new Date(Date.now() + hours * hourMs);

const counts = (run: RunRow) => [
  run.matched,
  run.missing_in_bank,
  run.missing_in_books,
  run.amount_differs,
  run.duplicate,
];

const brief = (row: BreakRow | undefined) => [
  row?.kind,
  String(row?.booked_amount),
  String(row?.bank_amount),
  row?.state,
  row?.resolution,
];

test('what the bank and the books both have is matched, and nothing is left over', async (t) => {
  const books = await openReconciledBooks(t);
  const person = await books.openAccount();
  const paid = await books.pay(person, 'deposit', 500n, approved);
  const taken = await books.pay(person, 'withdrawal', 100n, approved);
  const run = await books.importLines(
    lineOf(paid, { amountMinor: 500n }),
    lineOf(taken, { amountMinor: -100n }),
  );
  assert.deepEqual(counts(run), [2, 0, 0, 0, 0]);
  assert.deepEqual(await books.breaks(), []);
  await books.assertAudited();
});

/** Each difference: what we have, what the bank says, and how it is told. */
const differences: readonly {
  readonly what: string;
  readonly arrange: (books: ReconciledBooks) => Promise<ReturnType<typeof lineOf>[]>;
  readonly counts: readonly number[];
  readonly told: readonly (string | null)[];
}[] = [
  {
    what: 'money for nobody we know',
    arrange: async () => [lineOf(newPaymentId()), lineOf(newPaymentId(), { reference: 'SALARY' })],
    counts: [0, 0, 2, 0, 0],
    told: ['missing_in_books', '0', '100', 'open', null],
  },
  {
    what: 'money for a payment that we call failed',
    arrange: async (books) => {
      const person = await books.openAccount();
      return [lineOf(await books.pay(person, 'deposit', 100n, declined))];
    },
    counts: [0, 0, 1, 0, 0],
    told: ['missing_in_books', '0', '100', 'open', null],
  },
  {
    what: 'another amount',
    arrange: async (books) => {
      const person = await books.openAccount();
      const id = await books.pay(person, 'deposit', 100n, approved);
      return [lineOf(id, { amountMinor: 90n })];
    },
    counts: [0, 0, 0, 1, 0],
    told: ['amount_differs', '100', '90', 'open', null],
  },
  {
    what: 'the other direction',
    arrange: async (books) => {
      const person = await books.openAccount();
      const id = await books.pay(person, 'deposit', 100n, approved);
      return [lineOf(id, { amountMinor: -100n })];
    },
    counts: [0, 0, 0, 1, 0],
    told: ['amount_differs', '100', '-100', 'open', null],
  },
  {
    what: 'the same payment twice',
    arrange: async (books) => {
      const person = await books.openAccount();
      const id = await books.pay(person, 'deposit', 100n, approved);
      return [lineOf(id), lineOf(id)];
    },
    counts: [1, 0, 0, 0, 1],
    told: ['duplicate', '100', '200', 'open', null],
  },
  {
    what: 'the end of a payment whose outcome we did not know',
    arrange: async (books) => {
      const person = await books.openAccount();
      return [lineOf(await books.pay(person, 'deposit', 100n, unknown))];
    },
    counts: [0, 0, 1, 0, 0],
    told: ['missing_in_books', '0', '100', 'resolved', 'settled'],
  },
  {
    what: 'another amount for a payment whose outcome we do not know',
    arrange: async (books) => {
      const person = await books.openAccount();
      return [lineOf(await books.pay(person, 'deposit', 70n, unknown))];
    },
    counts: [0, 0, 0, 1, 0],
    told: ['amount_differs', '0', '100', 'open', null],
  },
];

for (const { what, arrange, counts: expected, told } of differences)
  for (const write of [csvOf, camt053Of])
    test(`${what}, told by a statement (${write.name}), is one break`, async (t) => {
      const books = await openReconciledBooks(t);
      const lines = await arrange(books);
      const result = await books.importText(write(lines));
      assert.equal(result.kind, 'complete');
      assert.deepEqual(counts(result.run), expected);
      const breaks = await books.breaks();
      assert.ok(breaks.length > 0);
      for (const row of breaks) assert.deepEqual(brief(row), told);
      await books.assertAudited();
    });

test('a line in another currency than its payment is money for nobody', async (t) => {
  const books = await openReconciledBooks(t);
  const id = await books.pay(await books.openAccount(), 'deposit', 100n, approved);
  const run = await books.importText(csvOf([lineOf(id)]).replace('USD', 'EUR'));
  assert.equal(run.kind, 'complete');
  assert.deepEqual(counts(run.run), [0, 0, 1, 0, 0]);
  assert.equal((await books.breaks())[0]?.payment_id, null);
  await books.assertAudited();
});

test('the statement ends an unfinished withdrawal: the funds are taken, not held', async (t) => {
  const books = await openReconciledBooks(t);
  const person = await books.openAccount(500n);
  const id = await books.pay(person, 'withdrawal', 200n, unknown);
  await books.importLines(lineOf(id, { amountMinor: -200n, bankTransactionId: 'bank-7' }));
  assert.equal(await books.statusOf(id), 'SUCCESS');
  assert.deepEqual(await books.balanceOf(person), { balance: 300n, held: 0n });
  await books.assertAudited();
});

test('what a bank without deduplication paid twice is settled once, and the rest is a duplicate', async (t) => {
  const books = await openReconciledBooks(t);
  const person = await books.openAccount();
  const id = await books.pay(person, 'deposit', 100n, unknown);
  const run = await books.importLines(lineOf(id), lineOf(id));
  assert.deepEqual(counts(run), [1, 0, 0, 0, 1]);
  assert.equal(await books.statusOf(id), 'SUCCESS');
  const [open] = await books.breaks();
  assert.deepEqual(brief(open), ['duplicate', '0', '200', 'open', null]);
  assert.ok(open !== undefined);
  const corrected = await books.decide(open.id);
  assert.equal(corrected.kind, 'resolved');
  // Only the second one: the first was booked when the payment ended.
  assert.deepEqual(await books.balanceOf(person), { balance: 200n, held: 0n });
  await books.assertAudited();
});

/** About the hours around now, written an hour from now. */
const around = (lines: readonly ReturnType<typeof lineOf>[]): string =>
  camt053Of(lines, {
    period: { from: hoursFromNow(-2), to: hoursFromNow(2) },
    createdAt: hoursFromNow(1),
  });

test('a payment that the statement should have and has not is missing in the bank', async (t) => {
  const books = await openReconciledBooks(t);
  const person = await books.openAccount();
  const told = await books.pay(person, 'deposit', 100n, approved);
  const missed = await books.pay(person, 'deposit', 100n, approved);
  await books.pay(person, 'deposit', 100n, unknown);
  await books.pay(person, 'deposit', 100n, declined);
  const result = await books.importText(around([lineOf(told)]));
  assert.equal(result.kind, 'complete');
  assert.deepEqual(counts(result.run), [1, 1, 0, 0, 0]);
  const [found, ...others] = await books.breaks();
  assert.deepEqual(others, []);
  assert.equal(found?.payment_id, missed);
  assert.deepEqual(brief(found), ['missing_in_bank', '100', '0', 'open', null]);
  // The next statement has it after all.
  await books.importLines(lineOf(missed));
  assert.deepEqual(brief((await books.breaks())[0]), [
    'missing_in_bank',
    '100',
    '0',
    'resolved',
    'settled',
  ]);
  await books.assertAudited();
});

test('a payment at the edge of a statement is missed only once its neighbour is here', async (t) => {
  const books = await openReconciledBooks(t);
  const id = await books.pay(await books.openAccount(), 'deposit', 100n, approved);
  // It was submitted before midnight, and booked after it.
  await books.sql('ALTER TABLE payment_state DISABLE TRIGGER USER');
  const [row] = await books.sql<{ midnight: Date }>(
    `UPDATE payment_state SET first_submit_at = updated_at - interval '2 min'
      WHERE payment_id = $1 RETURNING updated_at - interval '1 min' AS midnight`,
    [id],
  );
  await books.sql('ALTER TABLE payment_state ENABLE TRIGGER USER');
  assert.ok(row !== undefined);
  const { midnight } = row;
  const dayBefore = { from: hoursFromNow(-24), to: midnight };
  const dayAfter = { from: midnight, to: hoursFromNow(24) };
  const first = await books.importText(camt053Of([], { period: dayBefore }));
  assert.equal(first.kind, 'complete');
  assert.deepEqual(counts(first.run), [0, 0, 0, 0, 0]);
  const second = await books.importText(
    camt053Of([], { period: dayAfter, createdAt: hoursFromNow(1) }),
  );
  assert.equal(second.kind, 'complete');
  assert.deepEqual(counts(second.run), [0, 1, 0, 0, 0]);
  await books.assertAudited();
});

test('the same file twice changes nothing, and answers with the first run', async (t) => {
  const books = await openReconciledBooks(t);
  const id = await books.pay(await books.openAccount(), 'deposit', 100n, declined);
  const text = csvOf([lineOf(id), lineOf(newPaymentId())]);
  const first = await books.importText(text);
  const before = await everything(books);
  const second = await books.importText(text);
  assert.equal(first.kind, 'complete');
  assert.equal(second.kind, 'known');
  assert.deepEqual(second.run, first.run);
  assert.deepEqual(await everything(books), before);
});

async function everything(books: ReconciledBooks): Promise<unknown> {
  const tables: unknown[] = [];
  for (const table of [
    'bank_statements',
    'bank_statement_lines',
    'breaks',
    'postings',
    'audit_log',
  ])
    tables.push(await books.sql(`SELECT * FROM ${table} ORDER BY 1, 2`));
  return tables;
}

test('files that overlap tell one difference once, and see each other', async (t) => {
  const books = await openReconciledBooks(t);
  const id = await books.pay(await books.openAccount(), 'deposit', 100n, approved);
  const strange = lineOf(newPaymentId());
  const wrong = lineOf(await books.pay(await books.openAccount(), 'deposit', 50n, approved));
  await books.importLines(lineOf(id, { bankTransactionId: 'one' }), strange, wrong);
  assert.equal((await books.breaks()).length, 2);
  const again = await books.importLines(strange, wrong, lineOf(id, { bankTransactionId: 'two' }));
  // The second movement is a duplicate only because the first file had the first.
  assert.deepEqual(counts(again), [0, 0, 1, 1, 1]);
  const breaks = await books.breaks();
  assert.deepEqual(breaks.map((row) => row.kind).toSorted(), [
    'amount_differs',
    'duplicate',
    'missing_in_books',
  ]);
  await books.assertAudited();
});

test('a malformed file leaves nothing behind, however late its fault comes', async (t) => {
  const books = await openReconciledBooks(t);
  const lines = Array.from({ length: 3_000 }, () => lineOf(newPaymentId()));
  const text = csvOf(lines).replace(/\r\n$/, '\r\nbroken\r\n');
  const result = await books.importText(text);
  assert.deepEqual(result, {
    kind: 'malformed',
    faults: [{ line: 3_002, entry: null, detail: 'has 1 fields, not 6' }],
  });
  const again = await books.importText(csvOf([...lines.slice(0, 5), ...lines.slice(0, 1)]));
  assert.equal(again.kind, 'malformed');
  for (const table of ['bank_statements', 'bank_statement_lines', 'breaks'])
    assert.deepEqual(await books.sql(`SELECT * FROM ${table}`), []);
});

test('no more than twenty faults are told', async (t) => {
  const books = await openReconciledBooks(t);
  const lines = Array.from({ length: 100 }, () => lineOf(newPaymentId()));
  const result = await books.importText(csvOf(lines).replaceAll('USD', 'ABC'));
  assert.equal(result.kind, 'malformed');
  assert.equal(result.faults.length, 20);
});

const steps = ['keep', 'match', 'settle', 'miss'] as const;
for (const step of steps)
  test(`a run that dies after "${step}" goes on with the same file, and counts for nobody until then`, async (t) => {
    const books = await openReconciledBooks(t);
    const person = await books.openAccount();
    const ended = await books.pay(person, 'deposit', 100n, unknown);
    const twice = await books.pay(person, 'deposit', 100n, approved);
    const text = csvOf([lineOf(ended), lineOf(twice), lineOf(newPaymentId())]);
    const dying = books.importText(text, {
      onProgress: (progress) => {
        if (progress.step === step) throw new Error('killed');
      },
    });
    await assert.rejects(dying, /killed/);
    const [left] = await books.sql<RunRow>('SELECT * FROM bank_statements');
    assert.equal(left?.state, 'interrupted');
    // Its line is not a movement for others yet.
    const other = await books.importLines(lineOf(twice, { bankTransactionId: 'other' }));
    assert.deepEqual(counts(other), [1, 0, 0, 0, 0]);
    const result = await books.importText(text);
    assert.equal(result.kind, 'complete');
    assert.equal(result.run.id, left.id);
    assert.equal(await books.statusOf(ended), 'SUCCESS');
    const kinds = (await books.breaks()).map((row) => `${row.kind} ${row.state}`);
    assert.ok(kinds.includes('missing_in_books resolved'));
    assert.ok(kinds.includes('missing_in_books open'));
    await books.assertAudited();
  });

test('two runs of one bank at a time are one too many; after a lease that ended the next may go on', async (t) => {
  const books = await openReconciledBooks(t);
  const text = csvOf([lineOf(newPaymentId())]);
  const other = csvOf([lineOf(newPaymentId())]);
  const inside: string[] = [];
  const first = await books.importText(text, {
    onProgress: ({ step }) => {
      if (step === 'keep') inside.push('kept');
    },
  });
  assert.equal(first.kind, 'complete');
  // A run that a dead process left behind.
  await books.sql(
    `INSERT INTO bank_statements (id, bank, format, digest, period_from, period_to, line_count,
                                  imported_by, started_at, state, worker, lease_until)
     VALUES (gen_random_uuid(), 'scripted', 'csv', sha256('x'), now() - interval '1 h', now(), 1,
             'cli:test', now(), 'running', gen_random_uuid(), now() + interval '1 min')`,
  );
  assert.deepEqual(await books.importText(other), { kind: 'busy' });
  await books.sql(`UPDATE bank_statements SET lease_until = now() - interval '1 s'
                    WHERE state = 'running'`);
  assert.equal((await books.importText(other)).kind, 'complete');
});

test('a run that lost its lease to another writes nothing more', async (t) => {
  const books = await openReconciledBooks(t);
  const id = await books.pay(await books.openAccount(), 'deposit', 100n, unknown);
  const reconcile = openReconciliation({
    ...books.reconciliation,
    resolve: async () => {
      await books.sql('UPDATE bank_statements SET worker = gen_random_uuid()');
      return [];
    },
  });
  const result = await reconcile(statementOf(csvOf([lineOf(id)])));
  assert.deepEqual(result, { kind: 'busy' });
  const [run] = await books.sql<RunRow>('SELECT * FROM bank_statements');
  assert.equal(run?.state, 'running');
  assert.equal(run?.completed_at, null);
});
