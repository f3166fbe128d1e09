import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { present } from '../../src/assert.ts';
import { bankReference, newPaymentId, type PaymentId } from '../../src/ids.ts';
import { type BankControl, openBankControl } from '../support/bank-control.ts';
import { newOrder, submitOrder } from '../support/bank-orders.ts';
import type { Person } from '../support/books.ts';
import { listMovements } from '../support/proof.ts';
import { openReconciledBooks, type ReconciledBooks } from '../support/reconciled-books.ts';
import { approved, declined, unknown } from '../support/scripted-bank.ts';
import { startTestSimulator } from '../support/simulator.ts';

/**
 * A real simulated bank moves money and writes its own statement of it, while our books were told
 * another story about each payment: only the statement can bring the two together.
 */
interface Scene {
  readonly books: ReconciledBooks;
  readonly control: BankControl;
  readonly url: string;
  /** The bank itself carries it out, whatever our books were told. */
  readonly move: (id: PaymentId, kind?: 'deposit' | 'withdrawal', minor?: bigint) => Promise<void>;
  readonly statement: (format: 'csv' | 'camt053') => Promise<string>;
}

async function openScene(t: TestContext): Promise<Scene> {
  const simulator = await startTestSimulator();
  t.after(simulator.stop);
  const { url } = simulator;
  const control = await openBankControl(url);
  return {
    books: await openReconciledBooks(t),
    control,
    url,
    move: async (id, kind = 'deposit', minor = 100n) => {
      const order = newOrder({ reference: bankReference(id), kind, amount: minor.toString() });
      const { status, text } = await submitOrder(url, order);
      assert.equal(status, 200, text);
    },
    statement: async (format) => {
      const { files } = await control.writeStatements();
      const file = files.find((name) => name.endsWith(format === 'csv' ? '.csv' : '.xml'));
      return readFile(present(file, 'both formats are written'), 'utf8');
    },
  };
}

/** One payment of each difference; who has read the table knows what the statement must say. */
async function arrange({ books, move, control }: Scene, person: Person): Promise<void> {
  await move(await books.pay(person, 'deposit', 100n, approved));
  // The bank paid, and we call it failed.
  await move(await books.pay(person, 'deposit', 100n, declined));
  // The bank paid, and we do not know.
  await move(await books.pay(person, 'deposit', 100n, unknown));
  await move(await books.pay(person, 'withdrawal', 30n, unknown), 'withdrawal', 30n);
  // The bank paid less than we booked.
  await move(await books.pay(person, 'deposit', 100n, approved), 'deposit', 90n);
  // The bank paid twice, and says so only in its statement.
  const twice = await books.pay(person, 'deposit', 100n, approved);
  await control.setScenario({ scenario: 'dup-charges' });
  await move(twice);
  await move(twice);
  await control.setScenario();
  // The bank paid for somebody we do not know.
  await move(newPaymentId());
  // We booked it, and the bank never saw it: between others, so that the statement is about its
  // time.
  await books.pay(person, 'deposit', 100n, approved);
  await move(await books.pay(person, 'deposit', 100n, approved));
}

for (const format of ['csv', 'camt053'] as const)
  test(`the bank's own statement (${format}) brings the books to what the bank moved`, async (t) => {
    const scene = await openScene(t);
    const { books } = scene;
    const person = await books.openAccount();
    await arrange(scene, person);
    const text = await scene.statement(format);
    const result = await books.importText(text);
    assert.equal(result.kind, 'complete');
    const { matched, missing_in_books, amount_differs, duplicate, missing_in_bank } = result.run;
    // The first of the two movements is the payment's own.
    assert.deepEqual([matched, missing_in_books, amount_differs, duplicate], [3, 4, 1, 1]);
    assert.equal(missing_in_bank, 1);
    const again = await books.importText(text);
    assert.equal(again.kind, 'known');

    for (const row of await books.breaks())
      if (row.state === 'open') assert.equal((await books.decide(row.id)).kind, 'resolved');
    await proveSameMoney(scene);
    await books.assertAudited();
  });

/**
 * Every cent that the bank moved is in our books, and no other: its ledger against our clearing.
 */
async function proveSameMoney({ books, url }: Scene): Promise<void> {
  const movements = await listMovements(url);
  const moved = movements.reduce(
    (sum, { kind, amount }) => sum + (kind === 'deposit' ? BigInt(amount) : -BigInt(amount)),
    0n,
  );
  const [clearing] = await books.sql<{ total: string }>(
    `SELECT -sum(p.amount)::bigint AS total FROM postings p
       JOIN accounts a ON a.id = p.account_id AND a.kind = 'clearing'`,
  );
  assert.equal(clearing?.total, moved.toString());
}
