import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineOf, openReconciledBooks } from '../../test/support/reconciled-books.ts';
import { approved, unknown } from '../../test/support/scripted-bank.ts';
import { csvOf } from '../../test/support/statements.ts';

test('a payment that ends between the look of a run and its settling leaves no break open', async (t) => {
  const books = await openReconciledBooks(t);
  const person = await books.openAccount();
  const id = await books.pay(person, 'deposit', 100n, unknown);
  const text = csvOf([lineOf(id)]);
  const onProgress = ({ step }: { readonly step: string }): void => {
    if (step === 'match') throw new Error('the process dies');
  };
  await assert.rejects(books.importText(text, { onProgress }), /the process dies/);
  assert.deepEqual(
    (await books.breaks()).map(({ kind, state }) => [kind, state]),
    [['missing_in_books', 'open']],
  );
  // An inquiry is faster than the run that goes on.
  await books.resolve([{ paymentId: id, source: 'callback', outcome: approved }]);
  assert.equal((await books.importText(text)).kind, 'complete');
  assert.deepEqual(
    (await books.breaks()).map(({ state, resolution }) => [state, resolution]),
    [['resolved', 'settled']],
  );
  assert.deepEqual(await books.balanceOf(person), { balance: 100n, held: 0n });
  await books.assertAudited();
});

test('what the bank moved and took back ends no payment: nothing of it is here', async (t) => {
  const books = await openReconciledBooks(t);
  const person = await books.openAccount(500n);
  for (const [kind, amountMinor] of [
    ['deposit', 100n],
    ['withdrawal', -100n],
  ] as const) {
    const id = await books.pay(person, kind, 100n, unknown);
    const back = lineOf(id, { amountMinor: -amountMinor });
    await books.importLines(lineOf(id, { amountMinor }), back);
    assert.equal(await books.statusOf(id), 'PROCESSING');
  }
  assert.deepEqual(await books.balanceOf(person), { balance: 500n, held: 100n });
  assert.deepEqual(
    (await books.breaks()).map(({ bank_amount, state }) => [bank_amount, state]),
    [
      ['0', 'open'],
      ['0', 'open'],
    ],
  );
  await books.assertAudited();
});
